"""Where a browser is led to after a sign-in: the place where it was, and nowhere else (MA-07)."""

from datetime import timedelta

import pytest
from flask import Flask, session
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from relying_services.clock import Clock
from relying_services.service.means import means_first
from relying_services.service.sign_in import go_in
from tests.relying_services.service.conftest import Made
from tests.relying_services.service.plain import ORIGIN
from tests.relying_services.signed_in import sign_in

PERSON = "899700990015"


@pytest.fixture
def service(made: Made) -> Flask:
    return made()


def place_of(browser: FlaskClient) -> str | None:
    with browser.session_transaction() as kept:
        place = kept.get("place")
        return str(place) if place is not None else None


def acted(browser: FlaskClient, referrer: str) -> str | None:
    """The place kept of a form that was posted after the cut, from a page."""
    with browser.session_transaction() as kept:
        kept["csrf"] = "of-this-browser"
    headers = {"Referer": referrer}
    answer = browser.post("/act", data={"csrf": "of-this-browser"}, headers=headers)
    assert answer.status_code == 302
    return place_of(browser)


def test_the_place_is_kept_with_its_query(service: Flask) -> None:
    """MA-07: page, search, sort."""
    browser = service.test_client()
    browser.get("/elsewhere?tri=date&q=%C3%A9tang%26lin")
    assert place_of(browser) == "/elsewhere?tri=date&q=%C3%A9tang%26lin"


def test_the_place_of_a_posted_form_is_its_page(service: Flask, clock: Clock) -> None:
    """MA-07: what was typed is not sent a second time, and nothing takes effect after the cut."""
    browser = sign_in(service, PERSON)
    clock.move(timedelta(hours=2))
    assert acted(browser, f"{ORIGIN}/elsewhere?tri=date") == "/elsewhere?tri=date"


@pytest.mark.parametrize(
    "referrer",
    [
        "",
        "https://evil.example/elsewhere",
        "http://localhost:8088.evil.example/elsewhere",
        "http://localhost:8089/elsewhere",
        "https://localhost:8088/elsewhere",
        "http://someone@localhost:8088/elsewhere",
        f"{ORIGIN}//evil.example/elsewhere",
        f"{ORIGIN}/\\evil.example/elsewhere",
        f"{ORIGIN}/act",
        f"{ORIGIN}/no-page-of-ours",
        f"{ORIGIN}/elsewhere?{'x' * 500}",
    ],
)
def test_attack_no_referrer_leads_elsewhere(service: Flask, referrer: str) -> None:
    """MA-07: another origin, a path that browsers take for a host, an address that is no page."""
    assert acted(service.test_client(), referrer) is None


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example/x"])
def test_attack_a_service_whose_pages_have_any_name_leads_to_no_other_host(
    service: Flask, path: str
) -> None:
    """MA-07: that it is an address of ours does not make a browser read it so."""
    service.url_map.add(Rule("/<path:anything>", endpoint="anything"))
    assert acted(service.test_client(), f"{ORIGIN}{path}") is None


@pytest.mark.parametrize("path", ["//evil.example", "/%5Cevil.example", "/%2F/evil.example"])
def test_attack_no_address_becomes_an_open_redirect(service: Flask, path: str) -> None:
    """MA-07."""
    browser = service.test_client()
    browser.get(path)
    browser.get(f"/login/../{path}")
    assert place_of(browser) is None


def test_attack_what_was_in_the_cookie_before_the_sign_in_does_not_outlive_it(
    service: Flask,
) -> None:
    """MA-07: neither the token of forms nor the place, which counts once."""
    with service.test_request_context("/callback"):
        session.update(csrf="known to another", place="/elsewhere", left="by another")
        assert go_in("a handle").location == "/elsewhere"  # type: ignore[union-attr]
        assert dict(session) == {"handle": "a handle"}


@pytest.mark.parametrize(
    ("means", "way"), [({"CARD"}, "/login"), ({"CARD", "WEBAUTHN"}, "/login?anew=1")]
)
def test_who_came_by_another_means_is_led_to_one_and_back_here(
    made: Made, means: set[str], way: str
) -> None:
    """EP-16, MA-07: the provider's session, which is of none of several, is not used again."""
    service = made(means=frozenset(means))
    service.before_request(means_first)
    by_phone = sign_in(service, PERSON, means="MOBILE")
    page = by_phone.get("/elsewhere?tri=date")
    assert page.status_code == 403
    assert f'id="other-means" href="{way}"' in page.text
    assert place_of(by_phone) == "/elsewhere?tri=date"


@pytest.mark.parametrize("path", ["/act", "/prolong", "/logout", "/activity"])
def test_attack_a_forged_form_is_refused(service: Flask, path: str) -> None:
    """Every form of the kit and of a service: no token, another browser's, an empty one."""
    browser, other = sign_in(service, PERSON), sign_in(service, PERSON)
    for client, token in ((browser, "this"), (other, "that")):
        with client.session_transaction() as kept:
            kept["csrf"] = token
    for given in ({}, {"csrf": ""}, {"csrf": "that"}, {"csrf": "thís"}):
        page = browser.post(path, data=given)
        assert page.status_code == 403
        assert "form_forged" in page.text
    assert browser.get("/elsewhere").status_code == 200


def test_attack_an_empty_token_is_not_the_token_of_a_browser_without_one(service: Flask) -> None:
    """A browser that has no session yet posts nothing."""
    assert service.test_client().post("/act", data={"csrf": ""}).status_code == 403
