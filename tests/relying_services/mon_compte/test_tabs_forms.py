"""Orders of paper forms: bounded, confirmed before they take effect, once, listed."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from relying_services.clock import Clock
from relying_services.mon_compte.forms import FORMS
from relying_services.mon_compte.store.orders import lines_of, order_of
from relying_services.service.app import service_of
from tests.relying_services.mon_compte.conftest import Made
from tests.relying_services.mon_compte.rows import (
    OTHER,
    OWNER,
    grant,
    numbers_in,
    practice,
    refusals,
    traced,
)
from tests.relying_services.signed_in import confirmed, post, sign_in

OURS, THEIRS = "991000019", "991000027"


@pytest.fixture
def browser(account: Flask) -> FlaskClient:
    practice(account, OURS)
    practice(account, THEIRS, OTHER)
    return sign_in(account, OWNER)


def draw_up(browser: FlaskClient, **quantities: str) -> str:
    """Gives the address at which the order waits to be confirmed."""
    answer = post(browser, "/imprimes", livraison=OURS, **(quantities or {"transport": "2"}))
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def is_confirmed(app: Flask, address: str) -> bool:
    with service_of(app).store.read() as db:
        found = order_of(db, OWNER, int(address.rsplit("/", 1)[1]))
        return found is not None and found.confirmed_at is not None


@pytest.mark.parametrize("quantity", ["21", "-1", "1.5", "x", "٣", "999999"])
def test_a_quantity_out_of_bounds_is_refused_at_its_field(
    account: Flask, browser: FlaskClient, quantity: str
) -> None:
    """MA-06; RGAA 11.10, 11.11: what was typed is kept, and the bounds are told."""
    answer = post(browser, "/imprimes", livraison=OURS, feuilles_soins=quantity, transport="2")
    assert answer.status_code == 400
    assert re.findall(r'id="(\w+)-error" role="alert">(.*?)<', answer.text) == [
        ("feuilles_soins", "Écrivez un nombre entier de 0 à 20.")
    ]
    assert f'value="{quantity}"' in answer.text
    assert "Aucune commande." in answer.text
    assert not traced(account)


@pytest.mark.parametrize("name", list(FORMS))
def test_each_form_has_its_own_bound(browser: FlaskClient, name: str) -> None:
    """MA-06."""
    most = FORMS[name].most
    assert post(browser, "/imprimes", livraison=OURS, **{name: str(most + 1)}).status_code == 400
    assert post(browser, "/imprimes", livraison=OURS, **{name: str(most)}).status_code == 303


def test_an_order_of_nothing_is_refused(browser: FlaskClient) -> None:
    """MA-06."""
    answer = post(browser, "/imprimes", livraison=OURS, transport="0")
    assert answer.status_code == 400
    assert "Commandez au moins un imprimé" in answer.text


@pytest.mark.parametrize("number", [THEIRS, "990000000", ""])
def test_attack_nothing_is_sent_to_the_address_of_another(
    account: Flask, browser: FlaskClient, number: str
) -> None:
    """MA-10: another's billing number is refused as one that does not exist."""
    answer = post(browser, "/imprimes", livraison=number, transport="2")
    assert answer.status_code == 400
    assert "Choisissez un lieu de la liste." in answer.text
    assert THEIRS not in answer.text
    assert not traced(account)


def test_an_order_takes_effect_when_it_is_confirmed_and_not_before(
    account: Flask, browser: FlaskClient
) -> None:
    """MA-06; RGAA 11.12: it is read again first."""
    address = draw_up(browser, transport="2", enveloppes="4")
    page = browser.get(address)
    assert numbers_in(page) == [
        "Prescriptions médicales de transport",
        "Enveloppes de transmission",
    ]
    assert "rien n’est envoyé avant votre confirmation" in page.text
    assert not is_confirmed(account, address)
    assert "à confirmer" in browser.get("/imprimes").text
    assert post(browser, f"{address}/confirmation").location == address
    assert is_confirmed(account, address)
    page = browser.get(address)
    assert confirmed(page)[0] == "La commande n° 1 est confirmée."
    assert "Cette commande est confirmée depuis le" in page.text
    assert [each.action for each in traced(account)] == ["order:confirmed", "order:drawn_up"]


