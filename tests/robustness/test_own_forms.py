"""Forms of pages: each of them, also of those to come, is taken from a page of ours alone."""

import pytest
from flask import Flask

from tests.robustness.routes import BROWSER, Route, routes
from tests.signin.helpers import token_in

_BROUGHT_BY_OTHERS = {
    "signin.present_card",
    "signin.authorize",
    "signin.alias",
    "signin.end_session",
}
"""What another site, or the card's listener, may send; each asks a person before it gives."""
FOREIGN = [
    {"Origin": "https://evil.test"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


def forms(app: Flask) -> list[Route]:
    return [
        route
        for route in routes(app)
        if route.endpoint.startswith(("signin.", "portal."))
        and "POST" in route.methods
        and route.endpoint not in _BROUGHT_BY_OTHERS
    ]


def test_no_form_is_taken_without_its_token(app: Flask) -> None:
    browser = app.test_client()
    for token in ({}, {"csrf_token": ""}, {"csrf_token": "x" * 43}):
        for route in forms(app):
            sent = browser.post(route.path, data=token, headers=BROWSER)
            assert sent.status_code == 403, route
            assert "Ce formulaire ne vient pas" in sent.text, route


@pytest.mark.parametrize("headers", FOREIGN)
def test_no_form_is_taken_from_another_site(app: Flask, headers: dict[str, str]) -> None:
    browser = app.test_client()
    token = token_in(browser.get("/portail/revocation"))
    for route in forms(app):
        sent = browser.post(route.path, data={"csrf_token": token}, headers=BROWSER | headers)
        assert sent.status_code == 403, route
        assert "Ce formulaire ne vient pas" in sent.text, route


def test_every_page_with_a_form_is_known(app: Flask) -> None:
    """The list is of the application itself: it is not empty, and nothing left it unseen."""
    known = {route.endpoint for route in forms(app)}
    assert {"signin.start", "portal.export_data", "portal.add_key"} <= known
    assert {route.endpoint for route in routes(app)} >= _BROUGHT_BY_OTHERS
