"""Sessions of operators: opened by a proof of identity, ended by leaving, by time, by disabling."""

import secrets

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from idp.audit.events import Event
from idp.audit.journal import record
from idp.console.entry.visitors import COOKIE, Visitor
from idp.keys.sealing import sha256
from idp.provider import Provider
from idp.store.models import OperatorSession
from idp.store.operators import confirm_session, end_session, open_session
from idp.web.cookies import cookie_name, drop_cookie, set_cookie

_SECRET_BYTES = 32


def enter(provider: Provider, db: Session, name: str, means: str) -> str:
    """Open a session for who proved who they are; gives the secret of its cookie.

    Whatever session this browser had is over.
    """
    secret, now = secrets.token_urlsafe(_SECRET_BYTES), provider.clock.now()
    _end_former(db, provider)
    session = OperatorSession(
        cookie_hash=sha256(secret),
        operator=name,
        means=means,
        address=request.remote_addr or "",
        confirmed_at=now,
        last_activity_at=now,
        created_at=now,
        expires_at=now + provider.settings.operator_session_lifetime,
    )
    open_session(db, session)
    record(db, Event.OPERATOR_ENTERED, now=now, actor=f"operator:{name}", means=means)
    return secret


def confirm(provider: Provider, db: Session, visitor: Visitor, means: str) -> None:
    """Who is at work proved again who they are."""
    now = provider.clock.now()
    confirm_session(db, visitor.session, now=now)
    record(db, Event.OPERATOR_CONFIRMED, now=now, means=means)


def leave(provider: Provider, db: Session, visitor: Visitor) -> None:
    """End the session of who leaves."""
    now = provider.clock.now()
    if end_session(db, visitor.session, now=now) is not None:
        record(db, Event.OPERATOR_LEFT, now=now)


def keep_in_browser(response: Response, secret: str) -> Response:
    """Give the browser the session's cookie, until it is closed."""
    set_cookie(response, COOKIE, secret)
    return response


def forget_in_browser(response: Response) -> Response:
    """Make the browser forget the session."""
    drop_cookie(response, COOKIE)
    return response


def _end_former(db: Session, provider: Provider) -> None:
    former = request.cookies.get(cookie_name(COOKIE))
    if former is not None:
        end_session(db, sha256(former), now=provider.clock.now())
