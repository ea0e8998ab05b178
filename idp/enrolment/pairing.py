"""Activation by card: the portal shows a QR, the phone a code (decision 33, docs/cards.md 5).

The card session that shows the QR vouches for the person; the code, drawn once the phone's key
is known and typed in that session, binds the phone to it. A photo of the QR gives neither.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.cards.judge import check_card
from idp.cards.refusals import CardRefused
from idp.devices.documents import sign_document
from idp.devices.errors import numeric_date
from idp.devices.notices import tell_contacts
from idp.devices.requests import EnrolmentRequest
from idp.directory.people import Person, find_person
from idp.enrolment.errors import PairingRefused, QrCodeRefused
from idp.enrolment.first_keys import document_of, make_active
from idp.enrolment.tickets import device_name
from idp.enrolment.tokens import BYTES, encode_token, qr_content, token_hash
from idp.provider import Provider
from idp.store.card_approvals import hold_active_card
from idp.store.models import Pairing
from idp.store.pairings import (
    add_pairing,
    burn_pairing,
    complete_pairing,
    supersede_pairings,
    take_confirmation,
    take_scan,
)
from idp.store.throttle import count_event

CODE_DIGITS = 6
_CHALLENGE_BYTES = 32
_DAY = timedelta(days=1)


class CardDoesNotVouch(Exception):
    """The card is not in use, names nobody, or its holder may hold no e-CPS; it was recorded."""


def start_pairing(
    provider: Provider, db: Session, *, sid: str, card_number: str, national_id: str
) -> Pairing:
    """Open a pairing for the holder of a card; it ends the one that waited.

    Every family of named card may (EC-26), and ADELI people, who have no other way (decision 17).

    Args:
        provider: the provider.
        db: an open writing session; a refusal is recorded in it.
        sid: the session that shows the QR, and alone may confirm.
        card_number: the card that opened the session.
        national_id: the session's person.

    Raises:
        CardDoesNotVouch: nobody can be paired by this card.
    """
    now = provider.clock.now()
    # Two starts of one person at once wait for each other on this row.
    count_event(db, f"pairing:{national_id}", window=_DAY, now=now)
    supersede_pairings(db, national_id)
    try:
        _require_voucher(provider, db, card_number, national_id)
    except CardDoesNotVouch:
        _refuse(provider, db, reason="card", person=national_id, sid=sid, card_number=card_number)
        raise
    pairing_id = secrets.token_urlsafe(16)
    qr_expires_at = now + provider.settings.pairing_qr_lifetime
    pairing = Pairing(
        pairing_id=pairing_id,
        token_hash=token_hash(token_of(provider, pairing_id)),
        national_id=national_id,
        sid=sid,
        card_number=card_number,
        state="shown",
        created_at=now,
        qr_expires_at=qr_expires_at,
        expires_at=qr_expires_at,
    )
    add_pairing(db, pairing)
    _journal(provider, db, Event.PAIRING_STARTED, pairing)
    return pairing


def token_of(provider: Provider, pairing_id: str) -> str:
    """What the QR holds and a person may type.

    Derived from the random id under the master key, so that the page can be shown again while
    the database keeps the digest alone.
    """
    secret = provider.sealer.keyed_hash(pairing_id.encode(), purpose="pairing-token")
    return encode_token(secret[:BYTES])


def qr_of(provider: Provider, pairing: Pairing) -> str:
    """What the QR of a pairing says; it pins the provider's phone key."""
    return qr_content(
        act="pair",
        base_url=provider.settings.base_url,
        token=token_of(provider, pairing.pairing_id),
        kid=provider.keyring.active("phone").kid,
        expires_at=numeric_date(pairing.qr_expires_at),
    )


def standing_of(pairing: Pairing, now: datetime) -> str:
    """`shown`, `scanned`, `confirmed`, `active`, `dead`, or `expired`."""
    is_over = pairing.state in {"active", "dead"}
    return "expired" if not is_over and pairing.expires_at <= now else pairing.state


def scan(
    provider: Provider, db: Session, pairing: Pairing, request: EnrolmentRequest
) -> dict[str, Any]:
    """Give the QR's token to the first device key that brings it, and the code to show.

    A second key burns the pairing: one of the two phones is a stranger's (attack 37).

    Raises:
        Malformed: the phone has no proper name.
        QrCodeRefused: late, spent or superseded.
    """
    name, now = device_name(request.payload), provider.clock.now()
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    scanned = take_scan(
        db,
        pairing.pairing_id,
        device_jwk=request.jwk,
        thumbprint=request.thumbprint,
        name=name,
        code_hash=_code_hash(provider, pairing.pairing_id, code),
        now=now,
        expires_at=now + provider.settings.pairing_lifetime,
    )
    if scanned is None:
        _refuse_scan(provider, db, pairing, request.thumbprint)
        raise QrCodeRefused
    _journal(provider, db, Event.PAIRING_SCANNED, scanned)
    return {
        "pairing_id": scanned.pairing_id,
        "code": code,
        "expires_at": numeric_date(scanned.expires_at),
    }


