"""The integration checklists on the console: for who came in, in `--dev` alone."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale

from idp import create_app
from idp.checklists.rules import RULES
from idp.checklists.rules.rule import Rule
from idp.console.checklists.words import RULE_WORDS
from idp.provider import Provider
from tests.console.helpers import browser_of
from tests.oauth.helpers import Service, add_client

PAGES = ("/integration", "/integration/service/service")


@pytest.fixture
def seen(provider: Provider) -> Flask:
    """A service asked for a sign-in without saying `acr_values`, and redeemed a code."""
    app = create_app(provider.settings, provider=provider)
    add_client(provider)
    service = Service(app, provider)
    asked = {"client_id": "service", "response_type": "code", "state": "42"}
    service.http.get("/auth", query_string=asked)
    service.sign_in()
    return app


@pytest.mark.parametrize("page", PAGES)
def test_outside_dev_there_is_no_checklist(manned_app: Flask, page: str) -> None:
    """Decision 2: not routed, so that nobody learns of it."""
    assert browser_of(manned_app).get(page).status_code in {303, 404}
    assert not [rule for rule in manned_app.url_map.iter_rules() if "integration" in rule.rule]


@pytest.mark.parametrize("page", PAGES)
def test_who_did_not_come_in_sees_no_checklist(console_app: Flask, seen: Flask, page: str) -> None:
    del seen
    answer = browser_of(console_app).get(page)
    assert answer.status_code == 303
    assert "/entree" in answer.headers["Location"]


def test_a_service_of_which_nothing_is_known_has_no_page(console: FlaskClient) -> None:
    assert console.get("/integration/service/nobody").status_code == 404


def test_every_service_is_listed_with_its_verdict(console: FlaskClient, seen: Flask) -> None:
    del seen
    page = console.get("/integration").text
    assert '<a href="/integration/service/service">' in page
    assert "refusé par Pro Santé Connect" in page


def test_a_mistake_is_told_with_what_to_do_and_its_source(
    console: FlaskClient, seen: Flask
) -> None:
    del seen
    page = console.get("/integration/service/service").text
    assert "Pro Santé Connect refuserait ce service en l’état." in page
    assert '<section id="acr_values_missing">' in page
    assert "Envoyez acr_values=eidas1 avec chaque demande d’autorisation." in page
    assert "https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000045551195" in page
    assert '<a href="#state_short">' in page
    assert "<code>binding_message_missing</code>" in page


def test_every_rule_has_words_and_no_words_are_left_over() -> None:
    assert set(RULE_WORDS) == {rule.id for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_english_of_a_rule_s_words_is_the_rule_s_own(app: Flask, rule: Rule) -> None:
    """One text for the page and for programs: neither falls behind the other."""
    with app.test_request_context(), force_locale("en"):
        told = tuple(str(text) for text in RULE_WORDS[rule.id])
    assert told == (rule.title, rule.why, rule.fix)


def test_a_service_that_did_nothing_yet_is_not_said_to_be_right(
    console: FlaskClient, provider: Provider
) -> None:
    add_client(provider)
    page = console.get("/integration/service/service").text
    assert "Rien n’a encore été vu de ce service." in page
    assert "Vérifié" not in page


def test_the_page_of_a_service_leads_to_its_checklist(console: FlaskClient, seen: Flask) -> None:
    del seen
    assert 'href="/integration/service/service"' in console.get("/services/fiche/service").text


def test_what_a_stranger_sent_is_shown_as_text(console: FlaskClient, provider: Provider) -> None:
    app = create_app(provider.settings, provider=provider)
    hostile: dict[str, Any] = {"client_id": "x<script>alert(1)</script>", "scope": "<b>openid"}
    app.test_client().get("/auth", query_string=hostile)
    for path in ("/integration", "/integration/service/x<script>alert(1)</script>"):
        page = console.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<b>openid" not in page.text


def test_services_beyond_a_page_are_on_further_ones(
    console: FlaskClient, provider: Provider
) -> None:
    browser = create_app(provider.settings, provider=provider).test_client()
    length = provider.settings.console_page_length
    for number in range(length + 1):
        browser.get(f"/auth?client_id=client-{number:03}")
    first = console.get("/integration").text
    assert f"client-{length:03}" not in first
    assert f"client-{length:03}" in console.get(f"/integration?apres=client-{length - 1:03}").text
    assert f"apres=client-{length - 1:03}" in first
