"""The card reader and its agent: a card goes in, its code is typed, it signs in, it comes out.

The agent opens TLS to the provider's card listener with the card signing the handshake, and gives
the browser back the address to go on at (docs/cards.md 4), or answers what software asks (8). The
workstation beside it reads the card and has it sign (9). One card at a time; its file is held for
as long as it is inserted.
"""

import re
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from wallet_sim.approval import require_offered
from wallet_sim.card.card import Card, OpenedCard
from wallet_sim.card.errors import (
    CardAbsent,
    CodeMissing,
    HandleMalformed,
    RedirectRefused,
    RequestGone,
    SignInRefused,
)
from wallet_sim.card.file import SUFFIX, CardState, look
from wallet_sim.card.requests import Agent, Decision
from wallet_sim.card.signed_file import SignedFile, sign_content
from wallet_sim.card.tls import Answer, ClientCertificate, get
from wallet_sim.card.trust import ServerTrust
from wallet_sim.display import Language
from wallet_sim.documents import Challenge
from wallet_sim.encoding import parse_object
from wallet_sim.errors import NoAnswer, PhoneError

_HANDLE = re.compile(r"[A-Za-z0-9_-]{1,200}")
_OK = 200
_FIRST_FAILURE = 500

Inserter = Callable[[Path], AbstractContextManager[Card]]


@dataclass(frozen=True)
class SignIn:
    """A sign-in for which the card was accepted."""

    redirect: str
    """Where the browser that began goes on; worth nothing in another."""
    service: str
    """The name of the service, as the provider tells it."""


class Reader:
    """A card reader.

    Args:
        folder: where the cards at hand lie.
        insert: how a card is held, `wallet_sim.card.card.insert` with its options.
        trust: whom the agent believes to be the listener.
        language: of the provider's messages.
    """

    def __init__(
        self, folder: Path, insert: Inserter, trust: ServerTrust, *, language: Language = "fr"
    ) -> None:
        self._folder = folder
        self._insert = insert
        self._trust = trust
        self.language: Language = language
        self._lock = threading.RLock()
        self._slot = ExitStack()
        self._card: Card | None = None
        self._opened: OpenedCard | None = None
        self._requests: dict[str, Challenge] = {}
        """Those that were shown with the card that is inserted, by their id."""
        self.service = ""
        """The service of the last sign-in with the card that is inserted."""

    def cards(self) -> list[CardState]:
        """The cards at hand, by number; files that are no cards are left out."""
        found = []
        for path in sorted(self._folder.glob(f"*{SUFFIX}")):
            try:
                found.append(look(path))
            except PhoneError:
                continue
        return found

    @property
    def inserted(self) -> CardState | None:
        """The card in the reader."""
        return self._card.state if self._card else None

    @property
    def is_open(self) -> bool:
        """Whether the inserted card's code was typed."""
        return self._opened is not None

    def insert(self, number: str) -> CardState:
        """Insert a card at hand; the one that was in comes out.

        Raises:
            CardAbsent: none has this number.
            CardInUse: another process holds it.
        """
        with self._lock:
            if self._card is not None and self._card.state.number == number:
                return self._card.state
            self.remove()
            self._card = self._slot.enter_context(self._insert(self._path(number)))
            return self._card.state

    def remove(self) -> None:
        """Take the card out: its keys are locked again."""
        with self._lock:
            self._card = self._opened = None
            self._requests = {}
            self.service = ""
            self._slot.close()

    def close(self) -> None:
        """The reader is switched off."""
        self.remove()

    def enter_code(self, code: str) -> None:
        """Type the code of the inserted card.

        Raises:
            WrongCode: `tries_left`.
            CodeBlocked: no try is left.
        """
        with self._lock:
            self._opened = None
            self._opened = self._in_slot().enter_code(code)

    def unblock(self, unblock_code: str, new_code: str) -> None:
        """Type the unblocking code of the inserted card, and a new code.

        Raises:
            WrongUnblockCode: `tries_left`.
            UnblockBlocked: no try is left.
        """
        with self._lock:
            self._opened = None
            self._opened = self._in_slot().unblock(unblock_code, new_code)

    def change_code(self, code: str, new_code: str) -> None:
        """Type the code of the inserted card, and a new one.

        Raises:
            WrongCode: `tries_left`.
            CodeBlocked: no try is left.
        """
        with self._lock:
            self._opened = None
            self._opened = self._in_slot().change_code(code, new_code)

    def activate(self) -> str:
        """Activate the inserted card, whose code was typed (CP-07); gives its state.

        Raises:
            TransitionRefused: its state forbids it.
        """
        with self._lock:
            return self._unlocked().activate()

    def sign_in(self, handle: str) -> SignIn:
        """Show the card to the provider for the sign-in of this handle.

        Raises:
            CodeMissing: the card waits for its code.
            SignInRefused: `reason` and `detail`.
            RedirectRefused: the answer leads away from the provider.
        """
        with self._lock:
            done = sign_in(self._unlocked(), handle, self._trust, self.language)
            self.service = done.service
            return done

    def read(self) -> CardState:
        """What the chip of the inserted card holds, whose code was typed.

        Raises:
            CardAbsent: no card is inserted.
            CodeMissing: the card waits for its code.
        """
        with self._lock:
            return self._unlocked().state

    def sign(self, content: bytes) -> SignedFile:
        """The holder's signature over some content (CP-14), by the card whose code was typed.

        Raises:
            CardAbsent: no card is inserted.
            CodeMissing: the card waits for its code.
        """
        with self._lock:
            return sign_content(self._unlocked(), content)

    def waiting(self) -> list[Challenge]:
        """The requests of software that wait for the inserted card, newest first.

        Raises:
            CodeMissing: the card waits for its code.
            RequestRefused: `reason` and `detail`.
        """
        with self._lock:
            found = self._agent().waiting()
            self._requests = {each.challenge_id: each for each in found}
            return found

    def answer(
        self, challenge_id: str, decision: Decision, number: str | None, *, code: str
    ) -> str:
        """Answer a request as it was shown; gives `approved` or `refused`.

        The code is typed for each answer, so that a card left in its reader answers nothing.

        Raises:
            RequestGone: no such request was shown; the code was not looked at.
            NumberNotOffered: the request offers another; the code was not looked at.
            WrongCode: `tries_left`.
            CodeBlocked: no try is left.
            RequestRefused: `reason` and `detail`.
        """
        with self._lock:
            challenge = self._requests.get(challenge_id)
            if challenge is None:
                raise RequestGone("this request waits no longer")
            if decision == "approve":
                require_offered(challenge, number)
            self.enter_code(code)
            outcome = self._agent().answer(challenge, decision, number)
            del self._requests[challenge_id]
            return outcome

    def _agent(self) -> Agent:
        return Agent(self._unlocked(), self._trust, self.language)

    def _path(self, number: str) -> Path:
        for path in self._folder.glob(f"*{SUFFIX}"):
            try:
                if look(path).number == number:
                    return path
            except PhoneError:
                continue
        raise CardAbsent("no card at hand has this number")

    def _in_slot(self) -> Card:
        if self._card is None:
            raise CardAbsent("no card is inserted")
        return self._card

    def _unlocked(self) -> OpenedCard:
        self._in_slot()
        if self._opened is None:
            raise CodeMissing("type the code of the card first")
        return self._opened


