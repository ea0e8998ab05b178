"""What a careless service sends in the wrong place is kept no less secret."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from idp.provider import Provider
from idp.store.models import DevExchange
from tests.dev.recorder.helpers import ask
from tests.oauth.helpers import PROTOCOL, add_client

FORM = "application/x-www-form-urlencoded"
KEPT_BACK = "pK9-a-secret-of-the-service_0aZ"
BODY = json.dumps({"client_id": "service", "client_secret": KEPT_BACK})
TOKEN = f"{PROTOCOL}/token"
USERINFO = f"{PROTOCOL}/userinfo"

Sending = Callable[[FlaskClient], Any]
CARELESS: dict[str, Sending] = {
    "JSON said to be a form": lambda http: http.post(TOKEN, data=BODY, content_type=FORM),
    "a form that was encoded twice": lambda http: http.post(
        TOKEN, data=f"client_id%3Dservice%26client_secret%3D{KEPT_BACK}", content_type=FORM
    ),
    "a token without a name": lambda http: http.get(f"{USERINFO}?{KEPT_BACK}"),
    "a token without a name, twice": lambda http: http.get(f"{USERINFO}?{KEPT_BACK}&{KEPT_BACK}"),
    "credentials without a scheme": lambda http: http.post(
        TOKEN, headers={"Authorization": KEPT_BACK}
    ),
    "a scheme and a colon": lambda http: http.get(
        USERINFO, headers={"Authorization": f"Bearer:{KEPT_BACK}"}
    ),
    "a field of a file": lambda http: http.post(
        TOKEN, data={KEPT_BACK: "x"}, content_type="multipart/form-data"
    ),
}


@pytest.mark.parametrize("sending", CARELESS.values(), ids=CARELESS.keys())
def test_a_secret_in_the_wrong_place_is_not_kept(
    app: Flask, provider: Provider, sending: Sending
) -> None:
    add_client(provider)
    assert sending(app.test_client()).status_code >= 400
    with provider.store.read() as db:
        rows = list(db.scalars(select(DevExchange)))
    assert len(rows) == 1
    assert KEPT_BACK not in json.dumps([rows[0].request, rows[0].answer, rows[0].client_id])


STRANGE: dict[str, dict[str, Any]] = {
    "more parts than are read": {
        "data": {f"f{n}": "x" for n in range(1200)},
        "content_type": "multipart/form-data",
    },
    "more memory than is read": {
        "data": {"f": "x" * 60_000, "g": "x" * 5_000},
        "content_type": "multipart/form-data",
    },
    "no end of its parts": {
        "data": b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\n",
        "content_type": "multipart/form-data; boundary=b",
    },
    "no boundary": {"data": b"x", "content_type": "multipart/form-data"},
    "numbers of a JWT without end": {
        "data": b"request=eyJhIjoxfQ.eyJleHAiOiAxZTk5OTl9.x&max_age=" + b"9" * 5000,
        "content_type": FORM,
    },
    "thousands of names": {
        "data": "&".join(f"n{n}=" for n in range(5000)),
        "content_type": FORM,
    },
}


@pytest.mark.parametrize("sent", STRANGE.values(), ids=STRANGE.keys())
def test_no_recorded_request_fails_the_answer_or_the_checklist(
    app: Flask, provider: Provider, sent: dict[str, Any]
) -> None:
    add_client(provider)
    http = app.test_client()
    for path in ("token", "ext/par/request", "userinfo", "logout"):
        answer = http.post(
            f"{PROTOCOL}/{path}?client_id=service",
            **sent,
            headers={"Authorization": "Bearer a.b.c"},
        )
        assert 300 <= answer.status_code < 500, (path, answer.text)
    assert ask(app, "checklists/service")["client_id"] == "service"


UNREAD: dict[str, tuple[int, bytes, dict[str, Any]]] = {
    "longer than is read, its length untold": (
        413,
        b"--b\r\n" + b"x" * 200_000,
        {"environ_overrides": {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}},
    ),
    "broken off": (400, b"--b\r\n", {"content_length": 100}),
}


@pytest.mark.parametrize(("status", "body", "told"), UNREAD.values(), ids=UNREAD.keys())
def test_a_body_that_cannot_be_read_is_refused_as_ever(
    app: Flask, status: int, body: bytes, told: dict[str, Any]
) -> None:
    kind = "multipart/form-data; boundary=b"
    answer = app.test_client().post(TOKEN, input_stream=io.BytesIO(body), content_type=kind, **told)
    assert answer.status_code == status, answer.text
