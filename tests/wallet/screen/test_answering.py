"""A request on the phone's pages: shown, answered, refused, lost (decisions 18 to 21, 25, 29)."""

import json
import re

import pytest
from flask import Flask

from tests.conftest import provider_of
from tests.wallet.helpers import PERSON, PIN, Network, advance, ask_signin, other_number
from tests.wallet.screen.helpers import Browser, serve_one
from wallet_sim.phone import Phone
from wallet_sim.receiver import Receiver
from wallet_sim.screen.watching import Watch

WRONG_PIN = "9753"


@pytest.fixture
def browser(phone: Phone) -> Browser:
    return Browser(serve_one(phone)).unlock()


def cursor_of(page: str) -> str:
    found = re.search(r'data-cursor="(\w+)"', page)
    assert found
    return found.group(1)


def test_a_wrong_pin_tells_the_tries_left_and_keeps_the_number(
    app: Flask, browser: Browser
) -> None:
    asked = ask_signin(app)
    form = {"challenge_id": asked.challenge_id, "number": asked.number}
    refused = browser.press("approve", pin=WRONG_PIN, **form)
    assert refused.status_code == 409
    assert "Essais restants : 2." in refused.text
    assert f'value="{asked.number}" checked' in refused.text
    assert WRONG_PIN not in refused.text
    assert browser.press("approve", pin=PIN, **form).status_code == 200


def test_a_number_given_for_one_request_is_not_put_into_the_next(
    app: Flask, browser: Browser
) -> None:
    """Decision 20: the next one may be a stranger's."""
    another = ask_signin(app)
    told = browser.press("approve", pin=PIN, challenge_id="gone", number=another.number)
    assert told.status_code == 409
    assert f'name="challenge_id" value="{another.challenge_id}"' in told.text
    assert " checked" not in told.text


def test_the_third_wrong_pin_tells_when_to_come_back(app: Flask, browser: Browser) -> None:
    """Decision 19."""
    asked = ask_signin(app)
    for _ in range(3):
        form = {"challenge_id": asked.challenge_id, "number": asked.number}
        told = browser.press("approve", pin=WRONG_PIN, **form)
    assert "pour la troisième fois" in told.text
    assert re.search(r"Réessayez après \d\d:\d\d:\d\d", told.text)
    assert "Verrouillée" in browser.look().text


def test_a_wrong_number_ends_the_request(app: Flask, browser: Browser) -> None:
    """Decision 20."""
    asked = ask_signin(app)
    form = {"challenge_id": asked.challenge_id, "number": other_number(asked)}
    told = browser.press("approve", pin=PIN, **form)
    assert told.status_code == 409
    assert "la demande est annulée" in told.text
    assert 'data-page="wallet_sim/phone/home.html"' in told.text


def test_without_a_number_nothing_is_sent(app: Flask, browser: Browser, network: Network) -> None:
    asked = ask_signin(app)
    told = browser.press("approve", pin=PIN, challenge_id=asked.challenge_id)
    assert "Choisissez d’abord le nombre" in told.text
    assert not [path for path in network.paths if path.endswith("/answer")]


def test_a_request_that_is_over_is_told_so(app: Flask, browser: Browser) -> None:
    asked = ask_signin(app)
    token = browser.token()
    advance(provider_of(app), 61)
    form = {"challenge_id": asked.challenge_id, "number": asked.number}
    told = browser.press("approve", token, pin=PIN, **form)
    assert "n’attend plus" in told.text


def test_the_confirmation_of_no_request_is_told_so(browser: Browser) -> None:
    told = browser.look("not-me")
    assert told.status_code == 409
    assert "Aucune demande n’attend plus." in told.text


def test_an_e_cps_that_is_over_leaves_deletion_alone(
    app: Flask, browser: Browser, phone: Phone
) -> None:
    for round_of_three in range(3):
        asked = ask_signin(app)
        for _ in range(3):
            browser.press(
                "approve", pin=WRONG_PIN, number=asked.number, challenge_id=asked.challenge_id
            )
        advance(provider_of(app), 7200 * (round_of_three + 1))
    page = browser.look().text
    assert 'data-page="wallet_sim/phone/over.html"' in page
    assert "bloquée" in page
    assert browser.press("delete").status_code == 303
    assert phone.stage() == "empty"


def test_a_provider_out_of_reach_is_told_and_nothing_is_lost(
    app: Flask, browser: Browser, network: Network
) -> None:
    with network.cut("/pending", request_lost=True):
        page = browser.look()
    assert page.status_code == 409
    assert "ne répond pas" in page.text
    assert "Hors ligne" in page.text
    assert browser.look().status_code == 200


