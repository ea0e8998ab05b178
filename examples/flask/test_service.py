# --8<-- [start:first]
"""What a team tests of its sign-in, with a Pro Santé Connect of each test's own (`psc`)."""

from typing import Any

import pytest
import service
from flask.testing import FlaskClient

from wallet_sim.harness.clients import Client
from wallet_sim.harness.phones import HeldPhone
from wallet_sim.harness.psc import Psc

ORIGIN = "https://my-service.test"


@pytest.fixture
def client(psc: Psc) -> Client:
    """The service, as Pro Santé Connect knows it."""
    return psc.client(
        "my-service",
        redirect_uris=[f"{ORIGIN}/callback"],
        post_logout_redirect_uris=[f"{ORIGIN}/"],
    )


@pytest.fixture
def browser(psc: Psc, client: Client, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A browser before the service."""
    certificate = psc.certificate(client)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(psc.ca))
    app = service.create_app(
        PSC_DISCOVERY_URL=psc.discovery_url,
        PSC_CLIENT_ID=client.client_id,
        PSC_CLIENT_SECRET=client.client_secret,
        PSC_CERTIFICATE=str(certificate.certificate),
        PSC_KEY=str(certificate.key),
        SECRET_KEY="of a test",
        SERVER_NAME="my-service.test",
        PREFERRED_URL_SCHEME="https",
        SESSION_COOKIE_SECURE=True,
    )
    return app.test_client()


@pytest.fixture
def phone(psc: Psc) -> HeldPhone:
    """The e-CPS of a doctor, on a phone that approves unless it is told otherwise."""
    return psc.phone(psc.person(profession="10", family_name="DUPONT"))


def get(browser: FlaskClient, path: str) -> Any:
    return browser.get(path, base_url=ORIGIN)


def test_a_doctor_signs_in(
    psc: Psc, client: Client, browser: FlaskClient, phone: HeldPhone
) -> None:
    login = psc.login(browser, phone.person)

    assert login.ok
    assert get(browser, "/me").json == {"national_id": phone.person.national_id, "name": "DUPONT"}
    psc.sent.assert_no_mistakes(client)


# --8<-- [end:first]


# --8<-- [start:refusal]
def test_a_refusal_on_the_phone_signs_nobody_in(
    psc: Psc, browser: FlaskClient, phone: HeldPhone
) -> None:
    phone.on_challenge("refuse")

    login = psc.login(browser, phone.person, gives_up=True)

    assert login.answer["error"] == "access_denied"
    assert login.status == 403
    assert get(browser, "/me").status_code == 302


# --8<-- [end:refusal]


# --8<-- [start:fault]
@pytest.mark.parametrize("fault", ["id_token_wrong_nonce", "id_token_wrong_aud"])
def test_a_token_for_another_login_or_service_is_refused(
    fault: str, psc: Psc, client: Client, browser: FlaskClient, phone: HeldPhone
) -> None:
    with psc.faults.inject(fault, client=client, times=1):
        login = psc.login(browser, phone.person)

    assert login.status == 403
    assert get(browser, "/me").status_code == 302


# --8<-- [end:fault]


def test_who_is_signed_out_by_pro_sante_connect_is_signed_out_here(
    psc: Psc,
    client: Client,
    browser: FlaskClient,
    phone: HeldPhone,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    psc.login(browser, phone.person)
    monkeypatch.setattr(service, "now", psc.clock.timestamp)
    psc.clock.advance(minutes=10)
    assert get(browser, "/me").status_code == 200

    psc.clock.advance(hours=5)

    assert get(browser, "/me").status_code == 302
    psc.sent.assert_no_mistakes(client)


def test_signing_out_ends_the_session_at_pro_sante_connect(
    psc: Psc, client: Client, browser: FlaskClient, phone: HeldPhone
) -> None:
    login = psc.login(browser, phone.person)

    logout = psc.logout(browser, browser=login.browser)

    assert logout.url.startswith(f"{ORIGIN}/")
    assert [session["live"] for session in psc.sessions(phone.person)] == [False]
    assert get(browser, "/me").status_code == 302
    psc.sent.assert_no_mistakes(client)
