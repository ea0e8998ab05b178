"""Exchanges and checklists as a harness reads them: over HTTP."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp import create_app
from idp.outbox.expiry import delete_expired
from idp.provider import Provider, open_provider
from idp.store.exchanges import add_exchanges, clients_recorded, delete_old_exchanges
from idp.store.models import DevExchange
from tests.conftest import BASE_URL, make_settings
from tests.dev.recorder.helpers import HEADERS, ask, code_by_pages, exchanges, found
from tests.oauth.helpers import PROTOCOL, VERIFIER, Service, add_client, advance, challenge_of
from tests.signin import helpers as pages
from tests.statements import Statements


@pytest.fixture
def service(app: Flask, provider: Provider) -> Service:
    add_client(provider)
    return Service(app, provider)


@pytest.mark.parametrize("path", ["exchanges", "checklists", "checklists/service"])
def test_without_the_secret_nothing_is_told(browser: FlaskClient, path: str) -> None:
    """Decision 2."""
    assert browser.get(f"/dev/v1/{path}").status_code == 403
    foreign = HEADERS | {"Origin": "https://evil.test"}
    assert browser.get(f"/dev/v1/{path}", headers=foreign).status_code == 403
    own = HEADERS | {"Origin": BASE_URL}
    assert browser.get(f"/dev/v1/{path}", headers=own).status_code != 403


def test_a_client_of_which_nothing_is_known_has_no_checklist(browser: FlaskClient) -> None:
    answer = browser.get("/dev/v1/checklists/nobody", headers=HEADERS)
    assert answer.status_code == 404
    assert "nobody" in answer.json["detail"]  # type: ignore[index]  # a problem document


def test_a_client_that_did_nothing_is_not_said_to_be_right(app: Flask, service: Service) -> None:
    del service
    told = ask(app, "checklists/service")
    assert told["verdict"] == "nothing_seen"
    assert told["passed"] == told["findings"] == told["steps"] == []


def test_a_client_that_is_not_registered_is_told_so(app: Flask, browser: FlaskClient) -> None:
    browser.get("/auth?client_id=a-typing-error")
    assert "client_unknown" in found(app, "a-typing-error")


def test_services_without_end_cost_one_look_at_what_is_nobody_s(
    app: Flask, browser: FlaskClient, provider: Provider
) -> None:
    """Anybody may name as many as they like; the public documents are read once for all."""
    browser.get(f"{PROTOCOL}/certs")
    for number in range(3):
        browser.get(f"/auth?client_id=invented-{number}")
    with Statements(provider) as seen:
        assert len(ask(app, "checklists")["checklists"]) == 3
    assert len([statement for statement in seen if "client_id IS NULL" in statement]) == 1


def careful_login(browser: FlaskClient, service: Service, number: int) -> None:
    """Everything as it should be."""
    asked = {
        "state": f"state-of-a-careful-login-{number}",
        "nonce": f"nonce-of-a-careful-login-{number}",
        "acr_values": "eidas1",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
    }
    service.http.get(f"{PROTOCOL}/certs")
    code = code_by_pages(browser, service.provider, **asked)["code"]
    given = service.exchange(code, code_verifier=VERIFIER).json
    service.userinfo(given["access_token"])
    hint = {"id_token_hint": given["id_token"]}
    browser.get(f"{PROTOCOL}/logout", query_string=hint)


def test_a_careful_service_has_a_clean_list(
    app: Flask, browser: FlaskClient, service: Service
) -> None:
    """But for the certificate, which this server does not ask for (EXI PSC 24)."""
    careful_login(browser, service, 1)
    told = ask(app, "checklists/service")
    assert {finding["rule"] for finding in told["findings"]} == {"certificate_untried"}
    assert told["verdict"] == "advice"
    (login,) = told["steps"]
    assert [step["step"] for step in login["steps"]] == [
        "authorize",
        "callback",
        "token",
        "userinfo",
        "logout",
    ]
    assert {"nonce_missing", "keys_never_fetched"} <= {rule["rule"] for rule in told["passed"]}


def test_a_careless_service_is_told_what_is_wrong_and_where_it_stands(
    app: Flask, browser: FlaskClient, service: Service
) -> None:
    provider = service.provider
    code = code_by_pages(browser, provider, nonce="", state="42", acr_values="")
    given = service.exchange(code["code"]).json
    service.exchange(code["code"])
    advance(provider, 121)
    service.userinfo(given["access_token"])
    told = ask(app, "checklists/service")
    assert told["verdict"] == "refused"
    worst = told["findings"][0]
    assert worst["rule"] == "acr_values_missing"
    assert worst["seen"] == "acr_values was not sent"
    assert worst["source_url"].startswith("https://www.legifrance.gouv.fr/")
    assert worst["why"]
    assert worst["fix"]
    broken = {finding["rule"] for finding in told["findings"]}
    assert {
        "acr_values_missing",
        "nonce_missing",
        "code_unprotected",
        "pkce_missing",
        "state_short",
        "code_reused",
        "token_used_expired",
        "keys_never_fetched",
        "logout_forgotten",
    } <= broken
    first = told["steps"][0]["steps"][0]
    assert "acr_values_missing" in first["findings"]
    assert first["exchange_id"] in worst["exchange_ids"]


def test_what_another_client_did_is_not_held_against_one(
    app: Flask, browser: FlaskClient, service: Service
) -> None:
    add_client(service.provider, "other")
    pages.authorize(browser, client_id="other", acr_values="")
    careful_login(browser, service, 1)
    assert found(app, "service") == {"certificate_untried"}
    assert "acr_values_missing" in found(app, "other")


def test_every_service_is_listed_with_its_verdict(
    app: Flask, browser: FlaskClient, service: Service
) -> None:
    add_client(service.provider, "other")
    pages.authorize(browser, client_id="other")
    careful_login(browser, service, 1)
    listed = ask(app, "checklists")["checklists"]
    assert [(one["client_id"], one["exchanges"], one["verdict"]) for one in listed] == [
        ("other", 1, "refused"),
        ("service", 5, "advice"),
    ]


def test_a_cursor_goes_on_where_the_last_page_ended(app: Flask, service: Service) -> None:
    for _ in range(3):
        service.http.get(f"{PROTOCOL}/certs")
    first = ask(app, "exchanges", limit=2)
    assert len(first["exchanges"]) == 2
    rest = ask(app, "exchanges", after=first["cursor"])
    assert [e["id"] for e in rest["exchanges"]] == [first["cursor"] + 1]
    assert ask(app, "exchanges", after=rest["cursor"]) == {
        "exchanges": [],
        "cursor": rest["cursor"],
    }


def test_exchanges_are_of_the_client_that_was_named(app: Flask, service: Service) -> None:
    service.http.get(f"{PROTOCOL}/certs")
    service.sign_in()
    assert {e["step"] for e in exchanges(app, client_id="service")} == {"token"}
    assert exchanges(app, client_id="nobody") == []


def test_a_test_begins_with_nothing_where_it_forgot_what_was(app: Flask, service: Service) -> None:
    service.sign_in()
    assert app.test_client().delete("/dev/v1/exchanges", headers=HEADERS).status_code == 204
    assert exchanges(app) == []
    assert ask(app, "checklists/service")["verdict"] == "nothing_seen"


def _row(provider: Provider, client_id: str, *, age: timedelta) -> DevExchange:
    return DevExchange(
        at=provider.clock.now() - age,
        client_id=client_id,
        step="token",
        method="POST",
        request={},
        status=200,
        answer={},
        sid=None,
    )


def test_old_exchanges_go_and_so_do_those_beyond_the_newest(both: Provider) -> None:
    with both.store.begin() as db:
        old = [_row(both, "old", age=timedelta(days=31)) for _ in range(2)]
        new = [_row(both, "new", age=timedelta(days=1)) for _ in range(5)]
        add_exchanges(db, [*old, *new])
    before = both.clock.now() - timedelta(days=30)
    with both.store.begin() as db:
        delete_old_exchanges(db, before=before, kept=100, limit=1)
        assert [(c, n) for c, n, _ in clients_recorded(db, limit=9)] == [("new", 5), ("old", 1)]
        delete_old_exchanges(db, before=before, kept=3, limit=100)
        assert [(c, n) for c, n, _ in clients_recorded(db, limit=9)] == [("new", 3)]


def test_the_expiry_job_keeps_as_many_as_the_setting_says(sqlite_url: str, master_key: str) -> None:
    provider = open_provider(make_settings(sqlite_url, master_key, recorder_kept=2))
    app = create_app(provider.settings, provider=provider)
    for _ in range(5):
        app.test_client().get(f"{PROTOCOL}/certs")
    delete_expired(provider)
    assert len(exchanges(app)) == 2
    advance(provider, provider.settings.recorder_retention.total_seconds() + 60)
    delete_expired(provider)
    assert exchanges(app) == []
    provider.store.close()