def test_attack_an_order_takes_effect_once_however_often_it_is_confirmed(
    made: Made, either_url: str
) -> None:
    """MA-06: of requests at the same moment one counts, on both databases."""
    app = made(either_url)
    practice(app, OURS)
    browsers = [sign_in(app, OWNER) for _each in range(4)]
    address = draw_up(browsers[0])
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda one: post(one, f"{address}/confirmation").status_code, browsers)
    assert sorted(answers) == [303, 409, 409, 409]
    assert [each.action for each in traced(app) if each.outcome == "done"] == [
        "order:confirmed",
        "order:drawn_up",
    ]
    assert post(browsers[0], f"{address}/abandon").status_code == 409
    assert is_confirmed(app, address)


def test_an_order_is_confirmed_within_a_day(
    account: Flask, browser: FlaskClient, clock: Clock
) -> None:
    """MA-06: the setting `draft_hours`."""
    address = draw_up(browser)
    clock.move(timedelta(hours=24))
    later = sign_in(account, OWNER)
    assert "n’a pas été confirmée à temps" in later.get(address).text
    assert post(later, f"{address}/confirmation").status_code == 409
    assert not is_confirmed(account, address)
    assert refusals(account) == [("order:confirmed", "order:1", "order_over")]


def test_an_order_can_be_dropped_before_it_is_confirmed(
    account: Flask, browser: FlaskClient
) -> None:
    """MA-06."""
    address = draw_up(browser)
    assert post(browser, f"{address}/abandon").location == "/imprimes"
    assert confirmed(browser.get("/imprimes")) == ["La commande n° 1 est abandonnée."]
    assert browser.get(address).status_code == 404
    assert post(browser, f"{address}/confirmation").status_code == 404
    with service_of(account).store.read() as db:
        assert not lines_of(db, 1)


def test_a_new_order_replaces_the_one_that_was_not_confirmed(browser: FlaskClient) -> None:
    """MA-06: however many are drawn up, one waits; confirmed ones stay."""
    first = draw_up(browser)
    post(browser, f"{first}/confirmation")
    second, third = draw_up(browser), draw_up(browser)
    assert len({first, second, third}) == 3
    assert browser.get(second).status_code == 404
    assert numbers_in(browser.get("/imprimes")) == [third[-1], first[-1]]


def test_an_order_keeps_the_address_at_which_it_was_drawn_up(browser: FlaskClient) -> None:
    """MA-06."""
    assert "Cabinet 991000019, 1 rue des Feuillantines" in browser.get(draw_up(browser)).text


def test_without_a_known_address_nothing_can_be_ordered(account: Flask) -> None:
    """MA-06: the page says so, and the form is not there."""
    page = sign_in(account, OWNER).get("/imprimes").text
    assert "ne connaît pas d’adresse où livrer" in page
    assert 'name="transport"' not in page


def test_own_orders_are_listed_page_by_page(made: Made, service_url: str) -> None:
    """MA-06."""
    app = made(service_url, page_rows=2)
    practice(app, OURS)
    browser = sign_in(app, OWNER)
    for _each in range(3):
        post(browser, f"{draw_up(browser)}/confirmation")
    assert numbers_in(browser.get("/imprimes")) == ["3", "2"]
    assert numbers_in(browser.get("/imprimes?apres=2")) == ["1"]


def test_attack_who_prepares_cannot_confirm(
    account: Flask, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MA-10: what an assistant prepares waits for the owner."""
    assistant = sign_in(account, OTHER, name="Aliénor QUERVILLE")
    grant(monkeypatch, "prepare")
    address = draw_up(assistant)
    assert post(assistant, f"{address}/confirmation").status_code == 403
    assert refusals(account) == [("order:confirmed", "order:1", "level_too_low")]
    assert not is_confirmed(account, address)
    grant(monkeypatch, "full")
    assert "Aliénor QUERVILLE" in browser.get(address).text
    assert post(browser, f"{address}/confirmation").status_code == 303
    assert [each.actor for each in traced(account)][-1::-2] == [OTHER, OWNER]


def test_attack_who_has_payments_without_patients_orders_nothing(
    account: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice(account, OURS)
    grant(monkeypatch, "masked")
    accountant = sign_in(account, "account:1")
    assert accountant.get("/imprimes").status_code == 403
    assert post(accountant, "/imprimes", livraison=OURS, transport="2").status_code == 403


def test_attack_a_forged_form_orders_nothing(account: Flask, browser: FlaskClient) -> None:
    address = draw_up(browser)
    assert browser.post("/imprimes", data={"livraison": OURS, "transport": "2"}).status_code == 403
    assert browser.post(f"{address}/confirmation").status_code == 403
    assert not is_confirmed(account, address)
