"""Enrolment tickets: every single-use step is one conditional update (decision 37)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Update, update
from sqlalchemy.orm import Session

from idp.store.models import Ticket


def add_ticket(db: Session, ticket: Ticket) -> None:
    """Keep a new ticket; others of the same person stay as they are (decision 24)."""
    db.add(ticket)


def find_ticket(db: Session, ticket_id: str) -> Ticket | None:
    """The ticket of that id, whatever its state."""
    return db.get(Ticket, ticket_id)


def redeem_ticket(
    db: Session, ticket_id: str, *, token_hash: bytes, thumbprint: str, now: datetime
) -> Ticket | None:
    """Spend the mailed token with the device key that began; nothing when any of it fails."""
    return _take(
        db,
        _of_device(ticket_id, thumbprint, now)
        .where(
            Ticket.state == "started",
            Ticket.refusal.is_(None),
            Ticket.mail_token_hash == token_hash,
            Ticket.mail_expires_at > now,
        )
        .values(state="redeemed", mail_token_hash=None),
    )


def take_sending(
    db: Session, ticket: Ticket, *, limit: int, now: datetime, expires_at: datetime
) -> Ticket | None:
    """Count one SMS and move to the next code: the one before is dead from here on.

    Nothing when another request sent one meanwhile, or the ticket's sendings are used up.
    """
    return _take(
        db,
        _of_device(ticket.ticket_id, ticket.device_thumbprint, now)
        .where(
            Ticket.state == "redeemed",
            Ticket.sms_sent == ticket.sms_sent,
            Ticket.sms_sent < limit,
        )
        .values(
            sms_sent=Ticket.sms_sent + 1,
            sms_counter=Ticket.sms_counter + 1,
            sms_last_sent_at=now,
            sms_expires_at=expires_at,
        ),
    )


def take_try(
    db: Session, ticket_id: str, *, thumbprint: str, limit: int, now: datetime
) -> Ticket | None:
    """Take one try of the code that runs; nothing when none is left or it lapsed."""
    return _take(
        db,
        _of_device(ticket_id, thumbprint, now)
        .where(
            Ticket.state == "redeemed",
            Ticket.sms_tries < limit,
            Ticket.sms_expires_at > now,
        )
        .values(sms_tries=Ticket.sms_tries + 1),
    )


def verify_ticket(db: Session, ticket: Ticket, *, challenge: bytes, now: datetime) -> Ticket | None:
    """Accept the code of the sending that was looked at, once."""
    return _take(
        db,
        _of_device(ticket.ticket_id, ticket.device_thumbprint, now)
        .where(
            Ticket.state == "redeemed",
            Ticket.refusal.is_(None),
            Ticket.sms_counter == ticket.sms_counter,
        )
        .values(state="verified", registration_challenge=challenge, sms_secret_sealed=None),
    )


def kill_ticket(db: Session, ticket: Ticket, *, now: datetime) -> Ticket | None:
    """End a ticket whose tries are used up."""
    return _take(
        db,
        _of_device(ticket.ticket_id, ticket.device_thumbprint, now)
        .where(Ticket.state == "redeemed")
        .values(state="dead", sms_secret_sealed=None),
    )


def complete_ticket(
    db: Session, ticket_id: str, *, thumbprint: str, now: datetime
) -> Ticket | None:
    """Take the ticket's one activation."""
    return _take(
        db,
        _of_device(ticket_id, thumbprint, now)
        .where(Ticket.state == "verified")
        .values(state="active"),
    )


def _of_device(ticket_id: str, thumbprint: str, now: datetime) -> Update:
    return update(Ticket).where(
        Ticket.ticket_id == ticket_id,
        Ticket.device_thumbprint == thumbprint,
        Ticket.expires_at > now,
    )


def _take(db: Session, statement: Update) -> Ticket | None:
    options: dict[str, Any] = {"synchronize_session": False, "populate_existing": True}
    return db.scalar(statement.returning(Ticket), execution_options=options)
