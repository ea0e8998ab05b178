"""The browser's session: opened by an authentication, ended by logout, age or idleness.

The cookie is drawn anew at each authentication; the public `sid` stays while the same person
goes on (decisions 7 and 8).
"""

import secrets
import uuid

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from idp.audit.events import Event
from idp.audit.journal import record
from idp.keys.sealing import sha256
from idp.provider import Provider
from idp.store import sessions as store
from idp.store.models import BrowserSession
from idp.web.cookies import cookie_name, drop_cookie, set_cookie

SESSION_COOKIE = "ecps_session"
_SECRET_BYTES = 32


def session_cookie_hash() -> bytes | None:
    """How the session of this browser is found; nothing when it carries no cookie."""
    secret = request.cookies.get(cookie_name(SESSION_COOKIE))
    return None if secret is None else sha256(secret)


def find_session(
    provider: Provider, db: Session, client_id: str
) -> tuple[BrowserSession | None, bool]:
    """The live session of this browser, and whether the service was confirmed in it."""
    cookie_hash = session_cookie_hash()
    if cookie_hash is None:
        return None, False
    found = store.find_session_for_client(
        db, cookie_hash, client_id, now=provider.clock.now(), idle=provider.settings.session_idle
    )
    return found or (None, False)


def open_session(
    provider: Provider,
    db: Session,
    *,
    previous: BrowserSession | None,
    account_id: str,
    national_id: str,
    means: str,
    device_id: str | None,
) -> tuple[BrowserSession, str]:
    """Open a session after an authentication, or step up the one of the same person.

    Gives the session and the new secret for its cookie. The session of another person in this
    browser ends.
    """
    now = provider.clock.now()
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    used = {means: int(now.timestamp())}
    expires_at = now + provider.settings.session_lifetime
    if previous is not None and previous.account_id == account_id:
        session, event = previous, Event.SESSION_STEPPED_UP
        session.means = {**previous.means, **used}
        session.device_id = device_id or previous.device_id
        session.cookie_hash = sha256(secret)
        session.auth_time = session.last_activity_at = now
        session.expires_at = expires_at
    else:
        if previous is not None:
            end_session(provider, db, previous.sid)
        event = Event.SESSION_OPENED
        session = BrowserSession(
            sid=str(uuid.uuid4()),
            cookie_hash=sha256(secret),
            national_id=national_id,
            account_id=account_id,
            auth_time=now,
            means=used,
            device_id=device_id,
            last_activity_at=now,
            created_at=now,
            expires_at=expires_at,
        )
        store.add_session(db, session)
    record(
        db,
        event,
        now=now,
        person=national_id,
        device_id=device_id,
        sid=session.sid,
        means=means,
    )
    return session, secret


def end_session(provider: Provider, db: Session, sid: str) -> bool:
    """End a session everywhere: the cookie, and every grant that lives by it."""
    now = provider.clock.now()
    ended = store.end_session(db, sid, now=now)
    if ended is None:
        return False
    record(db, Event.SESSION_ENDED, now=now, person=ended.national_id, sid=sid)
    return True


def give_session_cookie(response: Response, secret: str) -> None:
    """Hand the new secret to the browser; it forgets it when it closes."""
    set_cookie(response, SESSION_COOKIE, secret)


def drop_session_cookie(response: Response) -> None:
    """Make the browser forget its session."""
    drop_cookie(response, SESSION_COOKIE)
