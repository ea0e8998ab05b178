"""Requests without a browser that a card answers: CIBA with `channel=CARD` (decision 34).

docs/cards.md 8. The TLS connection proves which card is there, and says nothing of what its holder
wants: that is the card's signature over the document that it was given (decision 18). The code of
the card is between the card and its own lock, as for every use of its keys (decision 31).
"""

import hmac
import re
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.cards.authority import standing_authority
from idp.cards.errors import AnswerUnproved
from idp.cards.judge import (
    EVERY_FAMILY,
    AcceptedCard,
    examine,
    judge,
    read_certificate,
    record_refusal,
)
from idp.cards.possession import authentication_key
from idp.cards.refusals import CardUnreadable, FamilyRefused
from idp.challenges.start import CARD_PURPOSE
from idp.devices.documents import addressed_to_card, bytes_to_sign, sign_document
from idp.devices.errors import ChallengeClosed, Malformed, WrongNumber
from idp.devices.notices import tell_contacts
from idp.devices.proofs import decode_base64url, strict_json
from idp.directory.people import find_person
from idp.outbox.requester import tell_requester
from idp.provider import Provider
from idp.psc.means import CARD, families_of
from idp.store.challenges import decide, find_challenge, waiting_for_card
from idp.store.clients import find_client
from idp.store.models import Challenge

_NUMBER = re.compile("[0-9]{2}")
_OUTCOMES = {"approve": "approved", "refuse": "refused"}
_EVENTS = {
    "approved": Event.CHALLENGE_APPROVED,
    "refused": Event.CHALLENGE_REFUSED,
    "wrong_number": Event.CHALLENGE_WRONG_NUMBER,
}


@dataclass(frozen=True)
class CardAnswer:
    """What a card says to a request."""

    decision: str
    """`approve` or `refuse`."""
    number: str | None
    """The two digits that its holder gave, where they approve and the document asks for them."""
    signature: bytes
    """ECDSA with SHA-256, DER, over the JCS of what is decided (decision 18)."""


def pending(provider: Provider, der: bytes | None) -> list[str]:
    """The documents that wait for a card, newest first, signed as phones get theirs.

    A look is not written in the journal: anybody may look, as often as they like.

    Raises:
        CardRefused: its subclass names the reason; `FamilyRefused` also where all that waits is
            of services that do not take this family (decision 30).
    """
    certificate = read_certificate(der)
    standing_authority(provider)
    with provider.store.read() as db:
        accepted = examine(provider, db, certificate, EVERY_FAMILY)
        waiting = waiting_for_card(
            db,
            _holder(db, accepted),
            now=provider.clock.now(),
            limit=provider.settings.card_pending_shown,
        )
        taken = [each for each in waiting if accepted.family in _families(provider, db, each)]
    if waiting and not taken:
        raise FamilyRefused
    key = provider.keyring.active("phone")
    return [sign_document(key, _addressed(challenge, accepted)) for challenge in taken]


def read_answer(body: bytes) -> CardAnswer:
    """The members of an answer.

    Raises:
        Malformed: one is missing, or has another form.
    """
    try:
        members = strict_json(body)
    except (ValueError, TypeError, RecursionError) as error:
        raise Malformed from error
    decision, number = members.get("decision"), members.get("number")
    if not isinstance(decision, str) or decision not in _OUTCOMES:
        raise Malformed(member="decision")
    if number is not None and (decision == "refuse" or not _is_number(number)):
        raise Malformed(member="number")
    try:
        return CardAnswer(decision, number, decode_base64url(members.get("signature")))
    except ValueError as error:
        raise Malformed(member="signature") from error


