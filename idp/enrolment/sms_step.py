"""The SMS code: sent, sent again, typed (phone-and-pin 4, decisions 17 and 24)."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.devices.documents import sign_document
from idp.devices.errors import numeric_date
from idp.devices.requests import EnrolmentRequest, text_member
from idp.directory.masking import masked_mobile
from idp.enrolment.applicants import find_applicant
from idp.enrolment.budgets import count_sms, sms_again_at
from idp.enrolment.codes import code_holds, code_of
from idp.enrolment.errors import CodeRefused, TokenRefused, Wait
from idp.enrolment.first_keys import document_of
from idp.enrolment.messages import write_code
from idp.outbox.queue import withhold_message
from idp.provider import Provider
from idp.store.models import Contact, Ticket
from idp.store.tickets import kill_ticket, take_sending, take_try, verify_ticket

_CHALLENGE_BYTES = 32
_SMS_SIZE = 160
_HIDDEN_HINT = "** ** ** **"


def send_first_code(provider: Provider, db: Session, ticket: Ticket, mobile: str) -> dict[str, Any]:
    """Send a code after the mail was redeemed; a number with too many SMS gets none, later."""
    if not count_sms(provider, db, mobile):
        _journal_suppressed(provider, db, ticket)
        again = sms_again_at(provider, db, mobile)
        return _told(provider, ticket, masked_mobile(mobile), resend_at=again)
    sent = _send(provider, db, ticket, mobile)
    if sent is None:
        raise Wait(retry_at=numeric_date(_resend_at(provider, ticket)))
    return _told(provider, sent, masked_mobile(mobile), resend_at=_resend_at(provider, sent))


def resend(
    provider: Provider, db: Session, ticket: Ticket, _request: EnrolmentRequest
) -> dict[str, Any]:
    """Send a new code, which kills the one before.

    Raises:
        TokenRefused: the mailed token was not redeemed, or the person may no longer activate.
        Wait: too early, all sendings of the ticket used, or too many SMS to the number today.
    """
    applicant = find_applicant(provider, db, ticket.national_id)
    contact = applicant.contact
    if ticket.state != "redeemed" or applicant.refusal is not None or contact is None:
        raise TokenRefused
    due, mobile = _resend_at(provider, ticket), contact.mobile
    if due > provider.clock.now():
        raise Wait(retry_at=numeric_date(due))
    if not count_sms(provider, db, mobile):
        _journal_suppressed(provider, db, ticket)
        raise Wait(retry_at=numeric_date(sms_again_at(provider, db, mobile)))
    sent = _send(provider, db, ticket, mobile)
    if sent is None:
        raise Wait(retry_at=numeric_date(_resend_at(provider, ticket)))
    return {
        "sms": _told(provider, sent, masked_mobile(mobile), resend_at=_resend_at(provider, sent))
    }


def announce_without_mail(
    provider: Provider, db: Session, ticket: Ticket, contact: Contact | None
) -> dict[str, Any]:
    """Send the code at once: `sms_only_enrolment`, in a simulation database only.

    Nothing proved possession of anything yet: the hint is hidden, and an SMS that nobody gets
    takes the same statements.
    """
    mobile = contact.mobile if contact is not None and ticket.refusal is None else ""
    db.flush()
    allowed = count_sms(provider, db, mobile or ticket.national_id)
    now = provider.clock.now()
    sent = take_sending(
        db,
        ticket,
        limit=provider.settings.sms_per_ticket,
        now=now,
        expires_at=now + provider.settings.sms_code_lifetime,
    )
    if sent is not None and allowed and mobile:
        write_code(provider, db, ticket=sent, to=mobile, code=code_of(provider, sent))
    else:
        withhold_message(provider, db, size=_SMS_SIZE)
    sent = sent or ticket
    return _told(provider, sent, _HIDDEN_HINT, resend_at=_resend_at(provider, sent))


def verify(
    provider: Provider, db: Session, ticket: Ticket, request: EnrolmentRequest
) -> dict[str, Any]:
    """Check the typed code; when it holds, give the document that the new PIN key signs.

    The try is taken before the code is looked at: parallel guesses are counted each.

    Raises:
        CodeRefused: wrong, late, or no try is left; at the last wrong one the ticket is dead.
    """
    typed = text_member(request.payload, "code", longest=16)
    settings, now = provider.settings, provider.clock.now()
    tried = take_try(
        db,
        ticket.ticket_id,
        thumbprint=request.thumbprint,
        limit=settings.sms_tries,
        now=now,
    )
    if tried is None:
        raise CodeRefused(tries_left=_tries_left(provider, ticket))
    challenge = secrets.token_bytes(_CHALLENGE_BYTES)
    holds = code_holds(provider, tried, typed)
    verified = verify_ticket(db, tried, challenge=challenge, now=now) if holds else None
    if verified is None:
        left = settings.sms_tries - tried.sms_tries
        if left <= 0:
            kill_ticket(db, tried, now=now)
        _journal(provider, db, tried, Event.SMS_REFUSED, tries_left=left)
        raise CodeRefused(tries_left=left)
    _journal(provider, db, verified, Event.SMS_VERIFIED)
    document = document_of(provider, verified, verified.ticket_id)
    return {"document": sign_document(provider.keyring.active("phone"), document)}


def _send(provider: Provider, db: Session, ticket: Ticket, mobile: str) -> Ticket | None:
    now = provider.clock.now()
    sent = take_sending(
        db,
        ticket,
        limit=provider.settings.sms_per_ticket,
        now=now,
        expires_at=now + provider.settings.sms_code_lifetime,
    )
    if sent is not None:
        write_code(provider, db, ticket=sent, to=mobile, code=code_of(provider, sent))
        _journal(provider, db, sent, Event.SMS_SENT, sending=sent.sms_sent)
    return sent


def _resend_at(provider: Provider, ticket: Ticket) -> datetime:
    """When the next code may be asked for: a growing wait, or never with this ticket."""
    if ticket.sms_sent >= provider.settings.sms_per_ticket:
        return ticket.expires_at
    if ticket.sms_last_sent_at is None:
        return provider.clock.now()
    waits = provider.settings.sms_resend_waits
    seconds = waits[min(ticket.sms_sent, len(waits)) - 1] if waits else 0
    return ticket.sms_last_sent_at + timedelta(seconds=seconds)


def _told(provider: Provider, ticket: Ticket, hint: str, *, resend_at: datetime) -> dict[str, Any]:
    return {
        "hint": hint,
        "expires_at": numeric_date(ticket.sms_expires_at or provider.clock.now()),
        "resend_at": numeric_date(resend_at),
        "tries": _tries_left(provider, ticket),
    }


def _tries_left(provider: Provider, ticket: Ticket) -> int:
    if ticket.state != "redeemed":
        return 0
    return max(provider.settings.sms_tries - ticket.sms_tries, 0)


def _journal_suppressed(provider: Provider, db: Session, ticket: Ticket) -> None:
    _journal(provider, db, ticket, Event.SMS_REFUSED, reason="daily budget of the number")


def _journal(provider: Provider, db: Session, ticket: Ticket, event: Event, **data: Any) -> None:
    record(
        db,
        event,
        now=provider.clock.now(),
        success=event is not Event.SMS_REFUSED,
        person=ticket.national_id,
        ticket_id=ticket.ticket_id,
        **data,
    )