def sign_in(card: OpenedCard, handle: str, trust: ServerTrust, language: Language) -> SignIn:
    """Present an open card for a sign-in.

    Raises:
        HandleMalformed: it is no handle.
        SignInRefused: `reason` and `detail`.
        RedirectRefused: the answer leads away from the provider.
        ServerUntrusted, NoAnswer: the listener cannot be believed, or reached.
    """
    if not _HANDLE.fullmatch(handle):
        raise HandleMalformed("what names the sign-in is no handle")
    state = card.state
    shown = ClientCertificate(state.certificates.authentication, card.sign_digest)
    headers = {"Accept": "application/json", "Accept-Language": language}
    answer = get(f"{state.card_base_url}/card/{handle}", shown, trust, headers)
    told = _members(answer)
    if answer.status != _OK:
        detail = str(told.get("detail") or told.get("title") or answer.status)
        service = told.get("service")
        raise SignInRefused(str(told.get("code")), detail, str(service) if service else None)
    redirect = str(told.get("redirect"))
    if not _lies_under(redirect, state.sites):
        raise RedirectRefused("the answer leads away from the card's provider")
    return SignIn(redirect, str(told.get("service", "")))


def handle_of(address: str) -> str:
    """The handle in the address of the reader's page, or of the card's own address.

    Raises:
        HandleMalformed: there is none.
    """
    parts = urlsplit(address)
    before, _, last = parts.path.rpartition("/")
    in_path = last if before.endswith("/card") else ""
    given = parse_qs(parts.query).get("h", [in_path])[0]
    if not _HANDLE.fullmatch(given):
        raise HandleMalformed("this address names no sign-in")
    return given


def _members(answer: Answer) -> dict[str, Any]:
    if answer.status >= _FIRST_FAILURE or not answer.kind.endswith("json"):
        raise NoAnswer(f"the provider answered {answer.status} without saying why")
    try:
        return parse_object(answer.body)
    except ValueError as error:
        raise NoAnswer("the provider's answer is not readable") from error


def _lies_under(address: str, sites: list[str]) -> bool:
    """Whether an address has the origin of a site, and its path below the site's."""
    given = urlsplit(address)
    if "\\" in address or ".." in given.path or given.username is not None:
        return False
    for site in map(urlsplit, sites):
        same = (given.scheme, given.netloc) == (site.scheme, site.netloc)
        if same and given.path.startswith(site.path.rstrip("/") + "/"):
            return True
    return False