def answer(
    provider: Provider, db: Session, der: bytes | None, challenge_id: str, given: CardAnswer
) -> str:
    """Judge the card, then what it signed, then the number; gives `approved` or `refused`.

    Args:
        provider: who asked.
        db: an open writing session. What is raised is recorded in it, and a wrong number ends the
            request: commit it.
        der: the certificate of the connection.
        challenge_id: of the request.
        given: the answer.

    Raises:
        ChallengeClosed: nothing of that id waits for this card.
        CardRefused: its subclass names the reason.
        Malformed: a number is missing, or none was asked for.
        AnswerUnproved: the signature is not this card's, or over something else.
        WrongNumber: the request is dead (decision 20).
    """
    challenge = find_challenge(db, challenge_id)
    if challenge is None or challenge.purpose != CARD_PURPOSE:
        raise ChallengeClosed
    accepted = _judge(provider, db, der, challenge)
    if challenge.national_id != _holder(db, accepted):
        raise ChallengeClosed
    if given.decision == "approve" and (challenge.number is None) != (given.number is None):
        raise Malformed(member="number")
    _check_signature(provider, db, challenge, accepted, given)
    matches = hmac.compare_digest(challenge.number or "", given.number or "")
    if given.decision == "approve" and not matches:
        _end(provider, db, challenge, accepted, "wrong_number")
        raise WrongNumber
    outcome = _OUTCOMES[given.decision]
    _end(provider, db, challenge, accepted, outcome)
    return outcome


def _judge(
    provider: Provider, db: Session, der: bytes | None, challenge: Challenge
) -> AcceptedCard:
    client_id = challenge.client_id
    try:
        certificate = read_certificate(der)
    except CardUnreadable as refused:
        record_refusal(provider, db, refused, client_id=client_id)
        raise
    families = _families(provider, db, challenge)
    return judge(provider, db, certificate, families=families, client_id=client_id)


def _families(provider: Provider, db: Session, challenge: Challenge) -> list[str]:
    """Of cards that the service takes by now; none where it takes no cards any more."""
    client = find_client(db, challenge.client_id or "")
    if client is None or client.disabled_at is not None or CARD not in client.means:
        return []
    return families_of(provider, client)


def _check_signature(
    provider: Provider,
    db: Session,
    challenge: Challenge,
    accepted: AcceptedCard,
    given: CardAnswer,
) -> None:
    """The key of the TLS connection signed what this card was given, and what was decided of it."""
    key = authentication_key(db, accepted.card.card_number)
    digest = bytes_to_sign(_addressed(challenge, accepted), given.decision, given.number)
    try:
        key.verify(given.signature, digest, ec.ECDSA(Prehashed(SHA256())))
    except InvalidSignature as error:
        _journal(provider, db, Event.CARD_ANSWER_UNPROVED, challenge, accepted, success=False)
        raise AnswerUnproved from error


def _end(
    provider: Provider, db: Session, challenge: Challenge, accepted: AcceptedCard, state: str
) -> None:
    """Give a request its outcome, once, and tell the client that waits to be told."""
    number = accepted.card.card_number
    now = provider.clock.now()
    if not decide(db, challenge.challenge_id, state=state, now=now, card_number=number):
        raise ChallengeClosed
    tell_requester(provider, db, challenge)
    success = state != "wrong_number"
    _journal(provider, db, _EVENTS[state], challenge, accepted, success=success)
    if not success:
        tell_contacts(provider, db, challenge.national_id, "card-wrong-number")


def _journal(
    provider: Provider,
    db: Session,
    event: Event,
    challenge: Challenge,
    accepted: AcceptedCard,
    *,
    success: bool,
) -> None:
    record(
        db,
        event,
        now=provider.clock.now(),
        success=success,
        person=challenge.national_id,
        client_id=challenge.client_id,
        challenge_id=challenge.challenge_id,
        card_number=accepted.card.card_number,
    )


def _holder(db: Session, accepted: AcceptedCard) -> str:
    """Whom requests to this card name: under a former identifier its person (decision 36)."""
    person = find_person(db, accepted.national_id)
    return person.national_id if person else accepted.national_id


def _addressed(challenge: Challenge, accepted: AcceptedCard) -> dict[str, Any]:
    return addressed_to_card(challenge.document, challenge.nonce, accepted.card.card_number)


def _is_number(value: Any) -> bool:
    return isinstance(value, str) and _NUMBER.fullmatch(value) is not None
