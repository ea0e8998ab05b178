"""A browser whose person has a session and let the service in."""

import secrets
from typing import Any
from urllib.parse import urlencode

from flask import Flask

from idp.keys.sealing import sha256
from idp.provider import Provider
from idp.store.models import BrowserSession
from idp.store.sessions import confirm_client
from tests.oauth.helpers import open_session, parameters


def signed_in_browser(app: Flask, provider: Provider, *client_ids: str) -> Any:
    """Untyped: answers are read as what they should be."""
    secret = secrets.token_urlsafe()
    session = open_session(provider)
    with provider.store.begin() as db:
        kept = db.get_one(BrowserSession, session.sid)
        kept.cookie_hash = sha256(secret)
        for client_id in client_ids:
            confirm_client(db, session.sid, client_id, now=provider.clock.now())
    browser = app.test_client()
    browser.set_cookie("ecps_session", secret)
    return browser


def ask(browser: Any, client_id: str = "service", **changes: Any) -> Any:
    """An authorization request of a service, which the session answers at once."""
    return browser.get("/auth?" + urlencode(parameters(client_id, **changes)))
