"""What a card says to its provider (docs/cards.md 3): requests signed by the card key."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from joserfc.jwk import ECKey

from wallet_sim.card.errors import (
    CardNotRecognised,
    CardUnknownRefusal,
    PresentationRefused,
    TransitionRefused,
)
from wallet_sim.card.file import CardState, Kind
from wallet_sim.clock import PhoneClock
from wallet_sim.documents import (
    Challenge,
    configuration_instant,
    open_configuration,
    open_document,
)
from wallet_sim.encoding import b64url, from_b64url
from wallet_sim.errors import NoAnswer, PhoneError, ProviderRefusal
from wallet_sim.exchange import new_request_id
from wallet_sim.keys import sign_request
from wallet_sim.transport import Channel

BASE_PATH = "/cards/v1"
CIBA = "ciba-card"
"""Purpose of a document that a card answers."""
SENDINGS = 1
"""A second copy of a presentation would cost a second try."""

Signer = Callable[[bytes], bytes]
"""Signs with the card's authentication key, DER."""


@dataclass(frozen=True)
class Presentation:
    """A code that the provider evaluated, right or wrong: it cannot tell."""

    name: str
    evaluation: bytes
    tries_left: int


@dataclass(frozen=True)
class Blocked:
    """The provider evaluates no more codes of this kind."""

    unblock_tries_left: int


@dataclass(frozen=True)
class CodeHeld:
    """The provider's counters are full again."""

    tries_left: int
    evaluation: bytes | None
    """Of the new holder's code, where one was given."""


class Line:
    """A card's connection to the provider that made it."""

    def __init__(self, state: CardState, channel: Channel, clock: PhoneClock) -> None:
        self._state = state
        self._channel = channel
        self._clock = clock

    def find_provider(self) -> None:
        """Reach the provider and follow its clock: done before a try is taken.

        Raises:
            NoAnswer: it cannot be reached.
        """
        text = self._channel.fetch_configuration()
        self._clock.follow(configuration_instant(text, pinned=self._state.pinned))
        trusted = open_configuration(text, pinned=self._state.pinned, now=self._clock.timestamp())
        self._state.pinned = trusted.pinned

    def present(self, kind: Kind, proof: bytes) -> Presentation | Blocked:
        """Have the proof of a code evaluated; it costs a try at the provider."""
        members = {"kind": kind, "proof": b64url(proof)}
        try:
            told = self._channel.post("/presentations", self._sign("/presentations", members))
        except ProviderRefusal as refusal:
            if refusal.code_received == "code_blocked":
                return Blocked(_count(refusal.members, "unblock_tries_left"))
            raise card_error(refusal) from refusal
        evaluation = from_b64url(_text(told, "evaluation"))
        return Presentation(_text(told, "presentation"), evaluation, _count(told, "tries_left"))

    def tell_held(self, presentation: str, sign: Signer, new_proof: bytes | None) -> CodeHeld:
        """Prove that the code of a presentation was right.

        Raises:
            PresentationRefused: another code was evaluated since.
        """
        signed = b"\0".join((b"ecps-card-held", self._state.number.encode(), presentation.encode()))
        members = {"signature": b64url(sign(signed))}
        if new_proof is not None:
            members["new_proof"] = b64url(new_proof)
        told = self._post(f"/presentations/{presentation}/held", members)
        evaluation = from_b64url(_text(told, "evaluation")) if new_proof is not None else None
        return CodeHeld(_count(told, "tries_left"), evaluation)

    def activate(self, sign: Signer) -> str:
        """Activate the card; gives its state.

        Raises:
            TransitionRefused: it is active already, or no longer may be.
        """
        request_id = new_request_id()
        signed = b"\0".join(
            (b"ecps-card-activate", self._state.number.encode(), request_id.encode())
        )
        told = self._post("/activation", {"signature": b64url(sign(signed))}, request_id)
        return _text(told, "state")

    def fetch_content(self) -> str:
        """What the chip must hold now, as a JWS of the authority."""
        return _text(self._post("/content", {}), "content")

    def open_request(self, text: str) -> Challenge:
        """A request that waits for this card, once the provider's signature holds (decision 34).

        Raises:
            DocumentRefused: it is not the provider's, not for this card, or its time is over.
        """
        return open_document(
            text,
            purpose=CIBA,
            pinned=self._state.pinned,
            addressee={"card_number": self._state.number},
            now=self._clock.timestamp(),
        )

    def _post(
        self, path: str, members: dict[str, Any], request_id: str | None = None
    ) -> dict[str, Any]:
        try:
            return self._channel.post(path, self._sign(path, members, request_id))
        except ProviderRefusal as refusal:
            raise card_error(refusal) from refusal

    def _sign(self, path: str, members: dict[str, Any], request_id: str | None = None) -> str:
        return sign_request(
            ECKey.import_key(self._state.card_key),
            members,
            device_id=self._state.number,
            issuer=self._state.issuer,
            path=BASE_PATH + path,
            issued_at=self._clock.timestamp(),
            request_id=request_id or new_request_id(),
        )


def card_error(refusal: ProviderRefusal) -> PhoneError:
    """A card's refusal, as the class of its code."""
    match refusal.code_received:
        case "not_recognised":
            return CardNotRecognised("the provider does not recognise this card")
        case "presentation_refused":
            return PresentationRefused("the provider does not take the code as right: once more")
        case "transition_refused":
            return TransitionRefused(refusal.state)
        case _:
            return CardUnknownRefusal(refusal)


def _text(members: dict[str, Any], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str):
        raise NoAnswer(f"the provider's answer lacks {name}")
    return value


def _count(members: dict[str, Any], name: str) -> int:
    value = members.get(name)
    if not isinstance(value, int) or value < 0:
        raise NoAnswer(f"the provider's answer lacks {name}")
    return value
