"""What a carrier is handed, and how it says what became of it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from idp.provider import Provider
from idp.store.models import OutboxMessage

SEAL = "outbox"


@dataclass(frozen=True)
class Delivery:
    """One attempt to send one message, its payload opened."""

    message_id: int
    kind: str
    recipient: str
    payload: dict[str, Any]
    created_at: datetime
    expires_at: datetime | None


def open_message(provider: Provider, message: OutboxMessage) -> Delivery:
    """Open a message's sealed payload.

    Raises:
        SealBroken: it was sealed under another master key.
    """
    return Delivery(
        message_id=message.id,
        kind=message.kind,
        recipient=message.recipient,
        payload=json.loads(provider.sealer.open(message.payload_sealed, purpose=SEAL)),
        created_at=message.created_at,
        expires_at=message.expires_at,
    )


class NotDelivered(Exception):
    """The message did not go out. The text is stored and logged: it must hold no secret."""


class TryLater(NotDelivered):
    """The carrier is away or busy: worth another attempt."""


class NotDeliverable(NotDelivered):
    """The carrier refused this message for good."""


class NoCarrier(NotDelivered):
    """No carrier is configured for messages of this kind."""


class PushAddressGone(NotDeliverable):
    """The push service no longer knows the address (RFC 8030, section 7.3)."""
