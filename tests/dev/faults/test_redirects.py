"""Faults of what the browser brings back: by redirect, by form, and as a JWT."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from joserfc.errors import BadSignatureError

from idp.provider import Provider
from tests.dev.faults.asking import Faults
from tests.dev.faults.browser import ask, signed_in_browser
from tests.oauth.helpers import REDIRECT, Service, add_client

FAULTS: dict[str, tuple[dict[str, Any], dict[str, str | None]]] = {
    "authorization_wrong_state": ({}, {"state": "a-state-of-another-browser"}),
    "authorization_missing_state": ({}, {"state": None}),
    "authorization_wrong_iss": ({}, {"iss": "https://issuer.invalid"}),
    "authorization_missing_iss": ({}, {"iss": None}),
    "authorization_missing_code": ({}, {"code": None}),
    "authorization_wrong_code": ({}, {"code": "a-code-that-was-never-issued"}),
    "authorization_error": (
        {"error": "temporarily_unavailable", "description": "Later."},
        {
            "code": None,
            "session_state": None,
            "error": "temporarily_unavailable",
            "error_description": "Later.",
        },
    ),
}
"""What is changed of the members; None: it is missing."""


@pytest.fixture
def browser(app: Flask, provider: Provider) -> Any:
    return signed_in_browser(app, provider, "service")


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.members: dict[str, str] = {}
        self.target = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form" and given.get("id") == "form-post":
            self.target = str(given["action"])
        if tag == "input" and given.get("type") == "hidden" and self.target:
            self.members[str(given["name"])] = str(given["value"])


def by_redirect(answer: Any) -> dict[str, str]:
    assert answer.status_code == 303, answer.text
    assert answer.headers["Location"].startswith(REDIRECT)
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


def by_form(answer: Any) -> dict[str, str]:
    assert answer.status_code == 200
    page = _Page(answer.text)
    assert page.target == REDIRECT
    assert "form-action 'self' https://service.test" in answer.headers["Content-Security-Policy"]
    return page.members


def expected(was: dict[str, Any], changed: dict[str, str | None]) -> set[str]:
    names = set(was) | set(changed)
    return {name for name in names if name not in changed or changed[name] is not None}


@pytest.mark.parametrize("mode", ["query", "form_post", "query.jwt"])
@pytest.mark.parametrize("name", FAULTS)
def test_one_thing_is_wrong_in_every_response_mode(
    faults: Faults, service: Service, browser: Any, name: str, mode: str
) -> None:
    parameters, changed = FAULTS[name]

    def members() -> dict[str, Any]:
        answer = ask(browser, response_mode=mode)
        told = by_form(answer) if mode == "form_post" else by_redirect(answer)
        return service.claims(told["response"]) if mode == "query.jwt" else told

    was = members()
    number = faults.ask(name, times=1, client_id="service", parameters=parameters)
    told = members()
    assert faults.committed(number) == 1
    assert set(told) == expected(was, changed)
    for member, value in changed.items():
        assert value is None or told[member] == value
    same = set(told) - set(changed) - {"code", "exp"}
    assert {k: told[k] for k in same} == {k: was[k] for k in same}
    assert set(members()) == set(was), "the next answer is as ever"


def test_an_error_in_place_of_a_code_keeps_the_state(
    faults: Faults, service: Service, browser: Any
) -> None:
    """RFC 6749, 4.1.2.1: so that the service can tell whose sign-in failed."""
    faults.ask("authorization_error", times=1)
    told = by_redirect(ask(browser, state="mine"))
    assert told["error"] == "access_denied"
    assert told["state"] == "mine"
    assert told["iss"] == service.provider.settings.issuer


def test_a_code_that_was_never_issued_is_really_refused(
    faults: Faults, service: Service, browser: Any
) -> None:
    faults.ask("authorization_wrong_code", times=1)
    answer = service.exchange(by_redirect(ask(browser))["code"])
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_grant")


def test_the_response_as_a_jwt_is_expired_for_another_or_forged(
    faults: Faults, service: Service, browser: Any
) -> None:
    """JARM, 2.4."""
    now = service.provider.clock.timestamp()
    faults.ask("authorization_expired", times=1, parameters={"seconds": 60})
    told = service.claims(by_redirect(ask(browser, response_mode="jwt"))["response"])
    assert told["exp"] <= now - 55
    faults.ask("authorization_wrong_aud", times=1)
    told = service.claims(by_redirect(ask(browser, response_mode="jwt"))["response"])
    assert told["aud"] == "another-service"
    faults.ask("authorization_bad_signature", times=1)
    token = by_redirect(ask(browser, response_mode="jwt"))["response"]
    with pytest.raises(BadSignatureError):
        service.claims(token)


def test_what_stands_in_a_jwt_alone_waits_for_one(faults: Faults, browser: Any) -> None:
    number = faults.ask("authorization_wrong_aud")
    assert by_redirect(ask(browser))["code"]
    assert faults.committed(number) == 0


def test_an_error_of_the_provider_s_own_is_told_with_the_wrong_state(
    faults: Faults, browser: Any
) -> None:
    faults.ask("authorization_wrong_state", times=1)
    told = by_redirect(ask(browser, scope="openid unheard_of", prompt="none login"))
    assert told["error"] == "invalid_request"
    assert told["state"] == "a-state-of-another-browser"


def test_the_pages_of_a_sign_in_are_left_alone_until_they_end(
    app: Flask, provider: Provider, faults: Faults
) -> None:
    number = faults.ask("authorization_error", client_id="service")
    stranger: Any = app.test_client()
    page = ask(stranger).headers["Location"]
    assert page.startswith("/signin/")
    assert stranger.get(page).status_code == 200
    assert faults.committed(number) == 0
    token = _Token(stranger.get(page).text).value
    left = stranger.post(page + "/abandon", data={"csrf_token": token})
    assert by_redirect(left)["error"] == "access_denied"
    assert faults.committed(number) == 0, "there was no code to put an error in place of"
    faults.ask("authorization_missing_state", client_id="service", times=1)
    page = ask(stranger).headers["Location"]
    token = _Token(stranger.get(page).text).value
    left = stranger.post(page + "/abandon", data={"csrf_token": token})
    assert "state" not in by_redirect(left), "the client of a page is known by its sign-in"


class _Token(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.value = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("name") == "csrf_token":
            self.value = self.value or str(given["value"])


def test_another_client_s_answer_is_left_alone(
    faults: Faults, service: Service, browser: Any
) -> None:
    faults.ask("authorization_wrong_state", client_id="service")
    add_client(service.provider, "beside")
    told = by_redirect(ask(browser, "beside", prompt="none"))
    assert told["state"] == "s1"


@pytest.mark.parametrize(
    "path", ["/auth", "/auth/realms/esante-wallet/protocol/openid-connect/auth"]
)
def test_the_authorization_endpoint_fails_before_it_asks_anybody(
    faults: Faults, browser: Any, path: str
) -> None:
    for fault, status, mimetype in (
        ("server_error", 503, "text/plain"),
        ("html_page", 200, "text/html"),
    ):
        faults.ask(fault, endpoint="authorize", client_id="service", times=1)
        answer = browser.get(f"{path}?client_id=service")
        assert (answer.status_code, answer.mimetype) == (status, mimetype)


def test_the_logout_endpoint_fails_for_the_client_of_the_hint(
    faults: Faults, service: Service
) -> None:
    token = service.sign_in()["id_token"]
    address = "/auth/realms/esante-wallet/protocol/openid-connect/logout"
    number = faults.ask("server_error", endpoint="logout", client_id="service", times=1)
    assert service.http.get(address).status_code != 503
    assert service.http.get(f"{address}?id_token_hint={token}").status_code == 503
    assert faults.committed(number) == 1