def confirm(
    provider: Provider, db: Session, pairing: Pairing, *, sid: str, typed: str
) -> Pairing | None:
    """Take the one try of the code that was typed on the portal.

    Gives the pairing, `confirmed` or `dead`; nothing where there was nothing to confirm: another
    session, a late one, a card that is no longer in use.
    """
    try:
        with db.begin_nested():
            taken = take_confirmation(
                db,
                pairing.pairing_id,
                sid=sid,
                code_hash=_code_hash(provider, pairing.pairing_id, typed),
                challenge=secrets.token_bytes(_CHALLENGE_BYTES),
                now=provider.clock.now(),
                idle=provider.settings.session_idle,
            )
            _require_voucher(provider, db, pairing.card_number, pairing.national_id)
    except CardDoesNotVouch:
        _journal_refusal(provider, db, pairing, "card")
        return None
    if taken is None:
        _journal_refusal(provider, db, pairing, "closed")
        return None
    if taken.state == "dead":
        _journal_refusal(provider, db, taken, "wrong-code")
        tell_contacts(provider, db, taken.national_id, "pairing-code-wrong")
        return taken
    _journal(provider, db, Event.PAIRING_CONFIRMED, taken)
    return taken


def confirmation(provider: Provider, pairing: Pairing) -> dict[str, Any]:
    """What the phone that shows the code is told when it asks.

    Raises:
        PairingRefused: the pairing is dead, late or complete.
    """
    standing = standing_of(pairing, provider.clock.now())
    if standing == "scanned":
        return {"state": standing}
    if standing != "confirmed":
        raise PairingRefused
    document = document_of(provider, pairing, pairing.pairing_id)
    signed = sign_document(provider.keyring.active("phone"), document)
    return {"state": standing, "document": signed}


def complete(
    provider: Provider, db: Session, pairing: Pairing, request: EnrolmentRequest
) -> dict[str, Any]:
    """Take the pairing's one activation and make the phone the person's e-CPS.

    A registration that does not hold leaves the pairing as it was. The old phone ends only now
    (decision 16).

    Raises:
        PairingRefused: it was not confirmed, was used or lapsed, or card or person ended since.
        PolicyStale: the PIN policy changed meanwhile.
        RegistrationRefused: the PIN key is not proved.
        PushAddressRefused: the push endpoint is not allowed.
        PostureRefused: the phone may hold no e-CPS (EC-28).
    """
    try:
        with db.begin_nested():
            completed = complete_pairing(
                db, pairing.pairing_id, thumbprint=request.thumbprint, now=provider.clock.now()
            )
            if completed is None:
                raise PairingRefused
            card_number = completed.card_number
            person = _require_voucher(provider, db, card_number, completed.national_id)
            return make_active(
                provider,
                db,
                person,
                completed,
                request,
                challenge_id=completed.pairing_id,
                paired_card=card_number,
            )
    except CardDoesNotVouch as error:
        _journal_refusal(provider, db, pairing, "card")
        raise PairingRefused from error


def _require_voucher(provider: Provider, db: Session, card_number: str, national_id: str) -> Person:
    """The holder, while their named card is in use, in which the transaction holds it.

    The card comes after the pairing: so does an opposition take them (`idp/cards/uses.py`).
    """
    card, person = hold_active_card(db, card_number), find_person(db, national_id)
    if card is None or not card.is_nominative or person is None or person.closed:
        raise CardDoesNotVouch
    try:
        check_card(card, provider.clock.now())
    except CardRefused as error:
        raise CardDoesNotVouch from error
    return person


def _refuse_scan(provider: Provider, db: Session, pairing: Pairing, thumbprint: str) -> None:
    burnt = burn_pairing(db, pairing.pairing_id, thumbprint=thumbprint, now=provider.clock.now())
    if burnt is None:
        _journal_refusal(provider, db, pairing, "token")
        return
    _journal_refusal(provider, db, burnt, "scanned-twice")
    tell_contacts(provider, db, burnt.national_id, "pairing-scanned-twice")


def _code_hash(provider: Provider, pairing_id: str, code: str) -> bytes:
    return provider.sealer.keyed_hash(f"{pairing_id}.{code}".encode(), purpose="pairing-code")


def _journal(provider: Provider, db: Session, event: Event, pairing: Pairing) -> None:
    record(
        db,
        event,
        now=provider.clock.now(),
        person=pairing.national_id,
        sid=pairing.sid,
        card_number=pairing.card_number,
        pairing_id=pairing.pairing_id,
    )


def _journal_refusal(provider: Provider, db: Session, pairing: Pairing, reason: str) -> None:
    _refuse(
        provider,
        db,
        reason=reason,
        person=pairing.national_id,
        sid=pairing.sid,
        card_number=pairing.card_number,
        pairing_id=pairing.pairing_id,
    )


def _refuse(provider: Provider, db: Session, **told: Any) -> None:
    now = provider.clock.now()
    record(db, Event.PAIRING_REFUSED, now=now, success=False, **told)
