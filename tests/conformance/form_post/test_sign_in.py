"""Form post certification plan: modules in which a person signs in, or did so before."""

import pytest
from flask.testing import FlaskClient

from idp.provider import Provider
from tests.conformance.form_post.helpers import (
    FORM_POST,
    Person,
    SignedIn,
    id_token,
    tokens,
    told,
)
from tests.oauth.helpers import REDIRECT, Service, add_client, advance
from tests.signin.helpers import PERSON, authorize, begin


def test_a_whole_sign_in_is_answered_by_form(service: Service, person: Person) -> None:
    """form_post-oidcc-server"""
    members = told(person.sign_in())
    assert members.keys() == {"code", "state", "session_state", "iss"}
    assert (members["state"], members["iss"]) == (
        "the-state",
        service.provider.settings.issuer,
    )
    claims = id_token(service, members)
    assert (claims["aud"], claims["nonce"]) == ("service", "the-nonce")


def test_a_service_may_be_answered_at_another_registered_address(
    service: Service, person: Person, provider: Provider
) -> None:
    """form_post-oidcc-alternate-happy-flow: the form keeps the address's own query."""
    address = f"{REDIRECT}?foo=bar"
    add_client(provider, redirect_uris=[REDIRECT, address])
    members = told(person.sign_in(redirect_uri=address), address)
    assert id_token(service, members, redirect_uri=address)["sub"]


@pytest.mark.parametrize("display", ["page", "popup"])
def test_a_display_is_no_obstacle(service: Service, person: Person, display: str) -> None:
    """form_post-oidcc-display-page, form_post-oidcc-display-popup"""
    assert id_token(service, told(person.sign_in(display=display)))["sub"]


def test_prompt_login_signs_in_anew(service: Service, person: Person, provider: Provider) -> None:
    """form_post-oidcc-prompt-login"""
    first = id_token(service, told(person.sign_in()))
    advance(provider, 2)
    second = id_token(service, told(person.sign_in(prompt="login")))
    assert second["auth_time"] > first["auth_time"]
    assert second["sub"] == first["sub"]


def test_a_silent_request_without_a_session_is_told_so_by_form(
    service: Service, browser: FlaskClient
) -> None:
    """form_post-oidcc-prompt-none-not-logged-in"""
    members = told(authorize(browser, response_mode=FORM_POST, prompt="none"))
    assert (members["error"], members["state"]) == ("login_required", "the-state")
    assert members["iss"] == service.provider.settings.issuer
    assert "code" not in members


def test_a_silent_request_in_a_session_is_answered(service: Service, person: Person) -> None:
    """form_post-oidcc-prompt-none-logged-in"""
    first = id_token(service, told(person.sign_in()))
    silent = authorize(person.browser, response_mode=FORM_POST, prompt="none")
    second = id_token(service, told(silent))
    assert (second["sub"], second["auth_time"]) == (first["sub"], first["auth_time"])


def test_max_age_of_a_second_asks_for_a_new_sign_in(
    service: Service, person: Person, provider: Provider
) -> None:
    """form_post-oidcc-max-age-1"""
    first = id_token(service, told(person.sign_in()))
    advance(provider, 2)
    second = id_token(service, told(person.sign_in(max_age="1")))
    assert second["auth_time"] > first["auth_time"]


def test_max_age_of_hours_is_met_by_the_session(
    service: Service, person: Person, provider: Provider
) -> None:
    """form_post-oidcc-max-age-10000"""
    first = id_token(service, told(person.sign_in()))
    advance(provider, 2)
    again = authorize(person.browser, response_mode=FORM_POST, max_age="10000")
    assert id_token(service, told(again))["auth_time"] == first["auth_time"]


def test_the_hint_of_a_token_is_met_by_its_person(service: Service, person: Person) -> None:
    """form_post-oidcc-id-token-hint"""
    first = tokens(service, told(person.sign_in()))
    silent = authorize(
        person.browser,
        response_mode=FORM_POST,
        prompt="none",
        id_token_hint=first["id_token"],
    )
    assert id_token(service, told(silent))["sub"] == service.claims(first["id_token"])["sub"]


def test_the_hint_of_a_service_stands_in_the_form(service: Service, person: Person) -> None:
    """form_post-oidcc-login-hint"""
    page = begin(person.browser, response_mode=FORM_POST, login_hint=PERSON)
    assert f'value="{PERSON}"' in person.browser.get(page).text
    assert id_token(service, told(person.sign_in(login_hint=PERSON)))["sub"]


def test_the_language_of_pages_is_asked_in_vain_or_not(service: Service, person: Person) -> None:
    """form_post-oidcc-ui-locales"""
    assert id_token(service, told(person.sign_in(ui_locales="se")))["sub"]


def test_the_language_of_claims_is_asked_in_vain_or_not(service: Service, person: Person) -> None:
    """form_post-oidcc-claims-locales"""
    assert id_token(service, told(person.sign_in(claims_locales="se")))["sub"]


def test_the_level_that_is_asked_for_is_told(service: Service, person: Person) -> None:
    """form_post-oidcc-ensure-request-with-acr-values-succeeds"""
    assert id_token(service, told(person.sign_in(acr_values="eidas1")))["acr"] == "eidas1"


def test_a_request_may_be_posted(service: Service, signed_in: SignedIn) -> None:
    """form_post-oidcc-ensure-post-request-succeeds"""
    asked = {
        "client_id": "service",
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "response_mode": FORM_POST,
        "scope": "openid",
    }
    answer = signed_in.agree(signed_in.browser.post("/auth", data=asked))
    assert id_token(service, told(answer))["sub"]
