"""Where the demonstration takes place: its addresses and secrets, and what a person holds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from idp.cli.demo_browser import Browser, Page
from idp.clock import monotonic

_PATIENCE = 30.0
_LOOK_AGAIN = 0.25


class StepFailed(Exception):
    """A step did not do what it should; the message says what was seen."""


@dataclass(frozen=True)
class Hand:
    """A hand that holds a served phone, or works a card reader: its control address."""

    url: str
    secret: str

    def look(self, what: str) -> dict[str, Any]:
        """What it says of itself."""
        return self._ask("GET", what, None)

    def do(self, action: str, **members: str) -> dict[str, Any]:
        """Do something with it."""
        return self._ask("POST", action, members)

    def _ask(self, method: str, what: str, members: dict[str, str] | None) -> dict[str, Any]:
        answer = httpx.request(
            method,
            f"{self.url}/control/v1/{what}",
            json=members,
            headers={"Ecps-Control-Secret": self.secret},
            trust_env=False,
            timeout=20,
        )
        if answer.status_code != httpx.codes.OK:
            raise StepFailed(f"the phone refused {what}: {answer.text[:300]}")
        told: dict[str, Any] = answer.json()
        return told


@dataclass
class Walk:
    """The addresses and secrets of the demonstration, and where its browser stands."""

    provider: str
    service: str
    console: str
    phone: Hand
    new_phone: Hand
    """A second phone, which the card pairs."""
    reader: Hand
    """The card reader, served with the phones: its address is that of the screen."""
    dev_secret: str
    client: tuple[str, str]
    """Identifier and secret of the service, for what it asks without a browser."""
    make_card: Callable[[str], None]
    """Makes the card of a number, at hand of the reader."""
    tell: Callable[[str], None]
    pause: Callable[[float], None]
    browser: Browser = field(default_factory=Browser)
    page: Page | None = None
    cursor: int = 0
    pushes: int = 0
    auth_req_id: str = ""
    card_code: str = ""
    codes: dict[str, str] = field(default_factory=dict)
    """Code of each card that a story made, by its number."""
    services: dict[str, str] = field(default_factory=dict)
    """Address of each service that trusts the provider, by its client."""
    place: Path = Path()
    """Where databases and logs are written."""

    def message(self, kind: str, *, holding: str = "") -> dict[str, Any]:
        """The next message of the provider's outbox, waited for; ``holding`` names a member."""
        found: dict[str, Any] = self.wait_for(
            f"a message of kind {kind}", lambda: self._next_message(kind, holding)
        )
        return found

    def wait_for(self, what: str, found: Callable[[], Any]) -> Any:
        """Look again until something is found.

        Raises:
            StepFailed: it was not, in time.
        """
        deadline = monotonic() + _PATIENCE
        while monotonic() < deadline:
            result = found()
            if result:
                return result
            self.pause(_LOOK_AGAIN)
        raise StepFailed(f"waited {_PATIENCE:g} s for {what}")

    def at(self, url_start: str, what: str) -> Page:
        """The page the browser stands on, which must be of that address."""
        page = self.page
        if page is None or page.status != httpx.codes.OK or not page.url.startswith(url_start):
            where = f"{page.status} {page.url}: {page.heading}" if page else "nowhere"
            raise StepFailed(f"expected {what}, but the browser is at {where}")
        return page

    def _next_message(self, kind: str, holding: str) -> dict[str, Any] | None:
        answer = httpx.get(
            f"{self.provider}/dev/v1/outbox",
            params={"after": self.cursor},
            headers={"Ecps-Dev-Secret": self.dev_secret},
            trust_env=False,
            timeout=10,
        )
        if answer.status_code != httpx.codes.OK:
            raise StepFailed(f"the outbox answered {answer.status_code}: {answer.text[:200]}")
        for message in answer.json()["messages"]:
            found: dict[str, Any] = message["payload"]
            if message["kind"] == kind and (not holding or found.get(holding)):
                self.cursor = message["id"]
                return found
        return None
