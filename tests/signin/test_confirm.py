"""Who is let in beside the first service: the confirmation page (decision 13)."""

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.directory.people import find_person
from idp.provider import Provider
from tests.signin.helpers import (
    PERSON,
    add_client,
    answer,
    authorize,
    begin,
    live_sessions,
    post,
    returned,
    sign_in,
    start,
)


def test_a_second_service_is_confirmed_once(browser: FlaskClient, provider: Provider) -> None:
    """Decision 13."""
    add_client(provider, "second")
    sign_in(browser, provider)
    assert returned(authorize(browser))["code"]
    silent = returned(authorize(browser, client_id="second", prompt="none"))
    assert silent["error"] == "interaction_required"
    page = begin(browser, client_id="second")
    shown = browser.get(page)
    assert "confirmez-vous vouloir accéder à Logiciel second" in shown.text
    assert PERSON in shown.text
    sid = live_sessions(provider)[0].sid
    assert returned(post(browser, page, "/confirm", sid=sid, answer="confirm"))["code"]
    assert returned(authorize(browser, client_id="second", prompt="none"))["code"]


def test_a_rejected_service_gets_nothing_and_asks_again(
    browser: FlaskClient, provider: Provider
) -> None:
    add_client(provider, "second")
    sign_in(browser, provider)
    page = begin(browser, client_id="second")
    sid = live_sessions(provider)[0].sid
    told = returned(post(browser, page, "/confirm", sid=sid, answer="reject"))
    assert told["error"] == "access_denied"
    assert "confirmez-vous" in browser.get(begin(browser, client_id="second")).text


def test_a_confirmation_holds_for_the_account_it_showed(
    browser: FlaskClient, provider: Provider
) -> None:
    add_client(provider, "second")
    sign_in(browser, provider)
    page = begin(browser, client_id="second")
    browser.get(page)
    response = post(browser, page, "/confirm", sid="another-session", answer="confirm")
    assert response.headers["Location"] == page


def test_consent_is_shown_when_it_is_asked_for(browser: FlaskClient, provider: Provider) -> None:
    page = begin(browser, prompt="consent")
    start(browser, page)
    answer(provider)
    assert browser.get(page + "/finish").headers["Location"] == page
    assert "confirmez-vous" in browser.get(page).text
    sid = live_sessions(provider)[0].sid
    assert returned(post(browser, page, "/confirm", sid=sid, answer="confirm"))["code"]


def test_a_service_rejected_at_the_consent_it_asked_for_is_not_let_in_later(
    browser: FlaskClient, provider: Provider
) -> None:
    """Decision 13: to have signed in is no answer to the question that follows."""
    page = begin(browser, prompt="consent")
    start(browser, page)
    answer(provider)
    browser.get(page + "/finish")
    sid = live_sessions(provider)[0].sid
    told = returned(post(browser, page, "/confirm", sid=sid, answer="reject"))
    assert told["error"] == "access_denied"
    assert returned(authorize(browser, prompt="none"))["error"] == "interaction_required"


def test_a_service_let_in_before_and_then_rejected_asks_again(
    browser: FlaskClient, provider: Provider
) -> None:
    """Decision 13: the last word of the person counts, not the first."""
    sign_in(browser, provider)
    page = begin(browser, prompt="consent")
    sid = live_sessions(provider)[0].sid
    post(browser, page, "/confirm", sid=sid, answer="reject")
    assert returned(authorize(browser, prompt="none"))["error"] == "interaction_required"


def test_another_account_may_be_chosen(browser: FlaskClient, provider: Provider) -> None:
    add_client(provider, "second")
    sign_in(browser, provider)
    page = begin(browser, client_id="second")
    browser.get(page)
    new = post(browser, page, "/another").headers["Location"]
    assert 'name="national_id"' in browser.get(new).text
    assert browser.get(page).status_code == 410


def test_the_page_names_what_is_asked_claim_by_claim(
    browser: FlaskClient, provider: Provider
) -> None:
    """OpenID Connect Core 5.5: the scope is not all that a service may ask for."""
    add_client(provider, "second", scope="openid email phone")
    sign_in(browser, provider)
    asked = '{"userinfo":{"email":null,"address":null},"id_token":{"phone_number":null}}'
    shown = browser.get(begin(browser, client_id="second", scope="openid", claims=asked)).text
    assert "Adresse électronique professionnelle" in shown
    assert "Téléphone professionnel" in shown
    assert "Adresse professionnelle" not in shown  # not registered for it, so not given


def test_the_page_shows_the_values_that_would_be_sent(
    browser: FlaskClient, provider: Provider
) -> None:
    """Decision 13: what a person agrees to is what they read, not its kind alone."""
    add_client(provider, "second", scope="openid scope_all email")
    sign_in(browser, provider)
    asked = {"client_id": "second", "scope": "openid scope_all email"}
    shown = released_on(browser.get(begin(browser, **asked)))
    with provider.store.read() as db:
        person = find_person(db, PERSON)
    assert person is not None
    count = sum(len(exercice["activities"]) for exercice in person.exercices)
    assert shown["Identifiant national"] == PERSON
    assert shown["Nom et prénom"] == person.display_name
    assert "Médecin" in shown["Profession, catégorie et savoir-faire"]
    assert shown["Situations d’exercice"].startswith(f"{count}, tel")
    assert shown["Adresse électronique professionnelle"]


def test_a_service_with_pseudonyms_is_not_said_to_learn_the_identifier(
    browser: FlaskClient, provider: Provider
) -> None:
    """Decision 11."""
    add_client(provider, "second", options={"subject_type": "pairwise"})
    sign_in(browser, provider)
    shown = released_on(browser.get(begin(browser, client_id="second", scope="openid")))
    assert shown == {"Identifiant": "un pseudonyme propre à ce service"}


def released_on(page: TestResponse) -> dict[str, str]:
    """What the page says would be sent, by name."""
    listed = page.text.split('id="released"')[1].split("</dl>")[0]
    return dict(re.findall(r"<dt>([^<]+)</dt><dd[^>]*>([^<]*)</dd>", listed))
