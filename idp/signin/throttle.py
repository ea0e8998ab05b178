"""How often sign-ins may be started, without ever locking a person out (decision 24).

A start too many from one address is refused for a while. A start too many for one identifier
still makes its challenge, which the person finds by opening the phone: only the push is left out.
A browser in which the person signed in before has a budget of its own.
"""

import base64
import hmac

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from idp.audit.events import Event
from idp.audit.journal import record
from idp.challenges.push import PushBudget
from idp.networks import factor_of, site_of
from idp.provider import Provider
from idp.store.models import BrowserSession
from idp.store.throttle import count_event
from idp.web.cookies import browser_secret, cookie_name, set_cookie

KNOWN_COOKIE = "ecps_known"
_PURPOSE = "known-browser"


def may_start(provider: Provider, db: Session, address: str, national_id: str) -> bool:
    """Count a start, and tell whether it may go on.

    It counts for its address or, where the person is known in this browser, for the browser: a
    stranger behind the same address does not keep the person out.
    """
    settings = provider.settings
    limit = settings.starts_per_address * factor_of(settings.address_limits, address)
    known = is_known_browser(provider, national_id)
    subject = f"browser:{_mark(provider, national_id)}" if known else f"address:{site_of(address)}"
    counted = _count(provider, db, f"start:{subject}")
    if counted == limit + 1:
        record(db, Event.SIGNIN_THROTTLED, now=provider.clock.now(), success=False, by="address")
    return counted <= limit


def may_try_user_code(provider: Provider, db: Session, session: BrowserSession | None) -> bool:
    """Count a typed user code, and tell whether it is read (RFC 8628, 5.1).

    It counts for the sign-in session, where there is one: who is known is not kept out by a
    stranger behind the same address (decision 24).
    """
    settings, address = provider.settings, request.remote_addr
    limit = settings.device_codes_typed
    subject = f"session:{session.sid}" if session else f"address:{site_of(address)}"
    if session is None:
        limit *= factor_of(settings.address_limits, address)
    now, window = provider.clock.now(), settings.device_codes_window
    counted = count_event(db, f"user-code:{subject}", window=window, now=now)
    if counted == limit + 1:
        sid = session.sid if session else None
        record(db, Event.USER_CODE_THROTTLED, now=now, success=False, sid=sid)
    return counted <= limit


def push_budget(provider: Provider, db: Session, national_id: str) -> PushBudget:
    """Count a start for an identifier, and tell what its push is taken from."""
    known = is_known_browser(provider, national_id)
    subject = f"known:{_mark(provider, national_id)}" if known else f"identifier:{national_id}"
    limit = provider.settings.starts_per_identifier
    counted = _count(provider, db, f"start:{subject}")
    if counted <= limit:
        return PushBudget.BROWSER if known else PushBudget.PERSON
    if counted == limit + 1:
        record(
            db,
            Event.SIGNIN_THROTTLED,
            now=provider.clock.now(),
            success=False,
            person=national_id,
            by="identifier",
        )
    return PushBudget.SPENT


def is_known_browser(provider: Provider, national_id: str) -> bool:
    """Whether this person signed in in this browser before."""
    given = request.cookies.get(cookie_name(KNOWN_COOKIE), "")
    return hmac.compare_digest(given.encode(), _mark(provider, national_id).encode())


def know_browser(provider: Provider, response: Response, national_id: str) -> None:
    """Let the browser prove later that this person signed in in it."""
    mark = _mark(provider, national_id)
    set_cookie(response, KNOWN_COOKIE, mark, max_age=provider.settings.browser_memory)


def _mark(provider: Provider, national_id: str) -> str:
    about = f"{browser_secret()}|{national_id}"
    digest = provider.sealer.keyed_hash(about.encode(), purpose=_PURPOSE)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _count(provider: Provider, db: Session, key: str) -> int:
    window = provider.settings.start_window
    return count_event(db, key, window=window, now=provider.clock.now())
