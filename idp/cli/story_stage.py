"""Where a story takes place: the people of it, each with a browser, and one card reader."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import httpx

from idp.cli.demo_browser import Browser, Form, Page
from idp.cli.demo_card_walk import show_card
from idp.cli.demo_processes import run
from idp.cli.demo_services import folder_of
from idp.cli.demo_stage import StepFailed, Walk


@dataclass
class Somebody:
    """A person of the story, with a card and a browser of their own.

    Attributes:
        national_id: of them.
        name: as they are told.
        card: number of their card.
        walk: their browser, and where it stands.
    """

    national_id: str
    name: str
    card: str
    walk: Walk

    @property
    def page(self) -> Page:
        """Where their browser stands."""
        if self.walk.page is None:
            raise StepFailed(f"{self.name} stands nowhere")
        return self.walk.page

    def visit(self, address: str) -> Page:
        """Open an address, and follow where it leads."""
        self.walk.page = self.walk.browser.visit(address)
        return self.walk.page

    def open(self, address: str) -> Page:
        """Open an address, which must be there.

        Raises:
            StepFailed: the browser ended elsewhere, or was refused.
        """
        self.visit(address)
        return self.walk.at(address.partition("?")[0], address)

    def send(self, end: str, **values: str | list[str]) -> Page:
        """Fill in the form of the page that is sent to an address with that end, and send it.

        Raises:
            StepFailed: the page has no such form.
        """
        page = self.page
        form = page.form_to(end)
        if form is None:
            shown = ", ".join(each.action for each in page.forms)
            raise StepFailed(f"{page.url} (“{page.heading}”) has no form to {end}, but to {shown}")
        return self.fill(form, **values)

    def fill(self, form: Form, **values: str | list[str]) -> Page:
        """Fill in a form of the page, and send it."""
        self.walk.page = self.walk.browser.submit(self.page, form, **values)
        return self.walk.page

    def refused(self, code: str) -> str:
        """Why the page on which the browser stands refuses; it must be for this reason.

        Raises:
            StepFailed: it is no refusal, or for another reason.
        """
        page = self.page
        if page.texts.get("error") != code:
            seen = page.texts.get("error") or page.heading
            raise StepFailed(f"expected the refusal {code}, but saw “{seen}” at {page.url}")
        return page.texts.get("meaning", "")

    def done(self, what: str) -> Page:
        """The page after a form that must have been taken.

        Raises:
            StepFailed: it is a refusal.
        """
        page = self.page
        if page.status != httpx.codes.OK:
            seen = page.texts.get("meaning") or page.texts.get("error", "")
            raise StepFailed(f"{what}: {page.status} {page.url}: “{page.heading}” {seen}")
        return page


@dataclass
class Story:
    """The people of a replacement and what they have before them."""

    walk: Walk
    doctor: Somebody
    substitute: Somebody
    stranger: Somebody
    """Whose situation is another one."""
    today: date
    """In France."""
    remembered: dict[str, str] = field(default_factory=dict)

    def address(self, service: str, path: str = "") -> str:
        """Of a service, by its client."""
        return self.walk.services[service] + path

    def tell(self, line: str) -> None:
        """One line of the story."""
        self.walk.tell(line)

    def insert(self, somebody: Somebody) -> None:
        """Put their card into the reader, and type its code there."""
        self.walk.reader.do("card-insert", card=somebody.card)
        self.walk.reader.do("card-code", code=self.walk.codes[somebody.card])

    def sign_in(self, somebody: Somebody, address: str) -> Page:
        """Sign in to a service with the card, from one of its pages on."""
        self.insert(somebody)
        somebody.visit(address)
        return self.show_card(somebody, address)

    def show_card(self, somebody: Somebody, address: str) -> Page:
        """On the provider's page: let the card in the reader sign, or confirm who is known.

        Raises:
            StepFailed: it does not lead to the service.
        """
        walk = somebody.walk
        service = str(httpx.URL(address).copy_with(path="/", query=None))
        page = walk.at(self.walk.provider, "the provider's page")
        confirmation = page.form_to("/confirm")
        if confirmation is not None:
            page = somebody.fill(confirmation, answer="confirm")
        # What has effect asks for the card anew, where it was shown too long ago.
        if page.url.startswith(self.walk.provider):
            show_card(walk, page)
        return walk.at(service, f"the service at {service}")

    def command(self, service: str, *arguments: str) -> str:
        """Run a command of a service on its database; gives what it printed."""
        database = f"sqlite:///{folder_of(self.walk.place) / f'{service}.db'}"
        return run(
            [f"relying_services.{service}", *arguments, "--database-url", database], environment={}
        )

    def mail_to(self, service: str, recipient: str) -> dict[str, Any]:
        """The newest mail that a service wrote to somebody.

        Raises:
            StepFailed: it wrote none.
        """
        written = _lines(self.command(service, "messages"))
        mails = [each for each in written if each["recipient"] == recipient]
        if not mails:
            raise StepFailed(f"{service} wrote nothing to {recipient}")
        return mails[-1]

    def trace(self, service: str, sid: str) -> list[dict[str, Any]]:
        """What a service wrote down of a session of the provider, oldest first."""
        return list(_lines(self.command(service, "trace", "--sid", sid)))[::-1]

    def all_of(self, service: str, actor: str) -> list[dict[str, Any]]:
        """What somebody did at a service, newest first."""
        written = _lines(self.command(service, "trace"))
        return [each for each in written if each["actor"] == actor]


def _lines(printed: str) -> Iterator[dict[str, Any]]:
    return (json.loads(line) for line in printed.splitlines())


def somebody(walk: Walk, national_id: str, name: str, card: str) -> Somebody:
    """A person with a browser that nobody else used."""
    return Somebody(national_id, name, card, replace(walk, browser=Browser(), page=None))


def link_in(text: str, start: str) -> str:
    """The address in a text that begins so.

    Raises:
        StepFailed: there is none.
    """
    found = re.search(rf"{re.escape(start)}\S+", text)
    if found is None:
        raise StepFailed(f"no address below {start} in: {text}")
    return found[0].rstrip(".,;)")
