"""One Pro Santé Connect for a test: people, services, phones, cards, clock, faults, recorder.

psc.client("my-app", redirect_uris=["http://localhost:5000/callback"])
person = psc.person(profession="10")
psc.phone(person)
login = psc.login("http://localhost:5000/login", person)
"""

import contextlib
import secrets
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from wallet_sim.behaviours.acting_phone import Snapshot
from wallet_sim.behaviours.sight import DevSight
from wallet_sim.dev_provider import DevelopmentRefused, DevProvider, DevProviderRefused
from wallet_sim.errors import NoAnswer
from wallet_sim.harness.browser import Browser
from wallet_sim.harness.clients import Client, ClientCertificate, Clients
from wallet_sim.harness.clock import ProviderClock
from wallet_sim.harness.faults import Faults
from wallet_sim.harness.login import Hands, Login, LoginResult, Manner, Means
from wallet_sim.harness.outbox import Outbox
from wallet_sim.harness.people import People, Person, require_person
from wallet_sim.harness.phones import HeldPhone, Phones
from wallet_sim.harness.playwright_login import PageLogin, is_page
from wallet_sim.harness.running import RunningProvider
from wallet_sim.harness.sent import Sent
from wallet_sim.harness.sites import Connections, Web, site_of

if TYPE_CHECKING:
    from wallet_sim.harness.cards import Cards, HeldCard

REALM_PATH = "/auth/realms/esante-wallet"
DEFAULT_PIN = "4826"


