"""The waiting page and how it ends: the same for everybody, and what to do next."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.provider import Provider
from tests.attacks.helpers import number_on, state_on
from tests.signin.helpers import (
    CALLBACK,
    NOBODY,
    PERSON,
    answer,
    begin,
    newest_challenge,
    post,
    returned,
    start,
    wait,
)
from tests.wallet.helpers import PIN, enrol


def told(browser: FlaskClient, address: str) -> str:
    """A page without what is drawn for it alone."""
    page = re.sub(
        r"/signin/[\w-]{43}|%2Fsignin%2F[\w-]{43}", "/signin/HANDLE", browser.get(address).text
    )
    page = re.sub(r'(name="csrf_token" value=")[^"]+', r"\1TOKEN", page)
    return re.sub(r'(id="challenge-number"[^>]*>)\s*\d+', r"\1NN", page)


# -- resending -----------------------------------------------------------------------------------


def test_what_is_said_of_resending_is_the_same_for_nobody(
    browser: FlaskClient, other_browser: FlaskClient, app: Flask, tmp_path: Path
) -> None:
    """Decisions 17 and 24: nor does it say whether the budget of pushes was spent."""
    enrol(app, tmp_path / "phone")
    pages = []
    for client, who in ((browser, PERSON), (other_browser, NOBODY)):
        page = begin(client)
        start(client, page, who)
        for _ in range(4):
            asked = post(client, page, "/resend")
            assert asked.headers["Location"] == f"{page}?renvoi=fait"
        pages.append(told(client, f"{page}?renvoi=fait"))
    assert pages[0] == pages[1]
    assert "Nous avons redemandé l’envoi de la notification" in pages[0]


def test_too_much_resending_is_told_where_the_person_is_and_ends_nothing(
    browser: FlaskClient, provider: Provider
) -> None:
    """Decision 24: the limit costs a notification, never the sign-in."""
    page = begin(browser)
    start(browser, page, NOBODY)
    limit = provider.settings.starts_per_address
    said = [post(browser, page, "/resend").headers["Location"] for _ in range(limit)]
    assert said[0] == f"{page}?renvoi=fait"
    assert said[-1] == f"{page}?renvoi=trop"
    assert "n’a pas été renvoyée" in browser.get(said[-1]).text
    assert state_on(browser, page) == "pending"


def test_an_address_made_up_says_nothing_of_resending(browser: FlaskClient) -> None:
    page = begin(browser)
    start(browser, page)
    assert 'id="resent"' not in browser.get(f"{page}?renvoi=<b>").text


def test_nothing_is_resent_once_the_request_is_over(
    browser: FlaskClient, provider: Provider
) -> None:
    page = begin(browser)
    start(browser, page)
    answer(provider, "refused")
    token = re.search(r'csrf_token" value="([^"]+)', browser.get(page).text)
    assert token
    sent = browser.post(f"{page}/resend", data={"csrf_token": token[1]})
    assert sent.headers["Location"] == page


# -- time ----------------------------------------------------------------------------------------


def test_the_time_left_stands_as_text_and_the_page_can_be_stopped(
    browser: FlaskClient, provider: Provider
) -> None:
    """RGAA 13.1 and 13.8: without script the page refreshes itself, until it is told not to."""
    page = begin(browser)
    start(browser, page)
    wait(provider, seconds=20)
    shown = browser.get(page).text
    assert re.search(r'data-seconds="40">40\s?s<', shown)
    assert 'http-equiv="refresh"' in shown
    paused = browser.get(page + "?pause=1").text
    assert 'http-equiv="refresh"' not in paused
    assert "Actualiser maintenant et reprendre" in paused


# -- on this phone -------------------------------------------------------------------------------


def test_a_sign_in_begun_for_another_device_goes_on_with_this_one(
    browser: FlaskClient, app: Flask, tmp_path: Path
) -> None:
    """Decision 25: then the phone's secret is needed, as if it had been asked so at once."""
    phone = enrol(app, tmp_path / "phone")
    page = begin(browser)
    start(browser, page)
    assert "ecps://signin" not in browser.get(page).text
    assert post(browser, page, "/here").headers["Location"] == page
    assert "ecps://signin" in browser.get(page).text
    approved = phone.approve(PIN, number_on(browser, page))
    assert returned_to_page(browser, page)
    assert returned(browser.get(f"{page}/finish?completion={approved.completion}"))["code"]


