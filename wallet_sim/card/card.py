"""A simulated card: inserted, opened with its code, removed.

    with insert(Path("9900001.card")) as card:
        opened = card.enter_code("1234")
        opened.activate()
        opened.sign(b"ordonnance")

Neither `K` nor a code is ever written; the counters are on disk before anything is asked.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from wallet_sim.card import file_keys, lock, pkcs11_keys
from wallet_sim.card.content import open_content
from wallet_sim.card.errors import CodeBlocked, UnblockBlocked
from wallet_sim.card.file import CardFile, CardState, FileBackend, HeldCard, Kind
from wallet_sim.card.keys import CardKeys, sign
from wallet_sim.card.wire import BASE_PATH, SENDINGS, Blocked, Line, Presentation
from wallet_sim.clock import PhoneClock, TimeSource
from wallet_sim.display import Language
from wallet_sim.documents import Challenge
from wallet_sim.transport import Channel, require_safe_address


class OpenedCard:
    """A card whose code was right, until it is removed."""

    def __init__(self, state: CardState, keys: CardKeys, line: Line) -> None:
        self.state = state
        self.keys = keys
        self._line = line

    def sign(self, data: bytes) -> bytes:
        """The holder's electronic signature over some data (CP-14): ECDSA with SHA-256, DER."""
        return sign(self.keys, "signature", data)

    def sign_digest(self, digest: bytes) -> bytes:
        """A signature by the authentication key over 32 bytes of SHA-256, DER.

        Of a handshake, or of an answer to a request (decision 34).
        """
        return self.keys.sign_digest("authentication", digest)

    def open_request(self, text: str) -> Challenge:
        """A request that waits for this card, as the provider signed it.

        Raises:
            DocumentRefused: it is not the provider's, not for this card, or its time is over.
        """
        return self._line.open_request(text)

    def activate(self) -> str:
        """Activate the card (CP-07); gives its state.

        Raises:
            TransitionRefused: its state forbids it.
        """
        return self._line.activate(lambda data: sign(self.keys, "authentication", data))


class Card:
    """A card in a reader: its file is held, its keys are locked."""

    def __init__(self, held: HeldCard, line: Line) -> None:
        self._held = held
        self._line = line
        self._keys: CardKeys | None = None

    @property
    def state(self) -> CardState:
        """What the card's file holds."""
        return self._held.state

    def enter_code(self, code: str) -> OpenedCard:
        """Open the card with its holder's code.

        Raises:
            CodeMalformed: it is no code; no try was taken.
            NoAnswer: the provider cannot be reached.
            WrongCode: `tries_left`.
            CodeBlocked, UnblockBlocked: no try is left.
        """
        key, presentation = self._try("code", code)
        keys = self._unlock(key)
        told = self._line.tell_held(
            presentation.name, lambda data: sign(keys, "authentication", data), None
        )
        self.state.code.tries_left = told.tries_left
        self._held.save()
        return OpenedCard(self.state, keys, self._line)

    def unblock(self, unblock_code: str, new_code: str) -> OpenedCard:
        """Give the card a new holder's code, by its unblocking code.

        Raises:
            CodeMalformed: one of them is no code; no try was taken.
            NoAnswer: the provider cannot be reached.
            WrongUnblockCode: `tries_left`.
            UnblockBlocked: no try is left: the card must be replaced.
        """
        return self._replace_code("unblock", unblock_code, new_code)

    def change_code(self, code: str, new_code: str) -> OpenedCard:
        """Give the card a new holder's code, by the one it has.

        Raises:
            CodeMalformed: one of them is no code; no try was taken.
            NoAnswer: the provider cannot be reached.
            WrongCode: `tries_left`.
            CodeBlocked, UnblockBlocked: no try is left.
        """
        return self._replace_code("code", code, new_code)

    def refresh_content(self) -> dict[str, Any]:
        """Take over what the chip must hold now (CP-12), and give it.

        Raises:
            ContentRefused: the authority did not sign it for this card.
        """
        self._line.find_provider()
        text = self._line.fetch_content()
        content = self._open(text)
        self.state.content = text
        self._held.save()
        return content

    def content(self) -> dict[str, Any]:
        """What the chip holds beside its keys."""
        return self._open(self.state.content)

    def close(self) -> None:
        """Lock the keys again."""
        if self._keys is not None:
            self._keys.close()
            self._keys = None

    def _replace_code(self, kind: Kind, given: str, new_code: str) -> OpenedCard:
        salt = lock.new_salt()
        new_proof = lock.prove("code", new_code, salt)
        key, presentation = self._try(kind, given)
        keys = self._unlock(key)
        told = self._line.tell_held(
            presentation.name, lambda data: sign(keys, "authentication", data), new_proof
        )
        self.state.code = lock.make_seal(
            key,
            told.evaluation or b"",
            number=self.state.number,
            kind="code",
            salt=salt,
            tries=told.tries_left,
        )
        if kind == "unblock":
            self.state.unblock.tries_left = lock.TRIES
        self._held.save()
        return OpenedCard(self.state, keys, self._line)

    def _try(self, kind: Kind, code: str) -> tuple[bytes, Presentation]:
        self.close()
        state = self.state
        seal = state.seal(kind)
        proof = lock.prove(kind, code, seal.salt)
        if seal.tries_left == 0:
            raise lock.blocked(self._held, kind)
        self._line.find_provider()
        lock.take_try(self._held, kind)
        told = self._line.present(kind, proof)
        if isinstance(told, Blocked):
            raise self._blocked(kind, told)
        lock.follow_provider(self._held, kind, told.tries_left)
        key = lock.open_seal(seal, told.evaluation, number=state.number, kind=kind)
        return key, told

    def _blocked(self, kind: Kind, told: Blocked) -> CodeBlocked | UnblockBlocked:
        lock.follow_provider(self._held, kind, 0)
        lock.follow_provider(self._held, "unblock", told.unblock_tries_left)
        return lock.blocked(self._held, kind)

    def _unlock(self, key: bytes) -> CardKeys:
        backend = self.state.backend
        if isinstance(backend, FileBackend):
            self._keys = file_keys.unlock(backend, key)
        else:
            self._keys = pkcs11_keys.unlock(backend, key)
        return self._keys

    def _open(self, text: str) -> dict[str, Any]:
        return open_content(text, chain=self.state.certificates.chain, number=self.state.number)


@contextmanager
def insert(
    path: Path,
    *,
    transport: httpx.BaseTransport | None = None,
    clock: TimeSource | None = None,
    language: Language = "fr",
    insecure_http: bool = False,
) -> Iterator[Card]:
    """Hold a card for as long as the block runs.

    Args:
        path: the card's file.
        transport: how HTTP leaves; tests give one that calls an application in this process.
        clock: tells the time; the machine's by default.
        language: of the provider's messages.
        insecure_http: allow a provider without TLS that is not on this machine.

    Raises:
        CardAbsent: there is no such card.
        CardInUse: another process holds it.
        CardFileRefused: it is no card's file.
        AddressRefused: its provider is neither on this machine nor behind TLS.
    """
    with CardFile(path).hold() as held:
        state = held.state
        base_url = require_safe_address(state.base_url, insecure_http=insecure_http)
        channel = Channel(
            base_url,
            transport=transport,
            language=language,
            base_path=BASE_PATH,
            sendings=SENDINGS,
        )
        card = Card(held, Line(state, channel, PhoneClock(clock)))
        try:
            yield card
        finally:
            card.close()
            channel.close()
