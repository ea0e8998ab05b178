"""What is pressed twice or begun and left: the back button, two tabs, impatience."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from relying_services.clock import Clock
from relying_services.service.sign_in import go_in
from tests.relying_services.service.conftest import Made
from tests.relying_services.signed_in import post, sign_in

PERSON = "899700990015"
PROVIDER = "https://fournisseur.exemple.test"
LONG_NAME = "https://un-service-au-nom-assez-long.etablissement.exemple.test"
_MOST_OF_A_COOKIE = 4093
"""Bytes: a longer one is dropped by browsers, and with it the sign-in that it would carry."""


@pytest.fixture
def service(made: Made) -> Flask:
    """A service that read the provider's metadata before."""
    app = made(base_url=LONG_NAME)
    client = app.extensions["authlib.integrations.flask_client"].create_client("psc")
    client.server_metadata = {
        "_loaded_at": 1,
        "authorization_endpoint": f"{PROVIDER}/auth/realms/esante-wallet/auth",
        "end_session_endpoint": f"{PROVIDER}/logout",
    }
    return app


def begun(browser: FlaskClient) -> list[str]:
    """States that the browser could come back with, oldest first."""
    with browser.session_transaction() as kept:
        states: dict[str, Any] = {k: v for k, v in kept.items() if k.startswith("_state_psc_")}
    return sorted(states, key=lambda name: states[name]["exp"])


@pytest.mark.parametrize("address", ["/login", "/login?means=CARD&anew=1"])
def test_a_browser_that_begins_over_and_over_can_still_sign_in(
    service: Flask, address: str
) -> None:
    """MA-08: whoever went back twenty times is not shut out until the browser is closed."""
    browser = service.test_client()
    states: list[str] = []
    for _ in range(20):
        answer = browser.get(address)
        assert answer.status_code == 302
        assert len(answer.headers["Set-Cookie"]) <= _MOST_OF_A_COOKIE
        [newest] = set(begun(browser)) - set(states)
        states.append(newest)
    assert begun(browser) == states[-3:]


@pytest.mark.parametrize("is_cut", [False, True], ids=["pressed twice", "after a cut"])
def test_who_presses_log_out_too_late_is_not_signed_in_again(
    service: Flask, clock: Clock, is_cut: bool
) -> None:
    """RP-Initiated Logout 1.0: the session at the provider would sign them in without a word."""
    browser = sign_in(service, PERSON)
    with browser.session_transaction() as kept:
        kept["csrf"] = "of-this-browser"
    if is_cut:
        clock.move(timedelta(hours=5))
    else:
        assert "Vous êtes déconnecté" in post(browser, "/logout").text
    answer = browser.post("/logout", data={"csrf": "of-this-browser"})
    address = urlsplit(answer.location)
    told = parse_qs(address.query)
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{PROVIDER}/logout"
    assert told["client_id"] == ["plain"]
    assert told["post_logout_redirect_uri"] == [f"{LONG_NAME}/signed-out"]
    assert "id_token_hint" not in told


def test_the_text_of_forms_that_a_logout_keeps_is_not_that_of_the_next_person(
    service: Flask,
) -> None:
    """Who sat at this browser before knows it."""
    browser = sign_in(service, PERSON)
    post(browser, "/logout")
    with service.test_request_context(), browser.session_transaction() as kept:
        assert set(kept) == {"csrf"}
        before = kept["csrf"]
    with service.test_request_context() as context:
        context.session["csrf"] = before
        go_in("handle")
        assert "csrf" not in context.session
