"""Forms of our own: only our page, in the browser it was given to, may post them."""

import pytest
from flask.testing import FlaskClient

from idp.provider import Provider
from idp.store.models import Challenge
from tests.signin.helpers import PERSON, all_of, begin, start, token_in

ACTIONS = [
    "",
    "/resend",
    "/restart",
    "/abandon",
    "/proceed",
    "/confirm",
    "/activity",
    "/another",
    "/finish",
]


@pytest.mark.parametrize("action", ACTIONS)
def test_a_form_without_token_is_refused(browser: FlaskClient, action: str) -> None:
    page = begin(browser)
    response = browser.post(page + action, data={"national_id": PERSON})
    assert response.status_code == 403
    assert "Ce formulaire ne vient pas" in response.text


def test_a_token_of_another_browser_is_refused(
    browser: FlaskClient, other_browser: FlaskClient, provider: Provider
) -> None:
    page = begin(browser)
    foreign = token_in(other_browser.get(begin(other_browser)))
    response = browser.post(page, data={"csrf_token": foreign, "national_id": PERSON})
    assert response.status_code == 403
    assert all_of(provider, Challenge) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_of_another_site_is_refused(browser: FlaskClient, headers: dict[str, str]) -> None:
    page = begin(browser)
    fields = {"csrf_token": token_in(browser.get(page)), "national_id": PERSON}
    assert browser.post(page, data=fields, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://localhost:8000", "Sec-Fetch-Site": "same-origin"},
        # `Referrer-Policy: no-referrer` makes browsers write this for our own forms.
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_a_form_of_our_page_is_taken(browser: FlaskClient, headers: dict[str, str]) -> None:
    page = begin(browser)
    fields = {"csrf_token": token_in(browser.get(page)), "national_id": PERSON}
    assert browser.post(page, data=fields, headers=headers).status_code == 303


def test_pages_may_not_be_framed_and_name_where_their_forms_may_lead(browser: FlaskClient) -> None:
    """Decision 14."""
    page = begin(browser)
    policy = browser.get(page).headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://service.test;" in policy
    assert "unsafe-inline" not in policy
    start(browser, page)
    shown = browser.get(page)
    assert "<style" not in shown.text
    assert "<script>" not in shown.text
