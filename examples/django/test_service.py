"""What a team tests of its sign-in, with a Pro Santé Connect of each test's own (`psc`)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser
from django.test import override_settings
from service import signin

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
def browser(psc: Psc, client: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """A browser before the service."""
    certificate = psc.certificate(client)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(psc.ca))
    with override_settings(
        PSC_DISCOVERY_URL=psc.discovery_url,
        PSC_CLIENT_ID=client.client_id,
        PSC_CLIENT_SECRET=client.client_secret,
        PSC_CERTIFICATE=str(certificate.certificate),
        PSC_KEY=str(certificate.key),
        ALLOWED_HOSTS=["my-service.test"],
    ):
        yield Browser()


@pytest.fixture
def phone(psc: Psc) -> HeldPhone:
    """The e-CPS of a doctor, on a phone that approves unless it is told otherwise."""
    return psc.phone(psc.person(profession="10", family_name="DUPONT"))


def get(browser: Browser, path: str) -> Any:
    return browser.get(path, secure=True, headers={"Host": "my-service.test"})


def test_a_doctor_signs_in(psc: Psc, client: Client, browser: Browser, phone: HeldPhone) -> None:
    login = psc.login(browser, phone.person, at=f"{ORIGIN}/login")

    assert login.ok
    assert get(browser, "/me").json() == {"national_id": phone.person.national_id, "name": "DUPONT"}
    psc.sent.assert_no_mistakes(client)


def test_a_refusal_on_the_phone_signs_nobody_in(
    psc: Psc, browser: Browser, phone: HeldPhone
) -> None:
    phone.on_challenge("refuse")

    login = psc.login(browser, phone.person, at=f"{ORIGIN}/login", gives_up=True)

    assert login.answer["error"] == "access_denied"
    assert login.status == 403
    assert get(browser, "/me").status_code == 302


@pytest.mark.parametrize("fault", ["id_token_wrong_nonce", "id_token_wrong_aud"])
def test_a_token_for_another_login_or_service_is_refused(
    fault: str, psc: Psc, client: Client, browser: Browser, phone: HeldPhone
) -> None:
    with psc.faults.inject(fault, client=client, times=1):
        login = psc.login(browser, phone.person, at=f"{ORIGIN}/login")

    assert login.status == 403
    assert get(browser, "/me").status_code == 302


def test_who_is_signed_out_by_pro_sante_connect_is_signed_out_here(
    psc: Psc,
    client: Client,
    browser: Browser,
    phone: HeldPhone,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    psc.login(browser, phone.person, at=f"{ORIGIN}/login")
    monkeypatch.setattr(signin, "now", psc.clock.timestamp)
    psc.clock.advance(minutes=10)
    assert get(browser, "/me").status_code == 200

    psc.clock.advance(hours=5)

    assert get(browser, "/me").status_code == 302
    psc.sent.assert_no_mistakes(client)


def test_signing_out_ends_the_session_at_pro_sante_connect(
    psc: Psc, client: Client, browser: Browser, phone: HeldPhone
) -> None:
    login = psc.login(browser, phone.person, at=f"{ORIGIN}/login")

    logout = psc.logout(browser, at=f"{ORIGIN}/logout", browser=login.browser)

    assert logout.url.startswith(f"{ORIGIN}/")
    assert [session["live"] for session in psc.sessions(phone.person)] == [False]
    assert get(browser, "/me").status_code == 302
    psc.sent.assert_no_mistakes(client)
