"""What is kept of each request at the protocol's addresses, and what never is."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from idp import create_app
from idp.dev.recorder import recording
from idp.dev.recorder.recording import steps_by_path
from idp.provider import Provider
from idp.settings import Settings
from idp.store.models import DevExchange
from idp.web.client_certificate import KEY
from tests.ciba.helpers import add_ciba_client
from tests.ciba.helpers import service as ciba_service
from tests.conftest import make_settings, provider_of
from tests.dev.recorder.helpers import code_by_pages, exchanges, last
from tests.oauth.helpers import PROTOCOL, SECRET, VERIFIER, Service, add_client, challenge_of
from tests.oauth.pushed.helpers import open_auth, pushed
from tests.signin import helpers as pages
from tests.statements import Statements


@pytest.fixture
def service(app: Flask, provider: Provider) -> Service:
    add_client(provider)
    return Service(app, provider)


def rows(provider: Provider) -> list[DevExchange]:
    with provider.store.read() as db:
        return list(db.scalars(select(DevExchange)))


def whole_login(browser: FlaskClient, service: Service) -> dict[str, str]:
    """By the pages, with PKCE; gives every secret of it."""
    pkce = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
    code = code_by_pages(browser, service.provider, **pkce)["code"]
    given = service.exchange(code, code_verifier=VERIFIER).json
    service.userinfo(given["access_token"])
    service.refresh(given["refresh_token"])
    service.introspect(given["access_token"])
    service.post("revoke", {"token": given["refresh_token"], "token_type_hint": "refresh_token"})
    service.http.get(f"{PROTOCOL}/logout", query_string={"id_token_hint": given["id_token"]})
    names = ("access_token", "refresh_token", "id_token")
    return {"code": code, "verifier": VERIFIER} | {name: given[name] for name in names}


def test_outside_dev_nothing_is_recorded_nor_routed(sqlite_url: str, master_key: str) -> None:
    """Decision 2: no row, no address, no hook."""
    app = create_app(make_settings(sqlite_url, master_key, dev=False))
    provider = provider_of(app)
    add_client(provider)
    Service(app, provider).sign_in()
    hooks = [hook for hooks in app.after_request_funcs.values() for hook in hooks]
    assert not [hook for hook in hooks if hook.__module__.startswith("idp.dev")]
    assert not [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/dev/")]
    assert rows(provider) == []
    provider.store.close()


def test_a_recorder_that_keeps_nothing_writes_nothing(sqlite_url: str, master_key: str) -> None:
    app = create_app(make_settings(sqlite_url, master_key, recorder_kept=0))
    provider = provider_of(app)
    add_client(provider)
    Service(app, provider).sign_in()
    assert rows(provider) == []
    provider.store.close()


def test_no_secret_of_a_login_is_kept_in_clear(
    browser: FlaskClient, service: Service, provider: Provider
) -> None:
    secrets = whole_login(browser, service) | {"client secret": SECRET}
    service.http.post(
        f"{PROTOCOL}/token?client_secret={urlencode({'': SECRET})[1:]}",
        data={"client_secret": SECRET, "an_unknown_name": secrets["code"], "password": "azerty"},
    )
    kept = json.dumps([[row.request, row.answer] for row in rows(provider)])
    assert len(kept) > 2000
    assert [name for name, secret in secrets.items() if secret in kept] == []
    assert "azerty" not in kept


def test_each_step_of_a_login_is_kept_with_its_client(
    app: Flask, browser: FlaskClient, service: Service
) -> None:
    whole_login(browser, service)
    steps = [(e["step"], e["method"], e["status"], e["client_id"]) for e in exchanges(app)]
    assert steps == [
        ("authorize", "GET", 303, "service"),
        ("callback", "GET", 303, "service"),
        ("token", "POST", 200, "service"),
        ("userinfo", "GET", 200, "service"),
        ("token", "POST", 200, "service"),
        ("introspection", "POST", 200, "service"),
        ("revocation", "POST", 200, "service"),
        ("logout", "GET", 200, "service"),
    ]


def test_two_uses_of_one_secret_are_known_by_their_fingerprint(
    app: Flask, browser: FlaskClient, service: Service
) -> None:
    whole_login(browser, service)
    callback, token, userinfo, refresh = exchanges(app)[1:5]
    assert token["parameters"]["code"] == callback["answer"]["code"]
    assert userinfo["presented"]["token"] == token["answer"]["access_token"]
    assert refresh["parameters"]["refresh_token"] == token["answer"]["refresh_token"]
    assert token["sid"] == callback["sid"] == userinfo["sid"] == refresh["sid"]
    assert token["answer"]["expires_in"] == 120
    assert token["authentication"] == "client_secret_basic"


def test_what_may_be_read_is_kept_in_clear(app: Flask, browser: FlaskClient) -> None:
    pages.add_client(provider_of(app))
    pages.authorize(browser, nonce="the-nonce", acr_values="eidas1", scope="openid")
    asked = last(app, "authorize")["parameters"]
    assert asked["nonce"] == "the-nonce"
    assert asked["acr_values"] == "eidas1"
    assert asked["redirect_uri"] == pages.CALLBACK


@pytest.mark.parametrize(
    "query", ["", "&access_token=eyJhbGciOiJub25lIn0.eyJhenAiOiJzZXJ2aWNlIn0.x"]
)
def test_a_wrong_method_at_an_address_is_seen_with_its_secrets(
    app: Flask, service: Service, query: str
) -> None:
    answer = service.http.get(f"{PROTOCOL}/token?client_id=service&client_secret=s{query}")
    assert answer.status_code == 405
    seen = last(app, "token")
    assert (seen["client_id"], seen["status"], seen["method"]) == ("service", 405, "GET")
    assert "client_secret" in seen["in_query"]
    assert seen["parameters"]["client_secret"] == "(hidden)"


def test_an_access_token_in_the_address_tells_its_client(app: Flask, service: Service) -> None:
    token = service.sign_in()["access_token"]
    service.http.get(f"{PROTOCOL}/userinfo?access_token={token}")
    seen = last(app, "userinfo")
    assert seen["client_id"] == "service"
    assert seen["in_query"] == ["access_token"]


def test_public_documents_are_nobody_s(app: Flask, service: Service) -> None:
    service.http.get(f"{PROTOCOL}/certs")
    service.http.get("/auth/realms/esante-wallet/.well-known/wallet-openid-configuration")
    assert [(e["step"], e["client_id"]) for e in exchanges(app)] == [
        ("jwks", None),
        ("discovery", None),
    ]


def test_an_authorization_request_at_the_realm_s_own_address_is_one(
    app: Flask, browser: FlaskClient
) -> None:
    """Decision 4: `{issuer}/protocol/openid-connect/auth` is an alias."""
    pages.add_client(provider_of(app))
    browser.get(f"{PROTOCOL}/auth?{urlencode(pages.request_of())}")
    assert [e["step"] for e in exchanges(app)] == ["authorize"]


def test_an_answer_at_once_is_kept_with_its_request(app: Flask, browser: FlaskClient) -> None:
    pages.add_client(provider_of(app))
    pages.authorize(browser, prompt="none")
    request, callback = exchanges(app)
    assert (request["step"], callback["step"]) == ("authorize", "callback")
    assert callback["answer"]["error"] == "login_required"


@pytest.mark.parametrize("mode", ["form_post", "jwt", "form_post.jwt"])
def test_an_answer_in_any_form_is_kept(app: Flask, browser: FlaskClient, mode: str) -> None:
    """Form Post Response Mode; JARM."""
    provider = provider_of(app)
    pages.add_client(provider)
    pages.sign_in(browser, provider, response_mode=mode)
    assert last(app, "callback")["answer"]["code"].startswith("sha256:")


def test_a_pushed_request_and_its_use_share_a_fingerprint(app: Flask, service: Service) -> None:
    """RFC 9126."""
    open_auth(service, pushed(service))
    par, authorize = exchanges(app)
    assert par["step"] == "par"
    assert par["parameters"]["nonce"] == "n1"
    assert authorize["parameters"]["request_uri"] == par["answer"]["request_uri"]


def test_a_request_without_a_browser_is_kept_with_its_polls(app: Flask, provider: Provider) -> None:
    """CIBA Core 7."""
    add_ciba_client(provider)
    service = ciba_service(app)
    service.poll(service.begin(acr_values="eidas1", channel="MOBILE")["auth_req_id"])
    asked, poll = exchanges(app)
    assert (asked["step"], asked["parameters"]["binding_message"]) == ("ciba", "42")
    assert asked["answer"]["interval"] == 1
    assert poll["parameters"]["auth_req_id"] == asked["answer"]["auth_req_id"]
    assert poll["answer"]["error"] == "authorization_pending"


def test_a_certificate_that_was_shown_is_noted(app: Flask, service: Service) -> None:
    """EXI PSC 24."""
    service.http.post(f"{PROTOCOL}/token", data={"client_id": "service"})
    assert last(app, "token")["certificate"] is False
    shown: dict[str, Any] = {KEY: b"a certificate"}
    service.http.post(f"{PROTOCOL}/token", data={"client_id": "service"}, environ_overrides=shown)
    assert last(app, "token")["certificate"] is True
    assert last(app, "token")["authentication"] == "tls_client_auth"


def test_a_record_is_one_insert_after_the_answer(service: Service, provider: Provider) -> None:
    token = service.sign_in()["access_token"]
    with Statements(provider) as seen:
        service.userinfo(token)
    writes = [text for text in seen if not text.startswith(("SELECT", "BEGIN"))]
    assert len(writes) == 1
    assert writes[0].startswith("INSERT INTO dev_exchanges")
    assert seen[-1] == writes[0]


def test_an_answer_stands_though_its_record_fails(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    monkeypatch.setattr(recording, "add_exchanges", fail)
    assert service.sign_in()["access_token"]


@pytest.mark.parametrize(
    "body",
    [
        b"client_id=%00&state=%00",
        b"client_id=%ff",
        b"request=eyJhIjoxfQ.eyJhIjoiXHVkODAwXHUwMDAwIn0.x",
    ],
    ids=["nul", "no UTF-8", "half a character"],
)
def test_what_no_database_holds_is_kept_without_it(both: Provider, body: bytes) -> None:
    app = create_app(both.settings, provider=both)
    form = "application/x-www-form-urlencoded"
    answer = app.test_client().post(f"{PROTOCOL}/ext/par/request", data=body, content_type=form)
    assert answer.status_code in {400, 401}
    assert last(app, "par")["status"] == answer.status_code


def test_a_body_that_is_too_large_is_refused_as_ever(app: Flask, settings: Settings) -> None:
    body = {"client_id": "service", "code": "c" * settings.max_body}
    answer = app.test_client().post(f"{PROTOCOL}/token", data=body)
    assert answer.status_code == 413


def test_a_long_parameter_is_cut(app: Flask, browser: FlaskClient, settings: Settings) -> None:
    browser.get("/auth", query_string={"client_id": "c", "state": "s" * 9000})
    kept = last(app, "authorize")["parameters"]["state"]
    assert len(kept) == settings.max_parameter + 1


def test_every_protocol_address_has_a_step(app: Flask, settings: Settings) -> None:
    """An endpoint to come is recorded, or said here not to be."""
    unseen = {f"{settings.realm_path}/clients-registrations/openid-connect"}
    paths = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(settings.realm_path) and not rule.arguments
    }
    assert paths - unseen == {
        path for path in steps_by_path(settings) if path.startswith(settings.realm_path)
    }
