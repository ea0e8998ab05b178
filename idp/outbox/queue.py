"""Queueing what must reach others, inside the transaction that decides it (decision 40)."""

import json
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from idp.provider import Provider
from idp.store.outbox import add_message

SEAL = "outbox"


def enqueue_mail(
    provider: Provider, db: Session, *, to: str, subject: str, text: str, png: bytes | None = None
) -> None:
    """Queue a mail; ``png`` is an image attached to it (the QR of an enrolment)."""
    payload = {"subject": subject, "text": text, "png": png.hex() if png else None}
    _enqueue(provider, db, "mail", to, payload)


def enqueue_sms(provider: Provider, db: Session, *, to: str, text: str) -> None:
    """Queue an SMS to an E.164 number."""
    _enqueue(provider, db, "sms", to, {"text": text})


def enqueue_push(
    provider: Provider, db: Session, *, device_id: str, subscription: dict[str, Any], handle: str
) -> None:
    """Queue a Web Push whose payload is a handle and nothing else (decision 27)."""
    payload = {"subscription": subscription, "handle": handle}
    _enqueue(provider, db, "push", device_id, payload)


def _enqueue(
    provider: Provider, db: Session, kind: str, recipient: str, payload: dict[str, Any]
) -> None:
    sealed = provider.sealer.seal(json.dumps(payload).encode(), purpose=SEAL)
    add_message(db, kind=kind, recipient=recipient, payload_sealed=sealed, now=provider.clock.now())
    event.listen(db, "after_commit", lambda _db: provider.outbox_filled.set(), once=True)
