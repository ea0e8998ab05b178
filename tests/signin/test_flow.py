"""The whole path of a browser, and who may walk it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Update, update

from idp.keys.sealing import sha256
from idp.provider import Provider
from idp.store.clients import change_client
from idp.store.models import BrowserSession, DirectoryPerson, Grant
from tests.signin.helpers import (
    NOBODY,
    PERSON,
    SOMEBODY_ELSE,
    all_of,
    answer,
    authorize,
    begin,
    events,
    interactions,
    live_sessions,
    newest_challenge,
    post,
    request_of,
    returned,
    sign_in,
    start,
    token_in,
    wait,
)


def test_a_look_ahead_does_not_spend_the_approval(browser: FlaskClient, provider: Provider) -> None:
    """HEAD is what link checkers send: the code is for the browser that comes by GET."""
    page = begin(browser)
    start(browser, page)
    answer(provider)
    assert browser.head(page + "/finish").status_code == 405
    assert "code" in returned(browser.get(page + "/finish"))


def test_a_person_signs_in_with_their_phone(browser: FlaskClient, provider: Provider) -> None:
    page = begin(browser)
    form = browser.get(page)
    assert 'name="national_id"' in form.text
    start(browser, page)
    waiting = browser.get(page)
    number = newest_challenge(provider).number
    assert (
        f'id="challenge-number" class="number" aria-describedby="challenge-prompt">{number}<'
        in (waiting.text)
    )
    assert browser.get(page + "/status").json == {"state": "pending"}
    answer(provider)
    assert browser.get(page + "/status").json == {"state": "approved"}
    assert browser.get(page).headers["Location"] == page + "/finish"
    told = returned(browser.get(page + "/finish"))
    assert told["state"] == "the-state"
    assert told["code"]
    assert told["session_state"] == live_sessions(provider)[0].sid
    assert interactions(provider) == []
    assert {"signin:session:opened", "oauth:code:issued"} <= set(events(provider))


def test_only_digests_of_handles_and_cookies_are_stored(
    browser: FlaskClient, provider: Provider
) -> None:
    handle = begin(browser).removeprefix("/signin/")
    row = interactions(provider)[0]
    assert row.interaction_hash == sha256(handle)
    cookie = browser.get_cookie("ecps_browser")
    assert cookie is not None
    assert row.browser_hash == sha256(cookie.value)


@pytest.mark.parametrize("part", ["", "/status", "/finish"])
def test_another_browser_sees_nothing_of_a_sign_in(
    browser: FlaskClient, other_browser: FlaskClient, provider: Provider, part: str
) -> None:
    """Attack 31."""
    page = begin(browser)
    start(browser, page)
    answer(provider)
    assert other_browser.get(page + part).status_code == 403
    assert all_of(provider, Grant) == []
    returned(browser.get(page + "/finish"))


def test_the_number_of_one_browser_approves_no_other(
    browser: FlaskClient, other_browser: FlaskClient, provider: Provider
) -> None:
    """Attack 27: each browser waits for its own challenge."""
    first, second = begin(browser), begin(other_browser)
    start(browser, first)
    start(other_browser, second)
    answer(provider)
    assert browser.get(first + "/status").json == {"state": "pending"}
    assert browser.get(first + "/finish").headers["Location"] == first
    returned(other_browser.get(second + "/finish"))


def test_an_approval_finishes_one_sign_in_only(browser: FlaskClient, provider: Provider) -> None:
    page = begin(browser)
    start(browser, page)
    answer(provider)
    returned(browser.get(page + "/finish"))
    assert browser.get(page + "/finish").status_code == 410
    assert len(all_of(provider, Grant)) == 1


def test_an_approval_after_cancel_finishes_nothing(
    browser: FlaskClient, provider: Provider
) -> None:
    """Attack 29."""
    page = begin(browser)
    start(browser, page)
    answer(provider)
    assert browser.post(page + "/restart", data=_token(browser)).status_code == 303
    assert browser.get(page + "/finish").headers["Location"] == page
    assert 'name="national_id"' in browser.get(page).text


def test_an_approval_that_lapsed_finishes_nothing(browser: FlaskClient, provider: Provider) -> None:
    """Attack 29."""
    page = begin(browser)
    start(browser, page)
    answer(provider)
    wait(provider, minutes=5)
    assert browser.get(page + "/finish").headers["Location"] == page
    assert "La demande a expiré" in browser.get(page).text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("refused", "Connexion non approuvée"),
        ("locked", "Connexion non approuvée"),
        ("not_me", "Connexion refusée"),
        ("wrong_number", "Le nombre ne correspondait pas"),
    ],
)
def test_what_became_of_a_challenge_is_told_and_may_be_tried_again(
    browser: FlaskClient, provider: Provider, state: str, words: str
) -> None:
    page = begin(browser)
    start(browser, page)
    answer(provider, state)
    told = browser.get(page)
    assert f"Erreur : {words}" in told.text
    post(browser, page, "/restart")
    start(browser, page)
    answer(provider)
    returned(browser.get(page + "/finish"))


def test_a_locked_phone_looks_like_a_refusal(browser: FlaskClient, provider: Provider) -> None:
    page = begin(browser)
    start(browser, page)
    answer(provider, "locked")
    assert browser.get(page + "/status").json == {"state": "refused"}


def test_an_identifier_of_nobody_just_lapses(browser: FlaskClient, provider: Provider) -> None:
    """Attack 24."""
    pages = {}
    for national_id in (PERSON, NOBODY):
        page = begin(browser)
        start(browser, page, national_id)
        pages[national_id] = browser.get(page)
        assert browser.get(page + "/status").json == {"state": "pending"}
        wait(provider, minutes=2)
        assert "La demande a expiré" in browser.get(page).text
    assert len(pages[PERSON].text) == len(pages[NOBODY].text)


def test_a_posted_request_is_bound_to_the_first_browser_that_sees_its_page(
    app: Flask, browser: FlaskClient, other_browser: FlaskClient
) -> None:
    """A cross-site form carries no cookie (SameSite=Lax)."""
    stranger = app.test_client(use_cookies=False)
    response = stranger.post("/auth", data=request_of())
    assert response.status_code == 303
    page = response.headers["Location"]
    assert browser.get(page + "/status").status_code == 403
    assert browser.get(page).status_code == 200
    assert other_browser.get(page).status_code == 403


def test_a_posted_request_finds_the_live_session(
    app: Flask, browser: FlaskClient, provider: Provider
) -> None:
    sign_in(browser, provider)
    stranger = app.test_client(use_cookies=False)
    page = stranger.post("/auth/", data=request_of(prompt="none")).headers["Location"]
    assert returned(browser.get(page))["code"]


def test_the_issuer_has_an_alias_of_the_authorization_endpoint(
    browser: FlaskClient, provider: Provider
) -> None:
    """Decision 4."""
    alias = provider.settings.realm_path + "/protocol/openid-connect/auth"
    response = browser.get(alias, query_string=request_of())
    assert response.headers["Location"].startswith("/signin/")


def test_a_request_of_nobody_gets_a_page_and_no_redirect(browser: FlaskClient) -> None:
    for changes in ({"client_id": "unknown"}, {"redirect_uri": "https://evil.test/"}):
        response = authorize(browser, **changes)
        assert response.status_code == 400
        assert "Location" not in response.headers


def test_a_wrong_request_is_told_to_the_client(browser: FlaskClient) -> None:
    told = returned(authorize(browser, response_type="token"))
    assert told["error"] == "unsupported_response_type"
    assert told["state"] == "the-state"


def test_giving_up_tells_the_client(browser: FlaskClient, provider: Provider) -> None:
    page = begin(browser)
    assert returned(post(browser, page, "/abandon"))["error"] == "access_denied"
    assert browser.get(page).status_code == 410


def test_a_sign_in_page_lapses(browser: FlaskClient, provider: Provider) -> None:
    page = begin(browser)
    wait(provider, hours=1)
    response = browser.get(page)
    assert response.status_code == 410
    assert "Cette page n’est plus valable" in response.text


def test_a_same_device_sign_in_needs_the_secret_of_the_phone(
    browser: FlaskClient, other_browser: FlaskClient, provider: Provider
) -> None:
    """Decision 25: a link sent to somebody else finishes nothing."""
    page = begin(browser)
    start(browser, page, same_device="1")
    waiting = browser.get(page)
    assert "ecps://signin?v=1" in waiting.text
    secret = "c2VjcmV0LW9mLXRoZS1waG9uZQ"
    answer(provider, completion_hash=sha256(b"secret-of-the-phone"))
    assert "Terminer la connexion" in browser.get(page).text
    assert browser.get(page + "/finish").headers["Location"] == page
    assert browser.get(page + "/finish?completion=d3Jvbmc").status_code == 400
    assert other_browser.get(page + f"/finish?completion={secret}").status_code == 403
    returned(browser.get(page + f"/finish?completion={secret}"))


def test_wrong_pins_since_the_last_time_are_told(browser: FlaskClient, provider: Provider) -> None:
    """Decision 19."""
    page = begin(browser)
    start(browser, page)
    answer(provider, failures_told=2)
    assert browser.get(page + "/finish").headers["Location"] == page
    assert "2 codes e-CPS erronés" in browser.get(page).text
    assert post(browser, page, "/proceed").headers["Location"] == page
    assert returned(browser.get(page))["code"]


def test_slips_during_this_sign_in_are_no_news(browser: FlaskClient, provider: Provider) -> None:
    page = begin(browser)
    start(browser, page)
    answer(provider, failures_told=1, tries=2)
    assert returned(browser.get(page + "/finish"))["code"]


def test_a_struck_off_person_does_not_enter(browser: FlaskClient, provider: Provider) -> None:
    """EC-01: the directory may have changed since the phone was enrolled."""
    with provider.store.begin() as db:
        db.execute(_close(PERSON))
    page = begin(browser)
    start(browser, page)
    answer(provider)
    assert browser.get(page + "/finish").status_code == 403
    assert all_of(provider, BrowserSession) == []


def test_the_session_of_somebody_else_ends_at_a_sign_in(
    browser: FlaskClient, provider: Provider
) -> None:
    sign_in(browser, provider)
    first = live_sessions(provider)[0]
    sign_in(browser, provider, SOMEBODY_ELSE, prompt="login")
    assert [row.sid for row in live_sessions(provider)] != [first.sid]
    assert len(live_sessions(provider)) == 1


def test_the_cookie_is_new_at_each_authentication(browser: FlaskClient, provider: Provider) -> None:
    sign_in(browser, provider)
    old = browser.get_cookie("ecps_session")
    sid = live_sessions(provider)[0].sid
    sign_in(browser, provider, prompt="login")
    new = browser.get_cookie("ecps_session")
    assert old is not None
    assert new is not None
    assert old.value != new.value
    assert live_sessions(provider)[0].sid == sid
    browser.set_cookie("ecps_session", old.value)
    assert returned(authorize(browser, prompt="none"))["error"] == "login_required"


def test_a_hint_for_somebody_else_refuses_the_person_who_came(
    browser: FlaskClient, provider: Provider
) -> None:
    claims = '{"id_token":{"sub":{"value":"f:%s:899700990023"}}}'
    wanted = claims % provider.settings.federation_uuid
    told = returned(sign_in(browser, provider, claims=wanted))
    assert told["error"] == "login_required"


def test_the_identifier_is_prefilled_by_hint_and_by_memory(
    browser: FlaskClient, provider: Provider
) -> None:
    assert f'value="{PERSON}"' in browser.get(begin(browser, login_hint=PERSON)).text
    assert "phishing" not in browser.get(begin(browser, login_hint="phishing")).text
    start(browser, begin(browser), remember="1")
    assert f'value="{PERSON}"' in browser.get(begin(browser)).text
    start(browser, begin(browser))
    assert f'value="{PERSON}"' not in browser.get(begin(browser)).text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("99700990015", "ajoutez 8 devant votre numéro RPPS, exemple 899700990015"),
        ("12", "12 chiffres"),
        ("", "Saisissez votre identifiant national"),
    ],
)
def test_a_malformed_identifier_gets_help(browser: FlaskClient, typed: str, words: str) -> None:
    """EC-03, EC-30; RGAA 11.10 and 11.11."""
    page = begin(browser)
    response = post(browser, page, national_id=typed)
    assert response.status_code == 400
    assert words in response.text
    assert "<title>Erreur :" in response.text
    assert 'aria-invalid="true"' in response.text


def test_a_resend_keeps_the_challenge(browser: FlaskClient, provider: Provider) -> None:
    page = begin(browser)
    start(browser, page)
    before = newest_challenge(provider)
    assert post(browser, page, "/resend").status_code == 303
    assert newest_challenge(provider).number == before.number


def test_a_form_posted_twice_starts_one_challenge(browser: FlaskClient, provider: Provider) -> None:
    page = begin(browser)
    token = token_in(browser.get(page))
    for _ in range(2):
        fields = {"csrf_token": token, "national_id": PERSON}
        assert browser.post(page, data=fields).headers["Location"] == page
    assert events(provider).count("challenges:challenge:started") == 1


def _token(browser: FlaskClient) -> dict[str, str]:
    return {"csrf_token": token_in(browser.get(begin(browser)))}


def _close(national_id: str) -> Update:
    return (
        update(DirectoryPerson)
        .where(DirectoryPerson.national_id == national_id)
        .values(closed=True)
    )


def test_an_address_withdrawn_meanwhile_gets_no_code(
    browser: FlaskClient, provider: Provider
) -> None:
    """RFC 9700, 2.1: an operator who takes an address back must not wait for open pages."""
    page = begin(browser)
    start(browser, page)
    answer(provider)
    with provider.store.begin() as db:
        change_client(db, "service", redirect_uris=["https://service.test/new"])
    assert browser.get(page + "/finish").status_code == 410
    assert live_sessions(provider) == []
