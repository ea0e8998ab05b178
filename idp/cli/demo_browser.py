"""A plain browser for the demonstration: cookies, redirects, pages, forms; no JavaScript."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

_MOST_REDIRECTS = 20


@dataclass
class Form:
    """A form of a page, with the values it would send."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass
class Page:
    """Where the browser stands, and what a person sees there."""

    url: str
    status: int
    forms: list[Form] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    """Text of each element that has an id."""
    links: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    """Address of each picture, which may hold it whole (`data:`)."""
    heading: str = ""

    def form_to(self, end: str) -> Form | None:
        """The form that is sent to an address with that end."""
        return next((form for form in self.forms if form.action.endswith(end)), None)

    def form_with(self, name: str) -> Form | None:
        """The form that has a field of that name."""
        return next((form for form in self.forms if name in form.values), None)


class Browser:
    """Visits pages as a person would, one at a time."""

    def __init__(self, *, verify: str | bool = True) -> None:
        self._client = httpx.Client(trust_env=False, timeout=20, verify=verify)
        self._client.headers["Accept-Language"] = "fr"

    def visit(self, url: str) -> Page:
        """Open an address and follow where it leads."""
        return self._arrive(self._client.get(url))

    def read_text(self, url: str) -> str:
        """What a file holds that a page offers."""
        return self._client.get(url, follow_redirects=True).raise_for_status().text

    def submit(self, page: Page, form: Form, **values: str | list[str]) -> Page:
        """Fill a form in and send it, from the page it stands on; a list ticks several boxes."""
        address = urljoin(page.url, form.action)
        filled = {**form.values, **values}
        if form.method == "get":
            return self._arrive(self._client.get(address, params=filled))
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": _origin(page.url)}
        return self._arrive(self._client.post(address, data=filled, headers=headers))

    def close(self) -> None:
        """Forget everything."""
        self._client.close()

    def _arrive(self, response: httpx.Response) -> Page:
        for _ in range(_MOST_REDIRECTS):
            if response.next_request is None:
                break
            response = self._client.send(response.next_request)
        return self.read(str(response.url), response.status_code, response.text)

    @staticmethod
    def read(url: str, status: int, text: str) -> Page:
        """What a person finds on a page."""
        reader = _Reader()
        reader.feed(text)
        return Page(
            url=url,
            status=status,
            forms=reader.forms,
            texts={name: " ".join(text.split()) for name, text in reader.texts.items()},
            links=reader.links,
            pictures=reader.pictures,
            heading=" ".join(reader.heading.split()),
        )


def _origin(url: str) -> str:
    parts = httpx.URL(url)
    return f"{parts.scheme}://{parts.netloc.decode()}"


_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})


class _Reader(HTMLParser):
    """Collects the forms of a page, the text of its named elements, and its heading."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.texts: dict[str, str] = {}
        self.links: list[str] = []
        self.pictures: list[str] = []
        self.heading = ""
        self._open: list[tuple[str, str]] = []
        self._select = ""

    def _is_first_option(self) -> bool:
        return not self.forms[-1].values[self._select]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "form":
            method = known.get("method", "get").lower()
            self.forms.append(Form(known.get("action", ""), method))
        if tag == "input" and self.forms and known.get("name"):
            kind = known.get("type", "text")
            if kind not in {"checkbox", "radio"} or "checked" in known:
                self.forms[-1].values[known["name"]] = known.get("value", "")
        if tag == "select" and self.forms and known.get("name"):
            self._select = known["name"]
            self.forms[-1].values[self._select] = ""
        if tag == "option" and self._select and ("selected" in known or self._is_first_option()):
            self.forms[-1].values[self._select] = known.get("value", "")
        if tag == "textarea" and self.forms and known.get("name"):
            self.forms[-1].values[known["name"]] = ""
        if tag == "a" and "href" in known:
            self.links.append(known["href"])
        if tag == "img" and "src" in known:
            self.pictures.append(known["src"])
        if tag not in _VOID:
            self._open.append((tag, known.get("id", "")))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        for tag, name in self._open:
            if name:
                self.texts[name] = self.texts.get(name, "") + data
            if tag == "h1":
                self.heading += data
