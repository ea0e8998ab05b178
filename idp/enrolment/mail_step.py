"""Redeeming the mailed token: the phone shows that it reads the declared mailbox."""

from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.devices.requests import EnrolmentRequest, text_member
from idp.enrolment.applicants import find_applicant
from idp.enrolment.errors import TokenRefused
from idp.enrolment.sms_step import send_first_code
from idp.enrolment.tokens import token_hash
from idp.provider import Provider
from idp.store.models import Ticket
from idp.store.tickets import redeem_ticket


def redeem(
    provider: Provider, db: Session, ticket: Ticket, request: EnrolmentRequest
) -> dict[str, Any]:
    """Spend the token, and send the first SMS code.

    The person is looked at again: what changed since the start (a strike-off, a contact put on
    hold) stops the activation.

    Raises:
        TokenRefused: wrong, spent, late, of another ticket or device, or refused meanwhile.
    """
    typed = text_member(request.payload, "token")
    now = provider.clock.now()
    applicant = find_applicant(provider, db, ticket.national_id)
    contact = applicant.contact
    redeemed = redeem_ticket(
        db,
        ticket.ticket_id,
        token_hash=token_hash(typed),
        thumbprint=request.thumbprint,
        now=now,
    )
    if redeemed is None or applicant.refusal is not None or contact is None:
        _journal(db, provider, ticket, applicant.refusal)
        raise TokenRefused
    record(
        db, Event.TICKET_REDEEMED, now=now, person=ticket.national_id, ticket_id=ticket.ticket_id
    )
    return {"sms": send_first_code(provider, db, redeemed, contact.mobile)}


def _journal(db: Session, provider: Provider, ticket: Ticket, reason: str | None) -> None:
    record(
        db,
        Event.TICKET_REFUSED,
        now=provider.clock.now(),
        success=False,
        person=ticket.national_id,
        ticket_id=ticket.ticket_id,
        reason=reason or ticket.refusal or "token",
    )
