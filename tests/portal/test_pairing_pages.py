"""The pages that pair a phone, with a real card, the real image and a simulated phone."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.provider import Provider
from tests.cards.helpers import IssuedCard, issued_card
from tests.conftest import BASE_URL
from tests.enrolment.helpers import wrong
from tests.enrolment.pairing_helpers import devices, set_card, strike_off
from tests.portal.helpers import (
    CARDS,
    PAIRING,
    PERSON,
    Visit,
    qr_in,
    sessions,
    to,
    token_on,
)
from tests.signin.helpers import post, token_in, wait
from tests.wallet.helpers import ask_signin, new_phone
from wallet_sim.errors import PairingRefused, TokenRefused
from wallet_sim.phone import Phone

PIN = "2580"


def test_nobody_sees_a_qr_without_a_card(browser: FlaskClient) -> None:
    """EC-05."""
    assert to(browser.get(PAIRING)) == "/portail/connexion?pour=e-cps"
    assert browser.get(f"{PAIRING}/etat?vu=shown").get_json() == {"state": "moved"}
    for action in ("/qr", "/code"):
        assert browser.post(PAIRING + action).status_code == 403


@pytest.mark.parametrize("action", ["/qr", "/code"])
def test_a_foreign_form_changes_nothing(visit: Visit, action: str) -> None:
    visit.sign_in()
    response = visit.browser.post(PAIRING + action, data={"csrf_token": "x", "code": "123456"})
    assert response.status_code == 403


def test_a_card_that_went_out_of_use_shows_no_qr(visit: Visit, provider: Provider) -> None:
    visit.sign_in()
    set_card(provider, visit.card.card_number, state="bloquee")
    response = post(visit.browser, PAIRING, "/qr")
    assert response.status_code == 403
    assert "ne permet plus d’activer" in response.text


def test_somebody_struck_off_is_told(visit: Visit, provider: Provider) -> None:
    """EC-01."""
    visit.sign_in()
    strike_off(provider)
    assert visit.browser.get(PAIRING).status_code == 403
    assert visit.browser.get(CARDS).status_code == 403


def test_a_wrong_code_is_told_and_ends_it(visit: Visit, phone: Phone, provider: Provider) -> None:
    """EC-23, decision 33: one try."""
    code = phone.pair(BASE_URL, qr_in(visit.show_qr())).code
    page = visit.type_code(wrong(code))
    assert "Erreur : Ce n’est pas le bon code" in page.text
    assert "Nouveau QR" in page.text
    with pytest.raises(PairingRefused):
        phone.pairing_state()
    assert devices(provider) == []


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦"])
def test_what_is_no_code_costs_no_try(visit: Visit, phone: Phone, typed: str) -> None:
    """RGAA 11.10: the error is linked to its field and shows an example."""
    code = phone.pair(BASE_URL, qr_in(visit.show_qr())).code
    page = visit.type_code(typed)
    assert page.status_code == 400
    assert "exemple 042137" in page.text
    assert 'aria-describedby="code-hint code-error"' in page.text
    assert "Choisissez votre code e-CPS" in visit.type_code(f" {code[:3]} {code[3:]} ").text


def test_a_code_typed_on_a_stale_page_confirms_nothing(
    visit: Visit, phone: Phone, app: Flask, tmp_path: Path
) -> None:
    phone.pair(BASE_URL, qr_in(visit.show_qr()))
    stale = visit.browser.get(PAIRING)
    old = re.search(r'name="pairing" value="([^"]+)"', stale.text)
    assert old
    other = new_phone(app, tmp_path / "other")
    code = other.pair(BASE_URL, qr_in(visit.new_qr())).code
    visit.type_code(code, pairing=old[1])
    assert other.pairing_state().state == "scanned"
    visit.type_code(code)
    assert other.pairing_state().state == "confirmed"


def test_another_browser_of_the_same_person_confirms_nothing(
    app: Flask, visit: Visit, phone: Phone
) -> None:
    """Decision 33: the very session that showed the QR."""
    code = phone.pair(BASE_URL, qr_in(visit.show_qr())).code
    other = Visit(app.test_client(), visit.card)
    page = other.sign_in()
    assert "Afficher le QR code" in page.text
    hidden = re.search(r'name="pairing" value="([^"]+)"', visit.browser.get(PAIRING).text)
    assert hidden
    fields = {"csrf_token": token_in(page), "pairing": hidden[1], "code": code}
    other.browser.post(f"{PAIRING}/code", data=fields)
    assert phone.pairing_state().state == "scanned"


def test_a_burnt_qr_is_told(visit: Visit, phone: Phone, app: Flask, tmp_path: Path) -> None:
    """Attack 37."""
    picture = qr_in(visit.show_qr())
    phone.pair(BASE_URL, picture)
    with pytest.raises(TokenRefused):
        new_phone(app, tmp_path / "stranger").pair(BASE_URL, picture)
    assert "Deux téléphones ont lu ce QR code" in visit.browser.get(PAIRING).text


def test_a_late_qr_is_told_and_renewed(visit: Visit, provider: Provider) -> None:
    """EC-22, RGAA 13.1: time is limited, and can be asked for again."""
    first = visit.show_qr()
    assert "90 secondes" in first.text
    wait(provider, seconds=90)
    assert visit.state("shown") == "moved"
    page = visit.browser.get(PAIRING)
    assert "Erreur : Le temps est écoulé" in page.text
    assert token_on(visit.new_qr()) != token_on(first)


def test_how_it_ended_is_told_also_when_the_card_was_used_long_ago(
    visit: Visit, provider: Provider
) -> None:
    """RGAA 13.1; only a new QR wants the card again."""
    visit.show_qr()
    wait(provider, minutes=16)
    assert "Le temps est écoulé" in visit.browser.get(PAIRING).text
    again = post(visit.browser, PAIRING, "/qr")
    assert to(again) == "/portail/connexion?pour=e-cps"


def test_the_page_keeps_its_qr_when_it_reloads_itself(visit: Visit) -> None:
    """Without script the page refreshes itself."""
    first = visit.show_qr()
    again = visit.browser.get(PAIRING)
    assert token_on(first) == token_on(again)
    assert qr_in(first) == qr_in(again)
    assert '<noscript><meta http-equiv="refresh"' in first.text
    assert 'alt="QR code à scanner' in first.text


def test_the_page_stops_reloading_itself_when_told_to(visit: Visit) -> None:
    """RGAA 13.1."""
    visit.show_qr()
    assert "?pause=1" in visit.browser.get(PAIRING).text
    paused = visit.browser.get(PAIRING + "?pause=1").text
    assert 'http-equiv="refresh"' not in paused
    assert "Actualiser maintenant et reprendre" in paused


def test_each_step_is_shown_as_it_comes(visit: Visit, phone: Phone, provider: Provider) -> None:
    """EC-05, EC-21, EC-23: from the card to the active phone."""
    assert "Afficher le QR code" in visit.sign_in().text
    page = visit.new_qr()
    assert visit.state("shown") == "pending"
    shown = phone.pair(BASE_URL, qr_in(page), "Mon téléphone")
    assert visit.state("shown") == "moved"
    page = visit.browser.get(PAIRING)
    assert 'inputmode="numeric" autocomplete="one-time-code"' in page.text
    assert "Mon téléphone" in page.text
    assert "http-equiv" not in page.text
    assert "Choisissez votre code e-CPS" in visit.type_code(shown.code).text
    assert phone.pairing_state().state == "confirmed"
    assert phone.choose_pin(PIN).national_id == PERSON
    assert visit.state("confirmed") == "moved"
    page = visit.browser.get(PAIRING)
    assert "Votre e-CPS est active" in page.text
    (device,) = devices(provider)
    assert (device.state, device.paired_card) == ("active", visit.card.card_number)


def test_the_typed_code_beside_the_qr_pairs_as_well(visit: Visit, phone: Phone) -> None:
    """Decision 17: each QR has a typed alternative."""
    shown = phone.pair(BASE_URL, token_on(visit.show_qr()).lower())
    visit.type_code(shown.code)
    assert phone.pairing_state().state == "confirmed"


def test_a_paired_phone_signs_in_by_one_of_three_values(
    visit: Visit, phone: Phone, app: Flask
) -> None:
    """EC-24: request on the phone, PIN, and the value of the page among three."""
    shown = phone.pair(BASE_URL, qr_in(visit.show_qr()))
    visit.type_code(shown.code)
    phone.pairing_state()
    phone.choose_pin(PIN)
    asked = ask_signin(app)
    (waiting,) = phone.pending()
    assert waiting.number is not None
    assert waiting.number.options is not None
    assert len(waiting.number.options) == 3
    assert asked.number in waiting.number.options
    phone.approve(PIN, asked.number)


@pytest.mark.parametrize("family", ["CPS", "CPF", "CPE", "CPA"])
def test_every_family_of_named_card_enters(
    browser: FlaskClient, provider: Provider, family: str
) -> None:
    """EC-26, decision 30: the portal takes them all."""
    visit = Visit(browser, issued_card(provider, PERSON, family=family))
    assert "Afficher le QR code" in visit.sign_in().text
    assert sessions(provider)[-1].card_family == family


def test_the_pages_name_the_person(visit: Visit, card: IssuedCard) -> None:
    """Somebody signed in by another's hand sees whose e-CPS it would be."""
    assert "Solène MARGELLE" in visit.sign_in().text
    assert "Solène MARGELLE" in visit.new_qr().text
