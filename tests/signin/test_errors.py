"""Every error has the right status and a shape its caller can read; never a traceback."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from idp.provider import Provider
from tests.conftest import DEV_SECRET
from tests.signin.helpers import authorize, begin, request_of

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def _fail(error: Exception) -> Callable[[], str]:
    def view() -> str:
        raise error

    return view


def test_a_person_gets_a_page_with_a_reference(browser: FlaskClient) -> None:
    response = browser.get("/nowhere", headers=BROWSER)
    assert response.status_code == 404
    assert "<title>Erreur : Page introuvable" in response.text
    assert response.headers["X-Request-Id"] in response.text


def test_the_phone_gets_a_problem_document(browser: FlaskClient) -> None:
    response = browser.get("/wallet/v1/nowhere")
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"
    assert response.json is not None
    assert response.json["type"] == "urn:ecps:error:not_found"
    assert response.json["reference"] == response.headers["X-Request-Id"]


def test_the_development_addresses_say_why(browser: FlaskClient) -> None:
    response = browser.get("/dev/v1/clock")
    assert response.status_code == 403
    assert response.content_type == "application/problem+json"
    assert response.json is not None
    assert "start-up secret" in response.json["detail"]
    assert DEV_SECRET not in response.text


def test_a_program_gets_an_oauth_error_at_a_protocol_address(
    browser: FlaskClient, provider: Provider
) -> None:
    address = provider.settings.realm_path + "/protocol/openid-connect/nowhere"
    response = browser.get(address)
    assert response.status_code == 404
    assert response.json is not None
    assert response.json["error"] == "invalid_request"
    assert "<h1>" in browser.get(address, headers=BROWSER).text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_wrong_method_is_told_the_right_ones(browser: FlaskClient, method: str) -> None:
    response = browser.open("/auth", method=method, headers=BROWSER)
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert "Cette adresse ne s’emploie pas ainsi" in response.text


def test_an_oversized_body_is_refused(browser: FlaskClient, provider: Provider) -> None:
    body = {"state": "x" * (provider.settings.max_body + 1)}
    response = browser.post("/auth", data=request_of() | body)
    assert response.status_code == 413
    assert "trop volumineuse" in response.text


@pytest.mark.parametrize("query", ["state=%00", "state=%ff"])
def test_text_that_is_no_text_is_refused(browser: FlaskClient, query: str) -> None:
    assert browser.get(f"/auth?{query}", headers=BROWSER).status_code == 400


def test_a_parameter_that_stands_twice_is_refused(browser: FlaskClient) -> None:
    twice = [("client_id", "service"), *request_of().items()]
    assert browser.get("/auth", query_string=twice).status_code == 400


def test_a_handle_of_nobody_is_gone(browser: FlaskClient) -> None:
    for handle in ("x", "é", "A" * 43, "%2e%2e"):
        assert browser.get(f"/signin/{handle}").status_code == 410


def test_a_fault_of_ours_shows_no_traceback(app: Flask) -> None:
    app.add_url_rule("/fault", view_func=_fail(ValueError("a secret detail")))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    response = app.test_client().get("/fault", headers=BROWSER)
    assert response.status_code == 500
    assert "secret detail" not in response.text
    assert "Traceback" not in response.text
    assert "Une erreur est survenue" in response.text


def test_a_database_that_is_away_is_told_with_a_time_to_come_back(app: Flask) -> None:
    away = OperationalError("SELECT a secret statement", {}, Exception("locked"))
    for address in ("/away", "/wallet/v1/away"):
        app.add_url_rule(address, endpoint=address, view_func=_fail(away))
    for address in ("/away", "/wallet/v1/away"):
        response = app.test_client().get(address, headers=BROWSER)
        assert response.status_code == 503
        assert response.headers["Retry-After"] == "5"
        assert "secret statement" not in response.text


def test_nothing_is_lost_when_the_database_comes_back(
    browser: FlaskClient, provider: Provider
) -> None:
    page = begin(browser)
    with provider.store.begin():
        # Readers never wait for a writer (WAL): the page still shows.
        assert browser.get(page).status_code == 200
    assert authorize(browser).status_code == 303
