"""The forms of a service with their fields, and what its addresses are asked: found, not listed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

import relying_services
from relying_services.service.app import service_of
from tests.relying_services.every_service import Served

_ASKED = re.compile(
    r'(?:args\.get|args\.getlist|number_asked)\(\s*"(\w+)"|"(\w+)" in request\.args'
)
_OF_CHANCE = {"csrf", "once"}


@dataclass(frozen=True, order=True)
class Form:
    """A form of a page, by where it leads, and its fields with what they hold."""

    action: str
    method: str
    fields: tuple[tuple[str, str], ...]

    @property
    def kind(self) -> str:
        """The same for forms of one page with another thing on it."""
        return self.action.split("/")[1]


class _Page(HTMLParser):
    """Forms and links of a page; of a list the last choice, so that each list is answered."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, str, dict[str, str]]] = []
        self.links: set[str] = set()
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "a" and told.get("href", "").startswith("/"):
            self.links.add(told["href"].partition("#")[0])
        if tag == "form":
            self.forms.append((told.get("action", ""), told.get("method", "get"), {}))
        elif self.forms:
            self._field(tag, told)

    def _field(self, tag: str, told: dict[str, str]) -> None:
        fields = self.forms[-1][2]
        if tag == "option" and self._select:
            fields[self._select] = told.get("value", "") or fields[self._select]
        elif told.get("name") and tag in {"input", "textarea", "select", "button"}:
            fields[told["name"]] = told.get("value", "")
            self._select = told["name"] if tag == "select" else ""


def parameters(served: Served) -> list[str]:
    """Names that the code of a service, or of the kit, looks for in an address."""
    found: set[str] = set()
    for package in ("service", service_of(served.app).kind.name):
        for path in (Path(str(relying_services.__path__[0])) / package).rglob("*.py"):
            found |= {name for each in _ASKED.findall(path.read_text()) for name in each if name}
    return sorted(found)


def forms_of(served: Served, browser: FlaskClient, filled: Mapping[str, str]) -> list[Form]:
    """Every form of every page that a browser is shown, and of those that they link to.

    Args:
        served: the service.
        browser: of who looks.
        filled: what fields hold, by name; the others hold what the page says.
    """
    seen: dict[str, Any] = {}
    first = [each.path for each in served.addresses() if _is_page(each.endpoint, each.method)]
    linked = [link for page in _read(browser, first, seen) for link in sorted(page.links)]
    pages = [*seen.values(), *_read(browser, linked, seen)]
    return sorted(
        {
            Form(action, method, tuple(sorted({**fields, **_known(fields, filled)}.items())))
            for page in pages
            for action, method, held in page.forms
            for fields in [{k: v for k, v in held.items() if k not in _OF_CHANCE}]
        }
    )


def _is_page(endpoint: str, method: str) -> bool:
    return method == "GET" and not endpoint.startswith(("design", "api.", "sign_in.l"))


def _read(browser: FlaskClient, addresses: list[str], seen: dict[str, Any]) -> Iterator[_Page]:
    for address in addresses:
        if address in seen or address.startswith("/design"):
            continue
        answer = browser.get(address, buffered=True)
        page = seen[address] = _Page()
        if answer.mimetype == "text/html":
            page.feed(answer.text)
        yield page


def _known(fields: Mapping[str, str], filled: Mapping[str, str]) -> dict[str, str]:
    return {name: filled[name] for name in fields if name in filled}
