"""Messages that wait to be sent."""

from datetime import datetime

from sqlalchemy.orm import Session

from idp.store.models import OutboxMessage


def add_message(
    db: Session, *, kind: str, recipient: str, payload_sealed: bytes, now: datetime
) -> OutboxMessage:
    """Queue a message, to be sent after the commit."""
    message = OutboxMessage(
        kind=kind,
        recipient=recipient,
        payload_sealed=payload_sealed,
        state="pending",
        due_at=now,
        created_at=now,
    )
    db.add(message)
    return message
