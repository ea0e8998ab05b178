"""Draining the outbox: claim, send outside any transaction, record what became of it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from idp.audit.events import Event
from idp.audit.journal import record
from idp.keys.sealing import SealBroken
from idp.oauth.ciba.delivery import deliver_backchannel
from idp.outbox.delivery import (
    Delivery,
    NoCarrier,
    NotDeliverable,
    NotDelivered,
    PushAddressGone,
    TryLater,
    open_message,
)
from idp.outbox.letter import deliver_letter
from idp.outbox.logout import deliver_logout
from idp.outbox.mail import deliver_mail
from idp.outbox.push import deliver_push
from idp.outbox.sms import deliver_sms
from idp.provider import Provider
from idp.store.models import OutboxMessage
from idp.store.outbox import (
    claim_message,
    drop_push_address,
    finish_message,
    has_due,
    postpone_message,
)

log = structlog.get_logger(__name__)

CARRIERS: dict[str, Callable[[Provider, Delivery], None]] = {
    "push": deliver_push,
    "sms": deliver_sms,
    "mail": deliver_mail,
    "letter": deliver_letter,
    "logout": deliver_logout,
    "ciba": deliver_backchannel,
}

_TO_CLIENTS = ("logout", "ciba")


@dataclass(frozen=True)
class _Outcome:
    state: str
    error: str | None = None
    gone: str | None = None
    """The push endpoint that no longer exists."""


def drain(provider: Provider, kind: str) -> int:
    """Send all that is due of one kind; gives how many attempts were made.

    Several processes may drain at once: each message goes to one of them.
    """
    attempts = 0
    while (message := _claim(provider, kind)) is not None:
        _record(provider, message, _attempt(provider, message))
        attempts += 1
    return attempts


def _claim(provider: Provider, kind: str) -> OutboxMessage | None:
    with provider.store.read() as db:
        provider.synchronise_clock(db)
        if not has_due(db, kind=kind, now=provider.clock.now()):
            return None
    now = provider.clock.now()
    with provider.store.begin() as db:
        return claim_message(
            db, kind=kind, now=now, lease_ends=now + provider.settings.outbox_lease
        )


def _attempt(provider: Provider, message: OutboxMessage) -> _Outcome:
    if message.expires_at is not None and message.expires_at <= provider.clock.now():
        return _Outcome("failed", "expired before it could be sent")
    try:
        delivery = open_message(provider, message)
    except SealBroken:
        return _Outcome("failed", "sealed under another master key")
    return _hand_over(provider, delivery)


def _hand_over(provider: Provider, delivery: Delivery) -> _Outcome:
    try:
        CARRIERS[delivery.kind](provider, delivery)
    except NoCarrier as error:
        # A simulation is read through `ecps-idp outbox`; a real provider must be configured.
        return _Outcome("kept" if provider.is_simulation else "pending", str(error))
    except PushAddressGone as error:
        return _Outcome("failed", str(error), gone=delivery.payload["subscription"]["endpoint"])
    except NotDeliverable as error:
        return _Outcome("failed", str(error))
    except (TryLater, NotDelivered) as error:
        return _Outcome("pending", str(error))
    return _Outcome("sent")


def _record(provider: Provider, message: OutboxMessage, outcome: _Outcome) -> None:
    now = provider.clock.now()
    state = outcome.state
    if state == "pending" and message.attempts >= provider.settings.outbox_attempts:
        state = "failed"
    with provider.store.begin() as db:
        if state == "pending":
            due_at = now + _wait(provider, message.attempts)
            postpone_message(db, message, due_at=due_at, error=outcome.error or "")
        else:
            # Codes and tokens that went out are of no more use here; a simulation shows them.
            forget = not provider.is_simulation
            finish_message(db, message, state=state, now=now, error=outcome.error, forget=forget)
        if outcome.gone is not None:
            drop_push_address(db, message.recipient, endpoint=outcome.gone)
        if state == "failed":
            record(
                db,
                Event.MESSAGE_FAILED,
                now=now,
                success=False,
                device_id=message.recipient if message.kind == "push" else None,
                client_id=message.recipient if message.kind in _TO_CLIENTS else None,
                kind=message.kind,
                message_id=message.id,
                error=outcome.error,
            )
    log.info(
        "message",
        kind=message.kind,
        message_id=message.id,
        attempt=message.attempts,
        state=state,
        error=outcome.error,
    )


def _wait(provider: Provider, attempts: int) -> timedelta:
    settings = provider.settings
    doubled: timedelta = settings.outbox_first_wait * (1 << (attempts - 1))
    # Spread between half and the whole, so that many messages do not come back at one moment.
    share = 0.5 + secrets.randbelow(1000) / 2000
    return min(doubled, settings.outbox_longest_wait) * share