def test_the_request_it_replaces_is_dead(browser: FlaskClient, app: Flask, tmp_path: Path) -> None:
    phone = enrol(app, tmp_path / "phone")
    page = begin(browser)
    start(browser, page)
    post(browser, page, "/here")
    (only,) = phone.pending()
    assert only.challenge_id
    assert state_on(browser, page) == "pending"


def test_nobody_may_go_on_with_a_request_that_is_over(
    browser: FlaskClient, provider: Provider
) -> None:
    page = begin(browser)
    start(browser, page)
    answer(provider, "refused")
    before = newest_challenge(provider).challenge_id
    post(browser, page, "/here")
    assert newest_challenge(provider).challenge_id == before


def test_going_on_with_this_phone_counts_as_a_start(
    browser: FlaskClient, provider: Provider
) -> None:
    """Decision 24."""
    page = begin(browser)
    start(browser, page, NOBODY)
    codes = [
        post(browser, page, "/here").status_code
        for _ in range(provider.settings.starts_per_address)
    ]
    assert codes[-1] == 429


def returned_to_page(browser: FlaskClient, page: str) -> bool:
    """Whether approval alone finished nothing."""
    return browser.get(page + "/finish").headers["Location"] == page


# -- outcomes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "title", "advice"),
    [
        ("refused", "Connexion non approuvée", "elle dit ce qui s’est passé"),
        ("not_me", "Connexion refusée", "Vérifiez que l’identifiant national saisi"),
        ("wrong_number", "Le nombre ne correspondait pas", "que cette page montre"),
        ("cancelled", "Demande annulée", "Vous pouvez recommencer"),
    ],
)
def test_each_outcome_says_what_to_do_next(
    browser: FlaskClient, provider: Provider, state: str, title: str, advice: str
) -> None:
    """RGAA 11.11; the tab's title tells it too (8.5)."""
    page = begin(browser)
    start(browser, page)
    answer(provider, state)
    shown = browser.get(page).text
    assert re.search(f"<title>(Erreur : )?{title} – ", shown)
    assert advice in shown
    assert 'href="/aide"' in shown
    assert "Recommencer" in shown


def test_a_locked_person_is_told_here_as_one_who_refused(
    browser: FlaskClient, other_browser: FlaskClient, provider: Provider
) -> None:
    """Decision 17: the same bytes; the phone alone tells of the lock."""
    pages = []
    for client, state in ((browser, "locked"), (other_browser, "refused")):
        page = begin(client)
        start(client, page)
        answer(provider, state)
        pages.append(told(client, page))
        assert client.get(page + "/status").json == {"state": "refused"}
    assert pages[0] == pages[1]


@pytest.mark.parametrize("national_id", [PERSON, NOBODY])
def test_a_request_that_nobody_answered_says_the_same_of_everybody(
    browser: FlaskClient, provider: Provider, national_id: str
) -> None:
    page = begin(browser)
    start(browser, page, national_id)
    wait(provider, seconds=61)
    shown = browser.get(page).text
    assert "La demande a expiré" in shown
    assert national_id not in shown
    again = post(browser, page, "/restart", moyen="carte")
    assert again.headers["Location"] == f"{page}?moyen=carte"


def test_a_tab_made_up_is_not_carried_on(browser: FlaskClient) -> None:
    page = begin(browser)
    start(browser, page)
    assert post(browser, page, "/restart", moyen="https://evil.test").headers["Location"] == page


def test_help_is_within_reach_and_says_the_same_to_everybody(browser: FlaskClient) -> None:
    shown = browser.get("/aide")
    assert shown.status_code == 200
    for what in ("sans-e-cps", "telephone", "code-oublie", "carte", "nombre"):
        assert f'id="{what}"' in shown.text
    assert CALLBACK not in shown.text
