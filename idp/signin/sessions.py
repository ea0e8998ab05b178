"""The browser's session: opened by an authentication, ended by logout, age or idleness.

The cookie is drawn anew at each authentication; the public `sid` stays while the same person
goes on (decisions 7 and 8).
"""

import secrets

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from idp.audit.events import Event
from idp.keys.sealing import sha256
from idp.new_sessions import keep_session, new_session, note_authentication
from idp.provider import Provider
from idp.sessions import end_session
from idp.store import sessions as store
from idp.store.models import BrowserSession, Card
from idp.web.cookies import cookie_name, drop_cookie, set_cookie

SESSION_COOKIE = "ecps_session"
_SECRET_BYTES = 32


def session_cookie_hash() -> bytes | None:
    """How the session of this browser is found; nothing when it carries no cookie."""
    secret = request.cookies.get(cookie_name(SESSION_COOKIE))
    return None if secret is None else sha256(secret)


def session_of_browser(provider: Provider, db: Session) -> BrowserSession | None:
    """The live session of this browser, whatever service is asked for."""
    cookie_hash = session_cookie_hash()
    if cookie_hash is None:
        return None
    idle = provider.settings.session_idle
    return store.find_live_session(db, cookie_hash, now=provider.clock.now(), idle=idle)


def last_session_of_browser(db: Session) -> BrowserSession | None:
    """The session whose cookie this browser holds, over or not."""
    cookie_hash = session_cookie_hash()
    return None if cookie_hash is None else store.find_session_of_cookie(db, cookie_hash)


def find_session(
    provider: Provider, db: Session, client_id: str, sid: str | None = None
) -> tuple[BrowserSession | None, bool]:
    """The live session of this browser, and whether the service was confirmed in it.

    ``sid`` is the one opened in the interaction under way, whose cookie the browser was not given:
    no other counts then.
    """
    now, idle = provider.clock.now(), provider.settings.session_idle
    if sid is not None:
        own = store.find_session_by_sid_for_client(db, sid, client_id, now=now, idle=idle)
        return own or (None, False)
    cookie_hash = session_cookie_hash()
    if cookie_hash is None:
        return None, False
    found = store.find_session_for_client(db, cookie_hash, client_id, now=now, idle=idle)
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
    card: Card | None = None,
    credential_id: str | None = None,
    public_workstation: bool = False,
    browser: str = "",
    place: str = "",
) -> tuple[BrowserSession, str]:
    """Open a session after an authentication, or step up the one of the same person.

    Gives the session and the new secret for its cookie. The session of another person in this
    browser ends, and that of another card or security key: ``card`` or ``credential_id`` is the one
    that was used, and its end is that of all that began with it (decision 32). On a public
    workstation none goes on: what stood in the browser ends, and nobody is to be given the new
    secret.
    """
    now = provider.clock.now()
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    if (
        previous is None
        or public_workstation
        or not _goes_on(previous, account_id, card, credential_id)
    ):
        if previous is not None:
            end_session(provider, db, previous.sid)
        session = new_session(
            provider,
            cookie_hash=sha256(secret),
            account_id=account_id,
            national_id=national_id,
            means=means,
            authenticated_at=now,
            device_id=device_id,
            card=card,
            credential_id=credential_id,
            public_workstation=public_workstation,
            browser=browser,
            place=place,
        )
        keep_session(provider, db, session, means=means, card=card)
        return session, secret
    session = previous
    before = {name: at for name, at in previous.means.items() if name != means}
    session.means = {**before, means: int(now.timestamp())}
    session.device_id = device_id or previous.device_id
    session.credential_id = credential_id or previous.credential_id
    if card is not None:
        session.card_number, session.card_family = card.card_number, card.family
    session.browser, session.place = browser, place
    session.cookie_hash = sha256(secret)
    session.auth_time = session.last_activity_at = now
    session.expires_at = now + provider.settings.session_lifetime
    event = Event.SESSION_STEPPED_UP
    note_authentication(
        provider,
        db,
        event,
        session,
        means=means,
        device_id=device_id,
        card=card,
        credential_id=credential_id,
    )
    return session, secret


def _goes_on(
    previous: BrowserSession, account_id: str, card: Card | None, credential_id: str | None
) -> bool:
    is_another_card = card is not None and previous.card_number not in {None, card.card_number}
    known_keys = {None, credential_id}
    is_another_key = credential_id is not None and previous.credential_id not in known_keys
    return previous.account_id == account_id and not is_another_card and not is_another_key


def give_session_cookie(response: Response, secret: str) -> None:
    """Hand the new secret to the browser; it forgets it when it closes."""
    set_cookie(response, SESSION_COOKIE, secret)


def drop_session_cookie(response: Response) -> None:
    """Make the browser forget its session."""
    drop_cookie(response, SESSION_COOKIE)
