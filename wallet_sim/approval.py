"""Answering a sign-in: what waits, approve with PIN and number, refuse (protocol, section 6)."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from wallet_sim.documents import Challenge
from wallet_sim.encoding import from_b64url
from wallet_sim.enrolment import pin_key_of
from wallet_sim.errors import (
    AnswerUnfinished,
    DocumentRefused,
    DocumentUntimely,
    NoAnswer,
    NonceStale,
    NotEnrolled,
    NumberNotOffered,
    ProviderRefusal,
    WrongNumber,
    WrongPin,
)
from wallet_sim.exchange import Exchange, new_request_id
from wallet_sim.file import Credential, InFlight
from wallet_sim.history import Outcome, remember
from wallet_sim.keys import assert_key, bytes_to_sign

Reason = Literal["cancelled", "unknown_trigger"]


@dataclass(frozen=True)
class Approval:
    """A sign-in that the provider took as approved."""

    challenge_id: str
    failures_since_success: int
    """Wrong PINs since the last success, to be shown to the person (decision 19)."""
    completion: str | None
    """For a same-device sign-in: the secret for the browser on this phone (decision 25)."""


def pending(exchange: Exchange) -> list[Challenge]:
    """The requests that wait for an answer, newest first, each verified.

    One whose time is over by the phone's clock is left out: it must not hide the others.

    Raises:
        DocumentRefused: one of them does not hold.
    """
    answer = exchange.request("/pending", {})
    waiting = []
    for text in answer["challenges"]:
        with suppress(DocumentUntimely):
            waiting.append(exchange.open(text, "signin"))
    return waiting


def require_offered(challenge: Challenge, number: str | None) -> None:
    """Refuse a number that the screen of a phone could not have given.

    Raises:
        NumberNotOffered: missing, not among the options, of another length, or not asked for.
    """
    matching = challenge.number
    if matching is None:
        if number is not None:
            raise NumberNotOffered("this request asks for no number")
        return
    if number is None:
        raise NumberNotOffered("the number that the page shows is needed")
    if matching.mode == "choice" and number not in matching.options:
        raise NumberNotOffered(f"the request offers {', '.join(matching.options)}")
    typed = number.isascii() and number.isdigit() and len(number) == matching.length
    if matching.mode == "typed" and not typed:
        raise NumberNotOffered(f"the number has {matching.length} digits")


def approve(
    exchange: Exchange, challenge: Challenge, pin: bytearray, number: str | None
) -> Approval:
    """Sign the document with the PIN key and send the answer.

    Raises:
        NumberNotOffered: nothing was sent.
        NoAnswer: the answer was lost; `recovery.recover` tells what became of it.
        ProviderRefusal: as the protocol's code says; `WrongPin` carries the fresh challenge.
    """
    require_offered(challenge, number)
    signed = bytes_to_sign("signin", challenge.payload, "approve", number)
    assertion = assert_with_pin(exchange, pin, signed)
    path = f"/challenges/{challenge.challenge_id}/answer"
    members = {"decision": "approve", "number": number, "assertion": assertion}
    try:
        answer = send_answer(
            exchange,
            path,
            members,
            challenge,
            keep=lambda: remember(exchange, challenge, "approved"),
        )
    except WrongNumber:
        _note(exchange, challenge, "wrong_number")
        raise
    except NoAnswer:
        _note(exchange, challenge, "lost")
        raise
    return Approval(
        challenge.challenge_id, answer["failures_since_success"], answer.get("completion")
    )


def refuse(exchange: Exchange, challenge: Challenge, reason: Reason) -> None:
    """Refuse by the device key alone: no PIN (docs/phone-protocol.md, section 6)."""
    exchange.request(f"/challenges/{challenge.challenge_id}/refuse", {"reason": reason})
    _note(exchange, challenge, "not_me" if reason == "unknown_trigger" else "refused")


def credential_of(exchange: Exchange) -> Credential:
    """What derives the PIN key of this phone.

    Raises:
        NotEnrolled: no PIN was chosen yet.
    """
    credential = exchange.state.credential
    if credential is None:
        raise NotEnrolled("the activation is not complete: enrol again")
    return credential


def assert_with_pin(exchange: Exchange, pin: bytearray, signed: bytes) -> dict[str, Any]:
    """An assertion by the PIN key, under the counter of the next answer."""
    credential = credential_of(exchange)
    return assert_key(
        pin_key_of(credential, pin),
        from_b64url(credential.credential_id),
        signed,
        exchange.party,
        exchange.state.counter + 1,
    )


def send_answer(
    exchange: Exchange,
    path: str,
    members: dict[str, Any],
    challenge: Challenge,
    keep: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Send an answer whose PIN will be evaluated, and keep the roll that comes back.

    Before sending, the file learns the request id and the counter, and nothing else
    (decision 21). ``keep`` changes the state in the same write as the success.

    Raises:
        NoAnswer: the answer was lost, or the provider interrupted.
        ProviderRefusal: as the code says.
    """
    state = exchange.state
    request_id = new_request_id()
    state.counter += 1
    body = exchange.sign(
        path, {**members, "roll": state.roll, "counter": state.counter}, request_id
    )
    state.in_flight = InFlight(request_id=request_id, counter=state.counter)
    exchange.held.save()
    try:
        answer = exchange.channel.post(path, body)
    except AnswerUnfinished as error:
        raise NoAnswer("the provider was interrupted: ask what became of the answer") from error
    except ProviderRefusal as error:
        settle(exchange, error.members)
        _open_fresh(exchange, error, challenge)
        raise
    keep()
    settle(exchange, answer)
    return answer


def settle(exchange: Exchange, answer: dict[str, Any]) -> None:
    """Keep the roll that an answer brought, and end its time in flight: one write."""
    roll = answer.get("roll")
    if isinstance(roll, str):
        exchange.state.roll = roll
    exchange.state.in_flight = None
    exchange.held.save()


def _note(exchange: Exchange, challenge: Challenge, outcome: Outcome) -> None:
    remember(exchange, challenge, outcome)
    exchange.held.save()


def _open_fresh(exchange: Exchange, error: ProviderRefusal, asked: Challenge) -> None:
    text = error.members.get("document")
    if text is None or not isinstance(error, WrongPin | NonceStale):
        return
    try:
        fresh = exchange.open(text, asked.purpose)
    except DocumentRefused:
        return  # it expired meanwhile: what the person must know is the refusal
    if not fresh.is_same_question(asked):
        raise DocumentRefused("the request changed after it was shown") from error
    error.challenge = fresh
