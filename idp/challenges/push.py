"""Telling a phone that something waits: a hint within a budget (decisions 24 and 27).

A spent budget or a silence suppresses the push, never the challenge: a person who opens the phone
finds it. Nobody's phone costs the same statements as somebody's (decision 41).
"""

import json
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.outbox.queue import enqueue_push
from idp.provider import Provider
from idp.store.challenges import add_unsent_push
from idp.store.devices import phones_to_tell
from idp.store.models import Challenge, Device
from idp.store.throttle import count_event, count_events, forget_counts

_DAY = timedelta(days=1)
_USUAL_SUBSCRIPTION = 420
"""Bytes of a usual queued push: what is sealed for nobody is as long."""


class PushBudget(StrEnum):
    """What a push may be taken from (decision 24)."""

    PERSON = "person"
    """The budget that all browsers unknown to the person share."""
    BROWSER = "browser"
    """A known browser's own, which the caller has counted: strangers cannot spend it."""
    SPENT = "spent"
    """None: the caller's limit of starts was passed."""


def hint(provider: Provider, db: Session, challenge: Challenge, budget: PushBudget) -> None:
    """Queue a push to the person's phones, as far as the budget goes."""
    now = provider.clock.now()
    limits = _limits(provider, challenge.national_id, budget)
    devices, full = phones_to_tell(db, challenge.national_id, limits=limits, now=now)
    if full or budget is PushBudget.SPENT or not _count(provider, db, challenge, budget, now):
        record(
            db,
            Event.PUSH_SUPPRESSED,
            now=now,
            success=False,
            person=challenge.national_id,
            client_id=challenge.client_id,
        )
        return
    _send(provider, db, challenge, devices)


def count_refusal(provider: Provider, db: Session, national_id: str, *, disowned: bool) -> None:
    """Refusals, or a single 'it was not me', silence the pushes for a while."""
    settings, now = provider.settings, provider.clock.now()
    refusals = count_event(db, _refusals(national_id), window=settings.push_window, now=now)
    if disowned or refusals >= settings.refusals_before_silence:
        count_event(db, _silence(national_id), window=settings.push_silence, now=now)


def forget_refusals(db: Session, national_id: str) -> None:
    """A success starts the daily budget and the count of refusals anew."""
    forget_counts(db, [_day(national_id), _refusals(national_id)])


def _limits(provider: Provider, national_id: str, budget: PushBudget) -> dict[str, int]:
    """The counts that suppress a push, and at how many."""
    settings = provider.settings
    limits = {_silence(national_id): 1}
    if budget is PushBudget.PERSON:
        limits[_window(national_id)] = settings.pushes_per_window
        limits[_day(national_id)] = settings.pushes_per_day
    return limits


def _count(
    provider: Provider, db: Session, challenge: Challenge, budget: PushBudget, now: datetime
) -> bool:
    """Take a push from its budget: False where a simultaneous one took the last."""
    if budget is PushBudget.BROWSER:
        return True
    settings, person = provider.settings, challenge.national_id
    windows = {_window(person): settings.push_window, _day(person): _DAY}
    counted = count_events(db, windows, now=now)
    return (
        counted[_window(person)] <= settings.pushes_per_window
        and counted[_day(person)] <= settings.pushes_per_day
    )


def _send(provider: Provider, db: Session, challenge: Challenge, devices: list[Device]) -> None:
    reachable = [device for device in devices if device.push is not None]
    for device in reachable:
        enqueue_push(
            provider,
            db,
            device_id=device.device_id,
            subscription=device.push or {},
            handle=secrets.token_urlsafe(16),
            expires_at=challenge.expires_at,
        )
    if not reachable:
        padding = json.dumps({"handle": "0" * _USUAL_SUBSCRIPTION}).encode()
        sealed = provider.sealer.seal(padding, purpose="outbox")
        add_unsent_push(db, payload_sealed=sealed, now=provider.clock.now())


def _window(national_id: str) -> str:
    return f"push-window:{national_id}"


def _day(national_id: str) -> str:
    return f"push-day:{national_id}"


def _refusals(national_id: str) -> str:
    return f"push-refusals:{national_id}"


def _silence(national_id: str) -> str:
    return f"push-silence:{national_id}"
