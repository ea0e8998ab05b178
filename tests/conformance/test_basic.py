"""Basic and dynamic certification plans of OpenID Connect: modules that no other folder shows.

A person signs in with the phone, and the service exchanges what it is told.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jws
from werkzeug.test import TestResponse

from idp.oauth.clients.metadata import ClientMetadataRefused
from idp.provider import Provider
from tests.oauth.helpers import REDIRECT, Service, add_client, advance
from tests.signin.helpers import (
    PERSON,
    authorize,
    begin,
    newest_challenge,
    request_of,
    returned,
    start,
)
from tests.wallet.helpers import PIN, enrol
from wallet_sim.phone import Phone


@pytest.fixture
def service(app: Flask, provider: Provider) -> Service:
    add_client(provider, client_name="Logiciel de test")
    return Service(app, provider)


@dataclass
class Person:
    """Somebody with a browser and a phone."""

    browser: FlaskClient
    phone: Phone
    provider: Provider

    def sign_in(self, **asked: str) -> TestResponse:
        page = begin(self.browser, **asked)
        start(self.browser, page)
        self.phone.approve(PIN, str(newest_challenge(self.provider).number))
        return self.browser.get(f"{page}/finish")


@pytest.fixture
def person(app: Flask, browser: FlaskClient, provider: Provider, tmp_path: Path) -> Person:
    return Person(browser, enrol(app, tmp_path / "phone"), provider)


def id_token(service: Service, told: dict[str, str]) -> dict[str, Any]:
    answer = service.exchange(told["code"])
    assert answer.status_code == 200, answer.text
    return service.claims(answer.json["id_token"])


def test_without_a_response_type_the_request_is_an_error(
    service: Service, browser: FlaskClient
) -> None:
    """oidcc-response-type-missing"""
    del service
    assert returned(authorize(browser, response_type=""))["error"] == "invalid_request"


def test_id_tokens_are_never_unsigned(provider: Provider) -> None:
    """oidcc-idtoken-unsigned: no client can ask for `none` here."""
    with pytest.raises(ClientMetadataRefused):
        add_client(provider, "unsigned", id_token_signed_response_alg="none")


@pytest.mark.parametrize(
    ("scope", "members"),
    [
        ("profile", {"family_name", "given_name"}),
        ("email", set()),
        ("address", {"address"}),
        ("phone", {"phone_number"}),
        ("profile email address phone", {"family_name", "address", "phone_number"}),
    ],
    ids=["profile", "email", "address", "phone", "all"],
)
def test_each_scope_gives_its_claims(
    service: Service, person: Person, scope: str, members: set[str]
) -> None:
    """oidcc-scope-profile, oidcc-scope-email, oidcc-scope-address, oidcc-scope-phone

    oidcc-scope-all; decision 10: this person's practice has no e-mail address, and none is made up.
    """
    told = returned(person.sign_in(scope=f"openid {scope}"))
    given = service.userinfo(service.exchange(told["code"]).json["access_token"]).json
    assert members | {"sub"} <= given.keys()
    assert "email" not in given
    assert ("address" in given) == ("address" in scope)


def test_a_service_may_redirect_to_itself_by_another_registered_address(
    service: Service, person: Person, provider: Provider
) -> None:
    """oidcc-alternate-happy-flow: an address with a query of its own."""
    address = f"{REDIRECT}?foo=bar"
    add_client(provider, redirect_uris=[REDIRECT, address])
    answer = person.sign_in(redirect_uri=address)
    assert answer.headers["Location"].startswith(f"{address}&")
    told = returned(answer)
    assert service.exchange(told["code"], redirect_uri=address).status_code == 200


def test_prompt_login_signs_in_anew(service: Service, person: Person, provider: Provider) -> None:
    """oidcc-prompt-login: `auth_time` is that of the second time."""
    first = id_token(service, returned(person.sign_in()))
    advance(provider, 2)
    second = id_token(service, returned(person.sign_in(prompt="login")))
    assert second["auth_time"] > first["auth_time"]
    assert second["sub"] == first["sub"]


def test_a_silent_request_without_a_session_is_told_so(
    service: Service, browser: FlaskClient
) -> None:
    """oidcc-prompt-none-not-logged-in"""
    del service
    assert returned(authorize(browser, prompt="none"))["error"] == "login_required"


def test_a_silent_request_in_a_session_is_answered(service: Service, person: Person) -> None:
    """oidcc-prompt-none-logged-in"""
    first = id_token(service, returned(person.sign_in()))
    second = id_token(service, returned(authorize(person.browser, prompt="none")))
    assert (second["sub"], second["auth_time"]) == (first["sub"], first["auth_time"])


def test_max_age_of_a_second_asks_for_a_new_sign_in(
    service: Service, person: Person, provider: Provider
) -> None:
    """oidcc-max-age-1"""
    first = id_token(service, returned(person.sign_in()))
    advance(provider, 2)
    assert begin(person.browser, max_age="1").startswith("/signin/")
    second = id_token(service, returned(person.sign_in(max_age="1")))
    assert second["auth_time"] > first["auth_time"]


def test_max_age_of_hours_is_met_by_the_session(
    service: Service, person: Person, provider: Provider
) -> None:
    """oidcc-max-age-10000"""
    first = id_token(service, returned(person.sign_in()))
    advance(provider, 2)
    second = id_token(service, returned(authorize(person.browser, max_age="10000")))
    assert second["auth_time"] == first["auth_time"]


def test_the_hint_of_a_service_stands_in_the_form(service: Service, browser: FlaskClient) -> None:
    """oidcc-login-hint"""
    del service
    assert f'value="{PERSON}"' in browser.get(begin(browser, login_hint=PERSON)).text


@pytest.mark.parametrize(
    "wanted",
    [{"ui_locales": "se"}, {"claims_locales": "se"}, {"ui_locales": "en fr"}],
    ids=["unknown-ui", "claims", "known-ui"],
)
def test_languages_that_are_not_spoken_break_nothing(
    service: Service, person: Person, wanted: dict[str, str]
) -> None:
    """oidcc-ui-locales, oidcc-claims-locales"""
    assert id_token(service, returned(person.sign_in(**wanted)))["sub"]


def test_a_request_may_be_posted(service: Service, browser: FlaskClient) -> None:
    """oidcc-ensure-post-request-succeeds"""
    del service
    answer = browser.post("/auth", data=request_of())
    assert answer.headers["Location"].startswith("/signin/")


def test_a_request_uri_that_is_not_registered_is_refused_cleanly(
    service: Service, browser: FlaskClient
) -> None:
    """oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported"""
    del service
    told = returned(authorize(browser, request_uri="https://service.test/request.jwt"))
    assert told["error"] in {"request_uri_not_supported", "invalid_request_uri"}


def test_the_address_of_a_request_is_needed(service: Service, browser: FlaskClient) -> None:
    """oidcc-ensure-redirect-uri-in-authorization-request"""
    del service
    assert authorize(browser, redirect_uri="").status_code == 400


@pytest.mark.parametrize(
    ("registered", "asked"),
    [
        (f"{REDIRECT}?foo=bar", f"{REDIRECT}?foo=other"),
        (REDIRECT, f"{REDIRECT}?foo=bar"),
    ],
    ids=["mismatch", "added"],
)
def test_the_query_of_an_address_counts_too(
    provider: Provider, browser: FlaskClient, registered: str, asked: str
) -> None:
    """oidcc-redirect-uri-query-mismatch, oidcc-redirect-uri-query-added"""
    add_client(provider, redirect_uris=[registered])
    answer = authorize(browser, redirect_uri=asked)
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_an_address_with_a_fragment_is_not_registered(provider: Provider) -> None:
    """oidcc-redirect-uri-regfrag"""
    with pytest.raises(ClientMetadataRefused):
        add_client(provider, "fragment", redirect_uris=[f"{REDIRECT}#fragment"])


def test_id_tokens_are_rs256_where_nothing_else_is_registered(
    service: Service, person: Person
) -> None:
    """oidcc-idtoken-rs256"""
    told = returned(person.sign_in())
    token = service.exchange(told["code"]).json["id_token"]
    assert jws.extract_compact(token.encode()).headers()["alg"] == "RS256"
    assert service.claims(token)["sub"]
