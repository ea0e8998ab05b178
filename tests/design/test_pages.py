"""What every page of the provider says of itself, and what an error page must tell."""

import re

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from idp import create_app
from idp.provider import Provider
from idp.settings import Settings
from tests.conftest import make_settings
from tests.signin.helpers import add_client, begin, start

BROWSER = {"Accept": "text/html,*/*;q=0.8"}
STATUSES = [400, 401, 403, 404, 405, 410, 413, 415, 418, 429, 500, 501, 503]


@pytest.fixture
def failing(app: Flask) -> FlaskClient:
    app.add_url_rule("/fails/<int:code>", "fails", abort)
    return app.test_client()


@pytest.mark.parametrize("status", STATUSES)
def test_an_error_page_says_what_to_do_next_and_carries_its_reference(
    failing: FlaskClient, status: int
) -> None:
    answer = failing.get(f"/fails/{status}", headers=BROWSER)
    assert answer.status_code == status
    assert "<title>Erreur : " in answer.text
    assert re.search(r"<h1>[^<]{8,}</h1>\n+<p>[^<]{20,}</p>", answer.text)
    reference = answer.headers["X-Request-Id"]
    assert f'<code id="reference">{reference}</code>' in answer.text
    assert 'data-copy="reference"' in answer.text


def test_an_error_page_speaks_english_too(failing: FlaskClient) -> None:
    answer = failing.get("/fails/404?lang=en", headers=BROWSER)
    assert "<title>Error: Page not found" in answer.text
    assert "Copier" not in answer.text


def test_a_page_names_its_template_and_not_its_base(
    browser: FlaskClient, provider: Provider
) -> None:
    add_client(provider)
    assert '<body data-page="idp/home.html">' in browser.get("/").text
    assert '<body data-page="idp/error.html">' in browser.get("/nowhere", headers=BROWSER).text
    page = begin(browser)
    assert '<body data-page="idp/signin/identifier.html">' in browser.get(page).text
    start(browser, page)
    assert '<body data-page="idp/signin/waiting.html">' in browser.get(page).text


@pytest.mark.parametrize("contact", ["call us", "javascript:alert(1)", "a b@c", "@", "http://"])
def test_a_contact_that_is_no_address_is_refused(contact: str, master_key: str) -> None:
    with pytest.raises(ValueError, match="accessibility_contact"):
        make_settings("sqlite://", master_key, accessibility_contact=contact)


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("acces@hopital.test", "mailto:acces@hopital.test"),
        ("https://hopital.test/aide", "https://hopital.test/aide"),
    ],
)
def test_the_accessibility_statement_says_whom_to_tell(
    settings: Settings, contact: str, link: str
) -> None:
    app = create_app(settings.model_copy(update={"accessibility_contact": contact}))
    page = app.test_client().get("/accessibilite").text
    assert f'<a href="{link}">{contact}</a>' in page


def test_the_statement_promises_no_more_than_was_checked(browser: FlaskClient) -> None:
    page = browser.get("/accessibilite").text
    assert "partiellement conforme" in page
    assert "Aucun audit complet" in page
    assert "axe-core" in page
