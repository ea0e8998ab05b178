"""The one place where sessions begin, in a browser or without one.

It stands beside the layers, as `idp/sessions.py` does: the sign-in pages open sessions, and so do
requests that no browser began (OpenID Connect CIBA Core 1.0), whose cookie nobody holds.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.provider import Provider
from idp.store import sessions as store
from idp.store.models import BrowserSession, Card


def new_session(
    provider: Provider,
    *,
    cookie_hash: bytes,
    account_id: str,
    national_id: str,
    means: str,
    authenticated_at: datetime,
    device_id: str | None,
    card: Card | None,
) -> BrowserSession:
    """A session of one authentication, not kept yet: see `keep_session`."""
    now = provider.clock.now()
    return BrowserSession(
        sid=str(uuid.uuid4()),
        cookie_hash=cookie_hash,
        national_id=national_id,
        account_id=account_id,
        auth_time=authenticated_at,
        means={means: int(authenticated_at.timestamp())},
        device_id=device_id,
        card_number=card.card_number if card else None,
        card_family=card.family if card else None,
        last_activity_at=now,
        created_at=now,
        expires_at=now + provider.settings.session_lifetime,
    )


def keep_session(
    provider: Provider, db: Session, session: BrowserSession, *, means: str, card: Card | None
) -> None:
    """Write a new session, and in the journal that it began."""
    store.add_session(db, session)
    event, device_id = Event.SESSION_OPENED, session.device_id
    note_authentication(provider, db, event, session, means=means, device_id=device_id, card=card)


def note_authentication(
    provider: Provider,
    db: Session,
    event: Event,
    session: BrowserSession,
    *,
    means: str,
    device_id: str | None,
    card: Card | None,
) -> None:
    """Write in the journal what a session began with, or was stepped up by: phone or card."""
    record(
        db,
        event,
        now=provider.clock.now(),
        person=session.national_id,
        device_id=device_id,
        sid=session.sid,
        means=means,
        **(_card_trace(provider, db, session, card) if card else {}),
    )


def _card_trace(
    provider: Provider, db: Session, session: BrowserSession, card: Card
) -> dict[str, Any]:
    """Which card, and whether its holder is signed in elsewhere too: it may be lent (EP-15)."""
    now, idle = provider.clock.now(), provider.settings.session_idle
    others = store.count_other_sessions(db, session, now=now, idle=idle)
    return {"card_number": card.card_number, "other_sessions": others}
