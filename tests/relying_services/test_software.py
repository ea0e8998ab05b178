"""The demonstration service as business software: CIBA against a real provider."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from requests import PreparedRequest, Response
from werkzeug.test import TestResponse

from idp.settings import Settings
from relying_services.demo import DemoSettings, create_app
from tests.ciba.answers import challenge_of
from tests.ciba.card.helpers import LISTENER, card_at_reader
from tests.ciba.helpers import add_ciba_client, phone_of
from tests.conftest import BASE_URL, make_settings, provider_of
from tests.oauth.helpers import PERSON, SECRET, advance
from tests.wallet.helpers import PIN


@pytest.fixture
def settings(sqlite_url: str, master_key: str) -> Settings:
    return make_settings(sqlite_url, master_key, card_base_url=LISTENER)


@pytest.fixture
def visitor(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    """A browser at the service, whose calls to the provider stay in this process."""
    monkeypatch.setattr(
        "requests.adapters.HTTPAdapter.send", lambda _, sent, **__: _call(app, sent)
    )
    provider = provider_of(app)
    add_ciba_client(provider)
    service = create_app(
        DemoSettings(provider.settings.issuer, "ciba", SECRET, "http://localhost:8001")
    )
    with service.test_client() as client:
        yield client


def _call(app: Flask, sent: PreparedRequest) -> Response:
    answer = app.test_client(use_cookies=False).open(
        sent.path_url,
        base_url=BASE_URL,
        method=sent.method,
        headers=dict(sent.headers),
        data=sent.body,
    )
    given = Response()
    given.status_code, given.url, given.request = answer.status_code, str(sent.url), sent
    given.headers.update(dict(answer.headers))
    given.raw = io.BytesIO(answer.data)
    return given


def ask(visitor: FlaskClient, national_id: str = PERSON, channel: str = "MOBILE") -> TestResponse:
    found = re.search(r'name="csrf" value="([^"]+)"', visitor.get("/software").text)
    assert found
    form = {"csrf": found[1], "national_id": national_id, "channel": channel}
    return visitor.post("/software", data=form)


def come_back(visitor: FlaskClient, app: Flask) -> TestResponse:
    """The page looks again, once its interval is over."""
    advance(provider_of(app), 2)
    return visitor.get("/software/waiting")


def number_on(page: TestResponse) -> str:
    found = re.search(r'id="number"[^>]*>(\d\d)<', page.text)
    assert found, page.text
    return found[1]


def test_a_form_of_another_page_asks_nobody(visitor: FlaskClient, app: Flask) -> None:
    visitor.get("/software")
    form = {"csrf": "made up", "national_id": PERSON, "channel": "MOBILE"}
    assert visitor.post("/software", data=form).status_code == 403
    assert visitor.application.test_client().post("/software", data=form).status_code == 403


def test_an_unknown_means_is_refused(visitor: FlaskClient) -> None:
    assert ask(visitor, channel="FAX").status_code == 400


def test_what_the_provider_refuses_is_told_in_its_word(visitor: FlaskClient) -> None:
    told = ask(visitor, "not an identifier")
    assert told.status_code == 400
    assert re.search(r'<code id="error">\w+</code>', told.text)


def test_nobody_waits_where_nothing_was_asked(visitor: FlaskClient) -> None:
    assert visitor.get("/software/waiting").headers["Location"] == "/software"


def test_a_refusal_signs_nobody_in(visitor: FlaskClient, app: Flask, tmp_path: Path) -> None:
    phone = phone_of(app, tmp_path)
    ask(visitor)
    phone.refuse()
    told = visitor.get("/software/waiting")
    assert (told.status_code, "access_denied" in told.text) == (400, True)
    assert visitor.get("/software/waiting").headers["Location"] == "/software"
    assert "Personne n’est connecté" in visitor.get("/").text


def test_the_software_shows_a_number_and_signs_in_by_phone(
    visitor: FlaskClient, app: Flask, tmp_path: Path
) -> None:
    phone = phone_of(app, tmp_path)
    assert ask(visitor).headers["Location"] == "/software/waiting"
    page = visitor.get("/software/waiting")
    assert 'http-equiv="refresh"' in page.text
    assert 'http-equiv="refresh"' not in visitor.get("/software/waiting?pause=1").text
    phone.approve(PIN, number_on(page))
    assert come_back(visitor, app).headers["Location"] == "/"
    assert PERSON in visitor.get("/").text


def test_the_software_signs_in_by_card(visitor: FlaskClient, app: Flask, tmp_path: Path) -> None:
    """Decision 34."""
    with card_at_reader(app, tmp_path) as card:
        ask(visitor, card.holder, "CARD")
        page = visitor.get("/software/waiting")
        assert "lecteur de carte" in page.text
        assert challenge_of(provider_of(app)).purpose == "ciba-card"
        card.approve(number_on(page))
    assert come_back(visitor, app).headers["Location"] == "/"
    assert "CARD" in visitor.get("/").text