class Psc:
    """One issuer of a `--dev` provider, and everybody around it.

    Args:
        base_url: the issuer's address: a provider, or a realm below one.
        secret: the provider's start-up secret.
        folder: where the files of phones and cards lie.
        ca: authority of the provider's TLS, for cards.

    Attributes:
        provider: its development addresses; `ask` is the generic call.
        clients: its services.
        people: those who sign in.
        phones: their phones.
        clock: its clock.
        faults: what it is asked to do wrong.
        sent: what services sent, and the mistakes found in it.
        outbox: the mails, SMS and letters that it sent.
        ca: the authority of its TLS (PEM), for what calls `mtls_endpoint_aliases`.
    """

    def __init__(self, base_url: str, secret: str, folder: Path, *, ca: Path | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self.secret = secret
        self.provider = DevProvider(self.base_url, secret)
        self.clients = Clients(self.provider, folder / "clients")
        self.people = People(self.provider)
        self.phones = Phones(self.provider, folder / "phones", DevSight(self.provider))
        self.clock = ProviderClock(self.provider)
        self.faults = Faults(self.provider)
        self.sent = Sent(self.provider)
        self.outbox = Outbox(self.provider)
        self._folder, self.ca = folder, ca
        self._kept: dict[str, tuple[dict[str, Snapshot], dict[str, bytes]]] = {}
        self._connections = Connections(ca)

    @classmethod
    @contextlib.contextmanager
    def in_realm(cls, server: RunningProvider, folder: Path, name: str = "") -> "Iterator[Psc]":
        """A new issuer of its own on a server that runs; it is removed with the block.

        Args:
            server: the provider.
            folder: where the files of phones and cards lie.
            name: lower-case letters, digits and hyphens; drawn where none is given.

        Raises:
            DevelopmentRefused: the name is no name, or the server has as many realms as it may.
        """
        called = name or f"test-{secrets.token_hex(8)}"
        root = DevProvider(server.base_url, server.secret)
        root.ask("PUT", f"realms/{called}")
        try:
            with cls(server.realm(called), server.secret, folder, ca=server.ca) as psc:
                yield psc
        finally:
            with contextlib.suppress(NoAnswer):  # of a provider that is gone, nothing is left
                root.ask("DELETE", f"realms/{called}")
            root.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End phones, cards and connections; the issuer stays."""
        self.phones.close()
        if self._has_cards():
            self.cards.close()
        self._connections.close()
        self.provider.close()

    @cached_property
    def cards(self) -> "Cards":
        """The cards of its people."""
        from wallet_sim.harness.cards import Cards  # noqa: PLC0415 - half of all that is imported

        return Cards(self.provider, self._folder / "cards", self.ca)

    @property
    def issuer(self) -> str:
        """`iss` of its tokens."""
        return self.base_url + REALM_PATH

    @property
    def discovery_url(self) -> str:
        """Where a service learns of it; the path is Pro Santé Connect's own."""
        return f"{self.issuer}/.well-known/wallet-openid-configuration"

    def client(self, client_id: str, redirect_uris: Sequence[str], **metadata: Any) -> Client:
        """Register a service; see `Clients.register`."""
        return self.clients.register(client_id, redirect_uris, **metadata)

    def certificate(self, client: Client | str) -> ClientCertificate:
        """Make a client certificate of a service; see `Clients.certificate`."""
        return self.clients.certificate(client)

    def person(self, **members: Any) -> Person:
        """Invent somebody; see `People.make`."""
        return self.people.make(**members)

    def phone(self, person: Person, pin: str = DEFAULT_PIN) -> HeldPhone:
        """Activate an e-CPS, which then answers by itself; see `Phones.enrol`."""
        require_person(person)
        return self.phones.enrol(person, pin)

    def card(self, person: Person) -> "HeldCard":
        """Make and activate the card that was ordered for a person; see `Cards.make`."""
        require_person(person)
        return self.cards.make(person)

    def browser(self, service: Any = None, *, language: str = "fr") -> Browser:
        """A browser that knows nobody.

        Args:
            service: the test client of a service that does not listen.
            language: `fr` or `en`.
        """
        site = None if service is None else site_of(service)
        return Browser(self.base_url, Web(self._connections), site, language=language)

    def login(
        self,
        service: Any,
        person: Person,
        *,
        at: str = "",
        means: Means = "phone",
        activity: str = "",
        confirms: bool = True,
        gives_up: bool = False,
        patience: float = 20.0,
        browser: Browser | None = None,
    ) -> LoginResult:
        """Sign a person in to a service, as the person and the browser do it.

        Args:
            service: the address that begins a login; or the test client of Flask, Django,
                Starlette, FastAPI or httpx; or a Playwright page (sync).
            person: who signs in, with a phone of `psc.phone` or a card of `psc.card`.
            at: what begins a login: in a test client a path or an address, `/login` by default;
                in a Playwright page an address, else the login goes on from where the page stands.
            means: `phone` or `card`.
            activity: identifier of the activity to act under, where the service asks for one.
            confirms: whether entering a further service with the same session is confirmed.
            gives_up: whether the person goes back to the service when the sign-in failed; the
                service is then told `access_denied`. Else the login fails here.
            patience: seconds of real time to wait for an answer that is still to come.
            browser: one to go on in, as `LoginResult.browser`; a new one by default.

        Returns:
            Where the browser ended, at the service: look at `status`, or `ok`.

        Raises:
            LoginFailed: it never came back to the service; the message tells the whole story.
        """
        require_person(person)
        manner = Manner(person.national_id, means, activity, confirms, gives_up, patience)
        hands = self._hands(person.national_id)
        if is_page(service):
            return PageLogin(service, self.base_url, manner, hands).run(at)
        opened, start = self._start(service, at or "/login", browser)
        return Login(opened, manner, hands).run(start)

    def logout(
        self, service: Any, *, at: str = "/logout", browser: Browser | None = None
    ) -> LoginResult:
        """Sign out of a service, and of the provider where the service asks for it.

        Args:
            service: as for `login`; no Playwright page, in which a test clicks by itself.
            at: path that begins a logout, where `service` is a test client.
            browser: the one that signed in, `LoginResult.browser`.

        Raises:
            LoginFailed: the provider refused the logout.
        """
        opened, start = self._start(service, at, browser)
        return Login(opened, Manner(""), self._hands("")).leave(start)

    def sessions(self, person: Person | None = None) -> list[dict[str, Any]]:
        """The sessions of a person, or all: `sid`, `means`, `live`, `clients`, and more."""
        query: dict[str, Any] = {} if person is None else {"national_id": person.national_id}
        found: list[dict[str, Any]] = self.provider.ask("GET", "sessions", **query)["sessions"]
        return found

    def end_session(self, sid: str) -> None:
        """End a session as an operator does; its services are told by the back channel."""
        self.provider.ask("DELETE", f"sessions/{sid}")
        self.provider.ask("POST", "jobs")

    def events(self, name: str = "", person: Person | None = None) -> list[dict[str, Any]]:
        """The journal, oldest first.

        Args:
            name: of the events, or its beginning up to a colon: `signin:session:`.
            person: of this person alone.
        """
        query: dict[str, Any] = {"event": name} if name else {}
        query |= {"national_id": person.national_id} if person else {}
        found: list[dict[str, Any]] = []
        after = 0
        while page := self.provider.ask("GET", "events", after=after, **query)["events"]:
            found += page
            after = page[-1]["seq"]
        return found

    def identities(self, *only: str) -> list[HeldPhone]:
        """Provide identities whose number alone decides; see `Phones.provide`."""
        return self.phones.provide(only)

    def snapshot(self, name: str) -> None:
        """Keep how everything stands under a name: the provider, and the phones and cards here.

        Raises:
            DevelopmentRefused: the name is no name, or as many are kept as may be.
        """
        held = self.phones.snapshot()
        self.provider.ask("PUT", f"snapshots/{name}")
        self._kept[name] = (held, self.cards.snapshot() if self._has_cards() else {})

    def restore(self, name: str) -> None:
        """Go back to a snapshot; what came after it never was.

        Phones and cards that were not here when it was taken are put away.

        Raises:
            DevelopmentRefused: no snapshot of this name was taken.
        """
        self.provider.ask("POST", f"snapshots/{name}/restoration")
        self._put_back(*self._kept.get(name, ({}, {})))

    def reset(self) -> None:
        """Go back to how the issuer began: phones and cards are gone."""
        self.provider.ask("POST", "reset")
        self._put_back({}, {})

    def _put_back(self, phones: dict[str, Snapshot], cards: dict[str, bytes]) -> None:
        self.phones.restore(phones)
        if self._has_cards():
            self.cards.restore(cards)

    def _has_cards(self) -> bool:
        return "cards" in self.__dict__

    def _start(self, service: Any, at: str, browser: Browser | None) -> tuple[Browser, str]:
        if isinstance(service, str):
            return browser or self.browser(), service
        if browser is not None:
            return browser.beside_service(site_of(service)), at
        return self.browser(service), at

    def _hands(self, national_id: str) -> Hands:
        def show_card(address: str) -> str:
            return self.cards.show(national_id, address)

        return Hands(
            answers_more=lambda: self.phones.answer(national_id),
            did=self.phones.story(national_id),
            show_card=show_card,
            recorded=self._recorded,
        )

    def _recorded(self) -> str:
        try:
            return self.sent.last_refusal() or "no request of the service was refused"
        except (DevelopmentRefused, DevProviderRefused, NoAnswer) as error:
            return str(error)  # a message must not fail for want of a part of it
