"""The steps of an activation on the phone's pages (decisions 17 and 33)."""

import io
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import BASE_URL
from tests.wallet.helpers import PERSON, PIN, mailed_qr, new_phone, outbox, sms_code
from tests.wallet.screen.helpers import Browser, serve_one
from wallet_sim.phone import Phone


@pytest.fixture
def empty(app: Flask, tmp_path: Path) -> Phone:
    return new_phone(app, tmp_path / "phone")


@pytest.fixture
def browser(empty: Phone) -> Browser:
    return Browser(serve_one(empty)).unlock()


def type_identifier(browser: Browser) -> None:
    assert browser.press("start", idp=BASE_URL, national_id=PERSON).status_code == 303


def show_mail(browser: Browser, app: Flask) -> None:
    picture = (io.BytesIO(mailed_qr(app, PERSON)), "qr.png")
    assert browser.press("scan", picture=picture).status_code == 303


def type_code(browser: Browser, app: Flask) -> None:
    assert browser.press("code", code=sms_code(app, PERSON)).status_code == 303


@pytest.mark.parametrize(
    ("national_id", "told"),
    [
        ("99700990015", "Ajoutez 8 devant votre numéro RPPS"),
        ("abc", "n’est pas un identifiant national"),
    ],
)
def test_a_wrong_identifier_is_told_with_what_to_do_and_stays_in_its_field(
    browser: Browser, empty: Phone, national_id: str, told: str
) -> None:
    """RGAA 11.10, 11.11."""
    page = browser.press("start", idp=BASE_URL, national_id=national_id)
    assert page.status_code == 409
    assert told in page.text
    assert f'value="{national_id}"' in page.text
    assert "<title>Erreur : " in page.text
    assert empty.stage() == "empty"


def test_a_picture_without_a_qr_is_told(browser: Browser, app: Flask) -> None:
    type_identifier(browser)
    refused = browser.press("scan", picture=(io.BytesIO(b"no picture"), "qr.png"))
    assert refused.status_code == 409
    assert "Prenez le plus récent" in refused.text


def test_another_sms_is_not_sent_at_once(browser: Browser, app: Flask) -> None:
    type_identifier(browser)
    show_mail(browser, app)
    page = browser.look()
    assert "Possible à partir de" in page.text
    refused = browser.press("resend")
    assert refused.status_code == 409
    assert "Un autre peut être demandé après" in refused.text
    assert len([m for m in outbox(app, PERSON) if m["kind"] == "sms"]) == 1


def test_a_wrong_sms_code_tells_the_tries_left(browser: Browser, app: Flask) -> None:
    type_identifier(browser)
    show_mail(browser, app)
    wrong = f"{(int(sms_code(app, PERSON)) + 1) % 1_000_000:06}"
    assert "Essais restants : 2" in browser.press("code", code=wrong).text


@pytest.mark.parametrize(
    ("pin", "again", "told"),
    [
        ("2580", "2581", "Les deux codes diffèrent"),
        ("1234", "1234", "n’est pas une suite"),
        ("7777", "7777", "ne répète pas un seul chiffre"),
        ("25", "25", "longueur"),
        ("25a0", "25a0", "que des chiffres"),
    ],
)
def test_a_pin_that_breaks_the_policy_is_told_why(  # noqa: PLR0917 - fixtures, and three columns
    browser: Browser, app: Flask, empty: Phone, pin: str, again: str, told: str
) -> None:
    """Decision 22."""
    type_identifier(browser)
    show_mail(browser, app)
    type_code(browser, app)
    refused = browser.press("pin", pin=pin, again=again)
    assert refused.status_code == 409
    assert told in refused.text
    assert f'value="{pin}"' not in refused.text
    assert empty.stage() == "pin"


def test_a_pin_typed_once_is_refused(browser: Browser, app: Flask, empty: Phone) -> None:
    type_identifier(browser)
    show_mail(browser, app)
    type_code(browser, app)
    assert browser.press("pin", pin=PIN).status_code == 400
    assert empty.stage() == "pin"


def test_the_title_of_a_page_tells_the_step(browser: Browser) -> None:
    """RGAA 8.6: pages that bear the same heading differ by their titles."""
    assert (
        "<title>Activer par courriel et SMS, étape 1 sur 5 – " in browser.look("activate/mail").text
    )
    type_identifier(browser)
    assert "<title>Activer par courriel et SMS, étape 2 sur 5 – " in browser.look().text


def test_a_person_activates_step_by_step(browser: Browser, app: Flask, empty: Phone) -> None:
    assert "Par courriel et SMS" in browser.look().text
    assert "Étape 1 sur 5" in browser.look("activate/mail").text
    type_identifier(browser)
    assert "Étape 2 sur 5" in browser.look().text
    show_mail(browser, app)
    assert "Étape 3 sur 5" in browser.look().text
    type_code(browser, app)
    page = browser.look().text
    assert "Étape 4 sur 5" in page
    assert "De 4 à 8 chiffres." in page
    activated = browser.press("pin", pin=PIN, again=PIN).text
    assert "Étape 5 sur 5" in activated
    assert "/portail/revocation" in activated
    assert empty.stage() == "active"
    assert 'id="revocation-code"' not in browser.look().text


def test_each_step_reads_in_english(browser: Browser, app: Flask) -> None:
    assert "Activate my e-CPS" in browser.look("?lang=en").text
    assert "Step 1 of 5" in browser.look("activate/mail").text
    type_identifier(browser)
    assert "QR code of the e-mail" in browser.look().text


def test_the_language_that_was_chosen_is_kept(browser: Browser) -> None:
    assert '<html lang="en">' in browser.look("?lang=en").text
    assert '<html lang="en">' in browser.look().text
    assert '<html lang="fr">' in browser.look("?lang=fr").text
    assert '<html lang="fr">' in browser.look("?lang=xx").text
