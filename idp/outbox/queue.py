"""Queueing what must reach others, inside the transaction that decides it (decision 40).

Nothing slow happens here: images are drawn and connections made by the dispatcher.
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from idp.outbox.delivery import SEAL
from idp.provider import Provider
from idp.store.backchannel import mark_told
from idp.store.models import BackchannelRequest
from idp.store.outbox import add_message, queue_again


def enqueue_mail(
    provider: Provider,
    db: Session,
    *,
    to: str,
    subject: str,
    text: str,
    qr: str | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Queue a mail; ``qr`` is what a QR code drawn into it holds."""
    payload = {"subject": subject, "text": text, "qr": qr}
    _enqueue(provider, db, "mail", to, payload, expires_at=expires_at)


def enqueue_sms(
    provider: Provider, db: Session, *, to: str, text: str, expires_at: datetime | None = None
) -> None:
    """Queue an SMS to an E.164 number."""
    _enqueue(provider, db, "sms", to, {"text": text}, expires_at=expires_at)


def enqueue_push(
    provider: Provider,
    db: Session,
    *,
    device_id: str,
    subscription: dict[str, Any],
    handle: str,
    expires_at: datetime | None = None,
) -> None:
    """Queue a Web Push whose payload is a handle and nothing else (decision 27).

    It is of use as long as its challenge: ``expires_at``, or the life of a browser's challenge.
    """
    payload = {"subscription": subscription, "handle": handle}
    end = expires_at or provider.clock.now() + provider.settings.web_challenge_lifetime
    _enqueue(provider, db, "push", device_id, payload, expires_at=end)


def enqueue_letter(
    provider: Provider,
    db: Session,
    *,
    to: str,
    subject: str,
    text: str,
    codes: dict[str, str] | None = None,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Queue a letter to a person, by national identifier; nobody reads it before ``due_at``.

    ``codes`` are what scripts look for in it, and stand in its payload. It stays readable, as
    paper does, until ``expires_at``.
    """
    payload = {"subject": subject, "text": text} | (codes or {})
    _enqueue(provider, db, "letter", to, payload, due_at=due_at, expires_at=expires_at)


def enqueue_logout(provider: Provider, db: Session, *, client_id: str, sid: str, sub: str) -> None:
    """Queue telling a client that a session of a person ended; ``sub`` as its ID tokens say it.

    The logout token is composed when it is sent.
    """
    _enqueue(provider, db, "logout", client_id, {"sid": sid, "sub": sub}, expires_at=None)


def enqueue_backchannel(provider: Provider, db: Session, auth_req_id_hash: bytes) -> None:
    """Queue telling a client that a request of its has ended, once (CIBA Core 10.2 and 10.3).

    Nothing for one that asks. What a push holds is composed when it is sent; a ping is of use as
    long as its request.
    """
    told = mark_told(db, auth_req_id_hash, now=provider.clock.now())
    if told is None:
        return
    payload = {"auth_req_id_hash": auth_req_id_hash.hex(), "lapsed": False}
    lapses = told.expires_at if told.delivery == "ping" else None
    _enqueue(provider, db, "ciba", told.client_id, payload, expires_at=lapses)


def enqueue_lapse(provider: Provider, db: Session, request: BackchannelRequest) -> None:
    """Queue telling a client that nobody answered, for when its request lapses (CIBA Core 12)."""
    payload = {"auth_req_id_hash": request.auth_req_id_hash.hex(), "lapsed": True}
    due_at = request.expires_at
    _enqueue(provider, db, "ciba", request.client_id, payload, expires_at=None, due_at=due_at)


def send_again(provider: Provider, db: Session, message_id: int) -> bool:
    """Queue a failed message once more; False where it is of no more use, or was forgotten."""
    if not queue_again(db, message_id, now=provider.clock.now()):
        return False
    event.listen(db, "after_commit", lambda _db: provider.outbox_filled.set(), once=True)
    return True


def withhold_message(provider: Provider, db: Session, *, size: int) -> None:
    """Write the row of a message that nobody gets.

    The same work for a person who is unknown as for one who is written to (decision 41): the
    same statement, and sealed bytes of a like ``size``.
    """
    sealed = provider.sealer.seal(bytes(size), purpose=SEAL)
    now = provider.clock.now()
    add_message(db, kind="mail", recipient="", payload_sealed=sealed, now=now, state="withheld")


def _enqueue(
    provider: Provider,
    db: Session,
    kind: str,
    recipient: str,
    payload: dict[str, Any],
    *,
    expires_at: datetime | None,
    due_at: datetime | None = None,
) -> None:
    add_message(
        db,
        kind=kind,
        recipient=recipient,
        payload_sealed=provider.sealer.seal(json.dumps(payload).encode(), purpose=SEAL),
        now=provider.clock.now(),
        due_at=due_at,
        expires_at=expires_at,
    )
    event.listen(db, "after_commit", lambda _db: provider.outbox_filled.set(), once=True)
