"""Signing in to the oncology network as business software does: CIBA, at a real provider."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from relying_services.clock import Clock
from relying_services.service.app import service_of
from relying_services.service.store.trace import entries
from tests.relying_services.oncology.conftest import PRESENTER, Made
from tests.relying_services.registered import registered
from tests.relying_services.signed_in import post, text_of
from wallet_sim.harness.psc import Psc


@pytest.fixture(autouse=True)
def standing_time() -> None:
    """The provider runs in a process of its own, in real time."""


def look_again(psc: Psc, browser: FlaskClient, clock: Clock) -> str | None:
    """The page comes back once its interval is over; gives where it leads, if anywhere."""
    psc.clock.advance(seconds=6)
    clock.move(timedelta(seconds=6))
    return browser.get("/connexion/attente").location


@pytest.mark.parametrize("address", ["/", "/dossiers/1", "/login", "/login?means=CARD"])
def test_no_browser_is_sent_to_the_provider(app: Flask, address: str) -> None:
    """EC-08: the software asks by itself."""
    assert app.test_client().get(address).location == "/connexion"


@pytest.mark.parametrize(
    ("form", "field", "told"),
    [
        ({"identifiant": "99700990015"}, "identifiant", "exemple 899700990015"),
        ({"identifiant": ""}, "identifiant", "identifiant national"),
        ({"channel": "FAX"}, "channel", "Choisissez un moyen"),
    ],
)
def test_what_cannot_be_asked_is_told_at_its_field(
    app: Flask, form: dict[str, str], field: str, told: str
) -> None:
    asked = {"identifiant": PRESENTER, "channel": "CARD"} | form
    page = post(app.test_client(), "/connexion", **asked)
    assert (page.status_code, told in text_of(page, f"{field}-error")) == (400, True)


def test_attack_a_form_of_another_site_asks_nobody(app: Flask) -> None:
    form = {"identifiant": PRESENTER, "channel": "MOBILE"}
    assert app.test_client().post("/connexion", data=form).status_code == 403


@pytest.mark.parametrize(
    "fault",
    [
        "id_token_left_out",
        "id_token_wrong_iss",
        "id_token_wrong_aud",
        "id_token_further_aud",
        "id_token_wrong_azp",
        "id_token_wrong_at_hash",
        "id_token_wrong_sub",
        "id_token_expired",
        "id_token_from_future",
        "id_token_bad_signature",
        "id_token_unsigned",
        "id_token_hs256_public_key",
        "id_token_hs256_client_secret",
        "id_token_unknown_kid",
        "id_token_key_in_header",
        "token_wrong_type",
    ],
)
def test_attack_tokens_that_do_not_verify_sign_nobody_in(psc: Psc, make: Made, fault: str) -> None:
    """CIBA Core 10.1.1; OpenID Connect Core 3.1.3.7."""
    app = make(**registered(psc, "oncology"))
    person = psc.person()
    psc.phone(person)
    browser = app.test_client()
    post(browser, "/connexion", identifiant=person.national_id, channel="MOBILE")
    psc.phones.answer(person.national_id)
    with psc.faults.inject(fault, client="oncology", times=1):
        page = browser.get("/connexion/attente")
    assert (page.status_code, 'id="error"' in page.text) == (400, True)
    assert browser.get("/").location == "/connexion"


@pytest.mark.parametrize("fault", ["html_page", "malformed_json"])
def test_tokens_that_are_no_json_sign_nobody_in(psc: Psc, make: Made, fault: str) -> None:
    """RFC 6749, 5.1: told as a failure of the provider, and no bare error."""
    app = make(**registered(psc, "oncology"))
    person = psc.person()
    psc.phone(person)
    browser = app.test_client()
    post(browser, "/connexion", identifiant=person.national_id, channel="MOBILE")
    psc.phones.answer(person.national_id)
    with psc.faults.inject(fault, client="oncology", endpoint="token", times=1):
        page = browser.get("/connexion/attente")
    assert (page.status_code, "provider_unreachable" in page.text) == (502, True)
    assert browser.get("/").location == "/connexion"


def test_a_phone_signs_in_the_browser_that_asked_and_no_other(
    psc: Psc, make: Made, clock: Clock
) -> None:
    """EC-08: by the number that the software shows; the trace has the provider's `sid`."""
    app = make(**registered(psc, "oncology"))
    person = psc.person()
    phone = psc.phone(person)
    browser, other = app.test_client(), app.test_client()
    form = {"identifiant": person.national_id, "channel": "MOBILE"}
    phone.on_challenge("refuse")
    assert post(browser, "/connexion", **form).location == "/connexion/attente"
    psc.phones.answer(person.national_id)
    page = browser.get("/connexion/attente")
    assert (page.status_code, text_of(page, "error")) == (400, "access_denied")
    assert browser.get("/connexion/attente").location == "/connexion"

    post(browser, "/connexion", **form)
    waiting = browser.get("/connexion/attente")
    assert text_of(waiting, "number").isdecimal()
    assert 'http-equiv="refresh"' in waiting.text
    psc.phones.answer(person.national_id)
    assert other.get("/connexion/attente").location == "/connexion"
    assert look_again(psc, browser, clock) == "/"
    assert "Dossiers en discussion" in browser.get("/").text
    with service_of(app).store.read() as db:
        opened = next(each for each in entries(db) if each.action == "session:opened")
    assert (opened.actor, opened.means) == (person.national_id, "MOBILE")
    assert opened.sid in {each["sid"] for each in psc.sessions(person)}


def test_a_card_at_any_reader_signs_in(psc: Psc, make: Made, clock: Clock) -> None:
    """Decision 34: channel CARD, by the number that the software shows."""
    app = make(**registered(psc, "oncology"))
    person = psc.person(card=True)
    card = psc.card(person)
    browser = app.test_client()
    post(browser, "/connexion", identifiant=person.national_id, channel="CARD")
    page = browser.get("/connexion/attente")
    assert "lecteur de carte" in page.text
    with card.acting.opened() as reader:
        [request] = reader.waiting()
        number = text_of(page, "number")
        reader.answer(request.challenge_id, "approve", number, code=card.code)
    assert look_again(psc, browser, clock) == "/"
    with service_of(app).store.read() as db:
        assert {each.means for each in entries(db)} == {"CARD"}


def test_attack_who_asks_for_somebody_does_not_act_as_them(psc: Psc, make: Made) -> None:
    """Domain 7: whoever types an identifier writes nothing under it, taken or refused."""
    app = make(**registered(psc, "oncology"))
    person = psc.person()
    psc.phone(person)
    for asked in (person.national_id, "899799999999"):
        post(app.test_client(), "/connexion", identifiant=asked, channel="MOBILE")
    with service_of(app).store.read() as db:
        told = [(each.actor, each.object, each.outcome) for each in reversed(entries(db))]
    assert told == [
        ("", f"person:{person.national_id}", "done"),
        ("", "person:899799999999", "refused"),
    ]


def test_the_provider_is_asked_once_an_interval(psc: Psc, make: Made, clock: Clock) -> None:
    """CIBA Core 7.3: however often the page is loaded."""
    app = make(**registered(psc, "oncology"))
    person = psc.person()
    psc.phone(person).then("ignore")
    browser = app.test_client()
    post(browser, "/connexion", identifiant=person.national_id, channel="MOBILE")
    for _ in range(4):
        assert browser.get("/connexion/attente").status_code == 200
    asked = [each for each in psc.sent.exchanges("oncology") if each.step == "token"]
    assert len(asked) == 1
