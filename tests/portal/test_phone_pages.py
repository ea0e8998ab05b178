"""My phones: what is shown, renamed, revoked; the revocation code; the test of the e-CPS."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.devices.lifecycle import suspend_device
from idp.portal.phone_words import STATES
from idp.provider import Provider
from idp.store.devices import IN_HAND
from idp.store.holdings import phones_of_holders
from idp.store.models import Device
from tests.portal.helpers import ACCOUNT, PERSON, Visit, query_of, to
from tests.signin.helpers import newest_challenge, post, token_in, wait
from tests.wallet.helpers import PIN, enrol, other_number, outbox
from wallet_sim.errors import DeviceInactive, WrongNumber
from wallet_sim.phone import Phone

PHONES = "/portail/telephones"
CODE_PAGE = "/portail/code-de-revocation"


@pytest.fixture
def mine(app: Flask, tmp_path: Path) -> Phone:
    return enrol(app, tmp_path / "mine", PERSON)


def device_of(provider: Provider) -> Device:
    with provider.store.read() as db:
        return phones_of_holders(db, [PERSON])[0]


def address(provider: Provider, act: str) -> str:
    return f"{PHONES}/{device_of(provider).device_id}/{act}"


def approve_with(phone: Phone, number: str) -> None:
    phone.approve(PIN, number)


def test_a_phone_is_revoked_only_with_a_reason(
    visit: Visit, provider: Provider, mine: Phone
) -> None:
    """RGAA 11.10: told beside the choice."""
    visit.sign_in(PHONES)
    told = post(visit.browser, address(provider, "revocation"))
    assert told.status_code == 400
    assert 'id="reason-error"' in told.text
    assert device_of(provider).state == "active"


def test_a_revoked_phone_is_of_no_more_use_and_its_holder_is_told(
    app: Flask, visit: Visit, provider: Provider, mine: Phone
) -> None:
    visit.sign_in(PHONES)
    done = post(visit.browser, address(provider, "revocation"), reason="holder")
    assert done.status_code == 200
    with pytest.raises(DeviceInactive):
        mine.pending()
    assert device_of(provider).state_reason == "holder"
    told = outbox(app, PERSON)[-1]["payload"]
    assert "révoquée" in str(told)
    page = visit.browser.get(PHONES).text
    assert "Anciens téléphones" in page
    assert to(visit.browser.get(address(provider, "revocation"))) == PHONES


def test_a_phone_is_called_as_its_holder_says(
    visit: Visit, provider: Provider, mine: Phone
) -> None:
    visit.sign_in(PHONES)
    empty = post(visit.browser, address(provider, "nom"), name=" \u202e ")
    assert empty.status_code == 400
    post(visit.browser, address(provider, "nom"), name="Cabinet <b>\u202e")
    assert device_of(provider).name == "Cabinet <b>"
    assert "Cabinet &lt;b&gt;" in visit.browser.get(PHONES).text


def test_a_suspended_phone_says_why_and_what_to_do(
    visit: Visit, provider: Provider, mine: Phone
) -> None:
    with provider.store.begin() as db:
        suspend_device(provider, db, device_of(provider), "counter")
    visit.sign_in(PHONES)
    for page in (PHONES, ACCOUNT):
        assert "Une copie de cette e-CPS" in visit.browser.get(page).text


def test_an_end_that_is_near_is_told(visit: Visit, provider: Provider, mine: Phone) -> None:
    """EC-27."""
    wait(provider, days=2 * 365 - 29)
    with provider.store.read() as db:
        assert phones_of_holders(db, [PERSON])[0].expires_at > provider.clock.now()
    assert "expire bientôt" not in visit.browser.get("/portail").text
    # The card of the visit is past its end by then: the page is read by the phone.
    page = visit.ask(PHONES)
    assert post(visit.browser, page, national_id=PERSON).status_code == 303
    approve_with(mine, str(newest_challenge(provider).number))
    assert "expire bientôt" in visit.follow(visit.browser.get(page + "/finish")).text


def test_every_state_of_a_phone_has_words() -> None:
    assert set(STATES) == {*IN_HAND, "revoked", "expired"}


def test_another_revocation_code_ends_the_one_before(
    visit: Visit, provider: Provider, mine: Phone
) -> None:
    """Shown once; what is kept is a digest, and the new one revokes."""
    before = device_of(provider).revocation_hash
    visit.sign_in(CODE_PAGE)
    shown = post(visit.browser, CODE_PAGE, phone=device_of(provider).device_id)
    found = re.search(r'<code id="revocation-code">([^<]+)</code>', shown.text)
    assert found
    assert device_of(provider).revocation_hash != before
    assert found[1] not in visit.browser.get(CODE_PAGE).text
    done = post(visit.browser, "/portail/revocation", code=found[1], confirmed="1")
    assert done.status_code == 200
    assert device_of(provider).state_reason == "lost"


def test_a_revocation_code_demands_a_recent_sign_in(
    visit: Visit, provider: Provider, mine: Phone
) -> None:
    visit.sign_in(PHONES)
    wait(provider, minutes=15, seconds=1)
    assert visit.browser.get(PHONES).status_code == 200
    asked = query_of(to(visit.browser.get(to(visit.browser.get(CODE_PAGE)))))
    assert asked["max_age"] == "900"
    token = token_in(visit.browser.get("/portail/sessions/partout"))
    fields = {"csrf_token": token, "phone": device_of(provider).device_id}
    before = device_of(provider).revocation_hash
    assert "connexion" in to(visit.browser.post(CODE_PAGE, data=fields))
    assert device_of(provider).revocation_hash == before


def begin_test(visit: Visit) -> str:
    """From the button to the page that waits for the phone."""
    page = visit.ask("/portail/connexion?pour=test")
    assert post(visit.browser, page, national_id=PERSON).status_code == 303
    return page


def test_the_test_of_the_e_cps_is_a_whole_sign_in_however_recent_the_last(
    visit: Visit, provider: Provider, mine: Phone
) -> None:
    """Facts "Je teste ma e-CPS": number matching and PIN, by the phone alone."""
    visit.sign_in(ACCOUNT)
    assert to(visit.browser.get("/portail/test/reussi")) == "/portail/test"
    page = begin_test(visit)
    approve_with(mine, str(newest_challenge(provider).number))
    passed = visit.follow(visit.browser.get(page + "/finish"))
    assert "Bravo" in passed.text
    assert device_of(provider).name in passed.text
    assert visit.ask("/portail/connexion?pour=test").startswith("/signin/")


def test_a_wrong_number_fails_the_test_and_is_told(
    visit: Visit, provider: Provider, mine: Phone
) -> None:
    visit.sign_in(ACCOUNT)
    begin_test(visit)
    with pytest.raises(WrongNumber):
        approve_with(mine, other_number(newest_challenge(provider)))
    assert "n’était pas celui de la page" in visit.browser.get("/portail/test/echoue").text
    assert to(visit.browser.get("/portail/test/reussi")) == "/portail/test"
    wait(provider, seconds=provider.settings.portal_test_window.total_seconds() + 1)
    assert "n’était pas celui de la page" not in visit.browser.get("/portail/test/echoue").text


def test_what_failed_is_told_to_its_person_alone(browser: FlaskClient) -> None:
    page = browser.get("/portail/test/echoue").text
    assert "n’a pas approuvé de demande" in page


def test_a_test_given_up_says_so(visit: Visit) -> None:
    begun = to(visit.browser.get("/portail/connexion?pour=test"))
    state = query_of(begun)["state"]
    issuer = visit.browser.application.extensions["ecps"].settings.issuer
    back = f"/portail/retour?error=access_denied&state={state}&iss={issuer}"
    assert to(visit.browser.get(back)) == "/portail/test/echoue"
