"""Somebody who is signed in to a service, for tests of what a service does after a sign-in.

The session is opened as the service itself opens it once a token was verified; that tokens are
verified is shown in `tests/relying_services/service`, with real phones and cards.
"""

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from relying_services.service.app import service_of
from relying_services.service.service import HANDLE
from relying_services.service.store.sessions import open_session


def sign_in(
    app: Flask,
    actor: str,
    *,
    name: str = "Solène MARGELLE",
    means: str = "CARD",
    sid: str = "session-of-the-provider",
    activity: dict[str, Any] | None = None,
    **userinfo: Any,
) -> FlaskClient:
    """A browser in which this person is signed in."""
    service = service_of(app)
    with service.store.begin() as db:
        handle = open_session(
            db,
            service.settings.limits,
            service.clock.now(),
            actor=actor,
            name=name,
            means=means,
            userinfo=userinfo,
            sub=f"f:simulation:{actor}",
            sid=sid,
            id_token=None,
            activity=activity or {},
        )
    client = app.test_client()
    with client.session_transaction() as session:
        session[HANDLE] = handle
    return client


def post(client: FlaskClient, address: str, **fields: Any) -> TestResponse:
    """Post a form as a page of the service would."""
    with client.session_transaction() as session:
        token = session.setdefault("csrf", "of-this-browser")
    return client.post(address, data={"csrf": token, **fields})


def text_of(page: TestResponse, name: str) -> str:
    """The text of the element with this id."""
    found = re.search(rf'id="{name}"[^>]*>(.*?)</', page.text, re.DOTALL)
    assert found, page.text
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def confirmed(page: TestResponse) -> list[str]:
    """What a page tells of an act that was done (RGAA 7.5)."""
    return re.findall(r'class="alert success" role="status">\s*<p>(.*?)</p>', page.text)
