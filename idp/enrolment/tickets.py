"""Starting an activation: a ticket for the identifier typed on the phone (decision 17).

Whoever the identifier names, the same statements run and the same answer goes out: two look-ups,
three counters, one ticket, one event, one message (decision 41). Only the message differs, and
only the registered contact sees it.
"""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.devices.errors import Malformed, numeric_date
from idp.devices.requests import EnrolmentRequest, text_member
from idp.directory.identifiers import IdentifierLacksType, IdentifierMalformed, parse_national_id
from idp.enrolment.applicants import Applicant, find_applicant
from idp.enrolment.budgets import count_mail, count_ticket
from idp.enrolment.codes import new_secret_sealed
from idp.enrolment.eligibility import Refusal
from idp.enrolment.errors import IdentifierWithoutType, MalformedIdentifier
from idp.enrolment.messages import activation_text, write_activation, write_refusal
from idp.enrolment.sms_step import announce_without_mail
from idp.enrolment.tokens import new_token, qr_content, token_hash
from idp.outbox.queue import withhold_message
from idp.provider import Provider
from idp.store.models import Ticket
from idp.store.tickets import add_ticket

_LONGEST_NAME = 64
_LONGEST_IDENTIFIER = 64


def start(provider: Provider, db: Session, request: EnrolmentRequest) -> dict[str, Any]:
    """Open a ticket and write to whom the identifier names.

    Raises:
        MalformedIdentifier: no national identifier was typed.
        IdentifierWithoutType: an RPPS number lacks its 8.
        Malformed: another member lacks or has another form.
        TooManyRequests: the network started too many.
    """
    national_id = _typed_identifier(request.payload)
    name = device_name(request.payload)
    count_ticket(provider, db)
    applicant = find_applicant(provider, db, national_id)
    token, now = new_token(), provider.clock.now()
    ticket = _new_ticket(
        provider,
        request,
        national_id=national_id,
        name=name,
        refusal=applicant.refusal,
        token=token,
        now=now,
    )
    add_ticket(db, ticket)
    _journal(db, ticket, now)
    if provider.settings.sms_only_enrolment:
        sms = announce_without_mail(provider, db, ticket, applicant.contact)
        return _opened(ticket) | {"sms": sms}
    _write(provider, db, ticket, applicant, token)
    return _opened(ticket)


def device_name(payload: dict[str, Any]) -> str:
    """What the person calls the phone.

    Raises:
        Malformed: it is missing, too long, or holds control characters.
    """
    name = text_member(payload, "name", longest=_LONGEST_NAME)
    if not name.isprintable():
        raise Malformed(member="name")
    return name


def _opened(ticket: Ticket) -> dict[str, Any]:
    return {
        "ticket_id": ticket.ticket_id,
        "expires_at": numeric_date(ticket.expires_at),
        "mail_expires_at": numeric_date(ticket.mail_expires_at),
    }


def _new_ticket(
    provider: Provider,
    request: EnrolmentRequest,
    *,
    national_id: str,
    name: str,
    refusal: Refusal | None,
    token: str,
    now: datetime,
) -> Ticket:
    by_sms_alone = provider.settings.sms_only_enrolment
    return Ticket(
        ticket_id=secrets.token_urlsafe(16),
        national_id=national_id,
        device_jwk=request.jwk,
        device_thumbprint=request.thumbprint,
        device_name=name,
        state="redeemed" if by_sms_alone else "started",
        refusal=refusal,
        mail_token_hash=None if by_sms_alone else token_hash(token),
        mail_expires_at=now + provider.settings.mail_qr_lifetime,
        sms_secret_sealed=new_secret_sealed(provider),
        sms_counter=0,
        sms_sent=0,
        sms_tries=0,
        created_at=now,
        expires_at=now + provider.settings.ticket_lifetime,
    )


def _write(
    provider: Provider, db: Session, ticket: Ticket, applicant: Applicant, token: str
) -> None:
    # Composed for everybody: a mail that is not sent costs what one costs that is.
    text = activation_text(provider, token)
    qr = qr_content(
        act="enrol",
        base_url=provider.settings.base_url,
        token=token,
        kid=provider.keyring.active("phone").kid,
        expires_at=numeric_date(ticket.mail_expires_at),
    )
    if not count_mail(provider, db, ticket.national_id) or applicant.refusal is Refusal.UNKNOWN:
        withhold_message(provider, db, size=len(text))
    elif applicant.refusal is not None:
        write_refusal(provider, db, applicant.refusal, applicant.contact, size=len(text))
    elif applicant.contact is not None:
        write_activation(provider, db, to=applicant.contact.email, text=text, qr=qr, ticket=ticket)


def _journal(db: Session, ticket: Ticket, now: datetime) -> None:
    if ticket.refusal is None:
        event, success = Event.TICKET_STARTED, True
    else:
        event, success = Event.TICKET_REFUSED, False
    record(
        db,
        event,
        now=now,
        success=success,
        person=ticket.national_id,
        ticket_id=ticket.ticket_id,
        reason=ticket.refusal,
    )


def _typed_identifier(payload: dict[str, Any]) -> str:
    try:
        return parse_national_id(text_member(payload, "national_id", longest=_LONGEST_IDENTIFIER))
    except IdentifierLacksType as error:
        raise IdentifierWithoutType(suggestion=error.suggestion) from error
    except IdentifierMalformed as error:
        raise MalformedIdentifier from error
