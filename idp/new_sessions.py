"""The one place where sessions begin, in a browser or without one.

It stands beside the layers, as `idp/sessions.py` does: the sign-in pages open sessions, and so do
requests that no browser began (OpenID Connect CIBA Core 1.0), whose cookie nobody holds.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.provider import Provider
from idp.store import sessions as store
from idp.store.models import BrowserSession, Card

MOST_NAMED = 20
"""Of the sessions beside which a card signs in, those that the journal names: the newest."""


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
    credential_id: str | None = None,
    browser: str = "",
    place: str = "",
    public_workstation: bool = False,
) -> BrowserSession:
    """A session of one authentication, not kept yet: see `keep_session`.

    ``browser`` and ``place`` tell who asked, in no language: see `browser_family`, `place_name`.
    """
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
        credential_id=credential_id,
        public_workstation=public_workstation,
        browser=browser,
        place=place,
        last_activity_at=now,
        created_at=now,
        expires_at=now + provider.settings.session_lifetime,
    )


def keep_session(
    provider: Provider, db: Session, session: BrowserSession, *, means: str, card: Card | None
) -> None:
    """Write a new session, and in the journal that it began."""
    store.add_session(db, session)
    note_authentication(
        provider,
        db,
        Event.SESSION_OPENED,
        session,
        means=means,
        device_id=session.device_id,
        card=card,
        credential_id=session.credential_id,
    )


def note_authentication(
    provider: Provider,
    db: Session,
    event: Event,
    session: BrowserSession,
    *,
    means: str,
    device_id: str | None,
    card: Card | None,
    credential_id: str | None = None,
) -> None:
    """Write in the journal what a session began with, or was stepped up by: phone, card or key."""
    trace: dict[str, Any] = {} if credential_id is None else {"credential_id": credential_id}
    count, others = _elsewhere(provider, db, session) if card else (0, [])
    if card is not None:
        trace |= {"card_number": card.card_number, "other_sessions": count}
    record(
        db,
        event,
        now=provider.clock.now(),
        person=session.national_id,
        device_id=device_id,
        sid=session.sid,
        means=means,
        **trace,
    )
    if card is not None and others:
        _flag(provider, db, session, card, others)


def _elsewhere(
    provider: Provider, db: Session, session: BrowserSession
) -> tuple[int, Sequence[str]]:
    """How many further sessions their person has open, and the newest of them."""
    now, idle = provider.clock.now(), provider.settings.session_idle
    return store.other_sessions(db, session, now=now, idle=idle, limit=MOST_NAMED)


def _flag(
    provider: Provider, db: Session, session: BrowserSession, card: Card, others: Sequence[str]
) -> None:
    """A card used while its holder is at work elsewhere may be lent (EP-15).

    Its holder and operators read of it; no service does, and nobody is refused.
    """
    record(
        db,
        Event.SESSION_OVERLAPPED,
        now=provider.clock.now(),
        person=session.national_id,
        sid=session.sid,
        card_number=card.card_number,
        others=list(others),
    )
