"""Reading the outbox of a simulation, for tests and for people who try it out."""

import base64
import re
from typing import Any

from idp.outbox.delivery import open_message
from idp.outbox.qr_image import draw_qr
from idp.provider import Provider
from idp.store.models import OutboxMessage
from idp.store.outbox import messages_after

_PAGE = 100
_BOUND_CODE = re.compile(r"^@\S+ #(\d+)$", re.MULTILINE)


class OutboxOfRealDatabase(Exception):
    """The outbox of a real database is not to be read: it holds people's codes."""


def read_outbox(
    provider: Provider, *, recipients: list[str] | None, after: int = 0, pictures: bool = True
) -> list[dict[str, Any]]:
    """Up to 100 messages above the cursor ``after``, oldest first, their payload in clear.

    A mail's `payload` holds `subject`, `text`, `qr` (what its QR code says) and `png` (its image,
    base64; null without ``pictures``, as drawing takes 40 ms); an SMS's `text` and `code`; a push's
    `subscription` and `handle`; a logout's `sid` and `sub`, its recipient being a client; a ciba
    message's `auth_req_id_hash` and, once a push was composed, its `answer`, its recipient being a
    client too; a letter's `subject` and `text`, with `card_number`, `code` and `unblock_code` in
    that of the codes. A letter shows once it is posted, in the place where it was ordered: look for
    it from the start.

    Raises:
        OutboxOfRealDatabase: the database is not a simulation.
    """
    if not provider.is_simulation:
        raise OutboxOfRealDatabase("only the outbox of a simulation can be read")
    with provider.store.read() as db:
        messages = messages_after(
            db, recipients=recipients, after=after, limit=_PAGE, now=provider.clock.now()
        )
    return [describe(provider, message, pictures=pictures) for message in messages]


def describe(
    provider: Provider, message: OutboxMessage, *, pictures: bool = True
) -> dict[str, Any]:
    """A message of a simulation, its payload in clear, as :func:`read_outbox` gives it."""
    payload = open_message(provider, message).payload
    if message.kind == "mail":
        is_drawn = pictures and payload["qr"] is not None
        image = draw_qr(payload["qr"]) if is_drawn else None
        payload["png"] = base64.b64encode(image).decode() if image is not None else None
    if message.kind == "sms":
        code = _BOUND_CODE.search(payload["text"])
        payload["code"] = code.group(1) if code else None
    return {
        "id": message.id,
        "kind": message.kind,
        "to": message.recipient,
        "state": message.state,
        "attempts": message.attempts,
        "error": message.error,
        "created_at": message.created_at.isoformat(),
        "payload": payload,
    }
