"""The page that revokes an e-CPS by its code, signed in by nothing (attack 42)."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.devices.lifecycle import suspend_device
from idp.provider import Provider
from idp.store.holdings import phones_of_holders
from tests.cards.rows import events
from tests.conftest import BASE_URL
from tests.portal.helpers import PERSON, Visit, qr_in
from tests.signin.helpers import post, token_in
from tests.wallet.helpers import PIN, mailed_qr, sms_code
from wallet_sim.errors import DeviceInactive
from wallet_sim.phone import Phone

PAGE = "/portail/revocation"
WRONG = "00000 00000 00000"


@pytest.fixture
def code(app: Flask, phone: Phone) -> str:
    """What the phone showed at its activation."""
    phone.start_enrolment(BASE_URL, PERSON)
    phone.scan(mailed_qr(app, PERSON))
    phone.enter_sms_code(sms_code(app, PERSON))
    return phone.choose_pin(PIN).revocation_code


def revoke(browser: FlaskClient, code: str, **fields: str) -> TestResponse:
    return post(browser, PAGE, code=code, **({"confirmed": "1"} | fields))


def test_a_form_of_another_page_revokes_nothing(
    browser: FlaskClient, phone: Phone, code: str
) -> None:
    fields = {"code": code, "confirmed": "1"}
    assert browser.post(PAGE, data=fields).status_code == 403
    token = token_in(browser.get(PAGE))
    foreign = {"Sec-Fetch-Site": "cross-site"}
    refused = browser.post(PAGE, data=fields | {"csrf_token": token}, headers=foreign)
    assert refused.status_code == 403
    assert phone.status().provider["state"] == "active"


@pytest.mark.parametrize("typed", ["", "7G3KM", WRONG + "0", "U" * 15, "é" * 15, "<b>" * 5])
def test_what_is_no_code_is_told_with_an_example_and_counted_nowhere(
    browser: FlaskClient, provider: Provider, typed: str
) -> None:
    """RGAA 11.10, 11.11."""
    told = revoke(browser, typed)
    assert told.status_code == 400
    assert 'aria-invalid="true"' in told.text
    assert "7G3KM 0XW9R 2HT5D" in told.text
    assert "<b>" not in told.text
    assert events(provider, "devices:revocation:refused") == []


def test_nothing_is_revoked_before_it_is_confirmed(
    browser: FlaskClient, phone: Phone, code: str
) -> None:
    """RGAA 11.12: and what was typed is not lost."""
    token = token_in(browser.get(PAGE))
    told = browser.post(PAGE, data={"csrf_token": token, "code": code})
    assert told.status_code == 400
    assert "Cochez la case pour confirmer" in told.text
    assert f'value="{code}"' in told.text
    assert phone.status().provider["state"] == "active"


def test_an_unknown_code_is_refused_in_words(browser: FlaskClient) -> None:
    told = revoke(browser, WRONG)
    assert told.status_code == 403
    assert "Aucune e-CPS en service" in told.text


@pytest.mark.parametrize("how", [str, str.lower, lambda code: code.replace(" ", "-")])
def test_the_code_revokes_whatever_way_it_is_typed(
    browser: FlaskClient, phone: Phone, code: str, how: object
) -> None:
    """Attack 42: no sign-in, no card, no phone."""
    assert callable(how)
    told = revoke(browser, how(code))
    assert told.status_code == 200
    assert "Votre e-CPS est révoquée" in told.text
    with pytest.raises(DeviceInactive):
        phone.status()


def test_a_phone_paired_by_card_has_a_code_too(
    browser: FlaskClient, visit: Visit, phone: Phone
) -> None:
    """Attack 42; EC-05: both channels of activation."""
    visit.type_code(phone.pair(BASE_URL, qr_in(visit.show_qr())).code)
    phone.pairing_state()
    told = phone.choose_pin(PIN)
    assert revoke(browser.application.test_client(), told.revocation_code).status_code == 200
    with pytest.raises(DeviceInactive):
        phone.status()


def test_a_suspended_phone_is_revoked_too(
    browser: FlaskClient, provider: Provider, phone: Phone, code: str
) -> None:
    """Decision 32: what only waits for its card must be ended for good."""
    with provider.store.begin() as db:
        suspend_device(provider, db, phones_of_holders(db, [PERSON])[0], "card-opposed")
    assert revoke(browser, code).status_code == 200
    with provider.store.read() as db:
        assert phones_of_holders(db, [PERSON])[0].state == "revoked"


def test_the_way_to_the_page_needs_no_sign_in(browser: FlaskClient) -> None:
    for page in ("/portail", "/portail/aide"):
        assert f'href="{PAGE}"' in browser.get(page).text


def test_the_phone_keeps_no_code(phone: Phone, code: str, tmp_path: Path) -> None:
    kept = phone.file.path.read_text()
    assert code not in kept
    assert code.replace(" ", "") not in kept