def test_a_lost_answer_is_found_again(app: Flask, browser: Browser, network: Network) -> None:
    """Decision 21."""
    asked = ask_signin(app)
    form = {"challenge_id": asked.challenge_id, "number": asked.number}
    with network.cut("/answer", request_lost=False):
        told = browser.press("approve", pin=PIN, **form)
    assert "La dernière réponse s’est perdue." in told.text
    assert "Réponse perdue" in browser.look("history").text
    found = browser.press("recover")
    assert found.headers["Location"] == "/?done=recover-approved"
    assert "Approuvée" in browser.look("history").text


def test_the_request_shows_the_service_first_then_what_decides(
    app: Flask, browser: Browser
) -> None:
    """Decision 29."""
    asked = ask_signin(app)
    page = browser.look().text
    order = ["Service de démonstration", "Action", "Navigateur", "Lieu", "Heure", "Code e-CPS"]
    places = [page.index(text) for text in order]
    assert places == sorted(places)
    for option in asked.document["number"]["options"]:
        assert f'name="number" value="{option}"' in page
    assert 'http-equiv="refresh"' not in page


def test_a_person_approves_and_is_told_where_to_go_on(app: Flask, browser: Browser) -> None:
    asked = ask_signin(app)
    done = browser.press("approve", pin=PIN, number=asked.number, challenge_id=asked.challenge_id)
    assert "Demande approuvée" in done.text
    assert "Service de démonstration" in done.text
    assert "completion" not in done.text


def test_wrong_pins_since_last_time_are_told(app: Flask, browser: Browser) -> None:
    """Decision 19."""
    asked = ask_signin(app)
    form = {"challenge_id": asked.challenge_id, "number": asked.number}
    browser.press("approve", pin=WRONG_PIN, **form)
    assert (
        "Codes faux depuis la dernière connexion : 1"
        in browser.press("approve", pin=PIN, **form).text
    )


def test_the_completion_is_shown_once(app: Flask, browser: Browser) -> None:
    """Decision 25."""
    asked = ask_signin(app, same_device=True)
    done = browser.press(
        "approve", pin=PIN, number=asked.number, challenge_id=asked.challenge_id
    ).text
    found = re.search(r'id="completion">([^<]+)<', done)
    assert found
    for page in ("", "history", "details"):
        assert found.group(1) not in browser.look(page).text


@pytest.mark.parametrize(
    ("reason", "told", "kept"),
    [
        ("cancelled", "Demande refusée.", "Refusée"),
        ("unknown_trigger", "et alerte donnée", "Refusée, pas moi"),
    ],
)
def test_a_refusal_is_told_and_kept(
    app: Flask, browser: Browser, reason: str, told: str, kept: str
) -> None:
    asked = ask_signin(app)
    done = browser.press("refuse", reason=reason, challenge_id=asked.challenge_id)
    assert told in browser.look(done.headers["Location"].lstrip("/")).text
    assert kept in browser.look("history").text


def test_a_page_hears_of_a_push_at_once_and_of_nothing_else(
    app: Flask, phone: Phone, network: Network
) -> None:
    """Decision 38: between two pushes the provider is not asked each second."""
    receiver = Receiver(phone, "http://localhost:8002")
    watch = Watch(phone, receiver)
    before = watch.ask().cursor
    ask_signin(app)
    asked = network.paths.count("/wallet/v1/pending")
    assert watch.look().cursor == before
    assert network.paths.count("/wallet/v1/pending") == asked
    receiver._count += 1  # a push, whose own checks are tested in test_push.py
    assert watch.look().cursor != before


def test_a_page_hears_of_a_request_without_a_push(app: Flask, phone: Phone) -> None:
    """Decision 24: a push may be suppressed, the request never."""
    watch = Watch(phone, Receiver(phone, "http://localhost:8002"), ask_anyway=0)
    before = watch.ask().cursor
    ask_signin(app)
    assert watch.look().cursor != before


def test_the_state_is_told_once_for_each_change(app: Flask, browser: Browser) -> None:
    cursor = cursor_of(browser.look().text)
    assert browser.look(f"state?after={cursor}").status_code == 204
    asked = ask_signin(app)
    fresh = cursor_of(browser.look().text)
    assert fresh != cursor
    told = json.loads(browser.look(f"state?after={cursor}").data)
    assert told == {
        "cursor": fresh,
        "waiting": [asked.challenge_id],
        "service": "Service de démonstration",
    }
    assert browser.look(f"state?after={fresh}").status_code == 204


def test_the_page_that_waits_reloads_itself_until_that_is_stopped(browser: Browser) -> None:
    """RGAA 13.1."""
    assert 'http-equiv="refresh"' in browser.look().text
    assert 'http-equiv="refresh"' not in browser.look("?pause=1").text


def test_whose_e_cps_it_is_stands_on_the_home_page(browser: Browser) -> None:
    page = browser.look().text
    assert PERSON in page
    assert "Active" in page
