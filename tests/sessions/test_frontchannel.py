"""Services told by the browser that their session ended (Front-Channel Logout 1.0)."""

import json
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.oauth.clients.metadata import ClientMetadataRefused, read_metadata
from idp.provider import Provider
from idp.sessions import end_sessions_of_person
from tests.sessions.test_browser import enter, enter_further, hint, logout
from tests.signin.helpers import AFTER_LOGOUT, CALLBACK, PERSON, add_client, live_sessions, post

FRAME = "https://service.test/frontchannel"
ELSEWHERE = "https://second.test/logout?kept=1"


@pytest.fixture(autouse=True)
def services(provider: Provider) -> None:
    add_client(provider, "first", options={"frontchannel_logout_uri": FRAME})
    add_client(provider, "second", options={"frontchannel_logout_uri": ELSEWHERE})
    add_client(provider, "silent")


def frames(page: TestResponse) -> list[str]:
    return [unescape(src) for src in re.findall(r'<iframe src="([^"]+)"', page.text)]


def frame_sources(page: TestResponse) -> list[str]:
    policy = page.headers["Content-Security-Policy"]
    found = re.search(r"frame-src ([^;]*)", policy)
    return found[1].split() if found else []


def register(**changes: Any) -> None:
    values = {"client_id": "x", "client_secret": "s", "redirect_uris": [CALLBACK]}
    read_metadata(values | changes)


@pytest.mark.parametrize(
    "uri",
    [
        "https://elsewhere.test/logout",
        "https://service.test:8443/logout",
        "http://service.test/logout",
        "https://service.test/logout#fragment",
        "/logout",
        "javascript:alert(1)",
    ],
)
def test_an_address_off_the_origin_of_a_redirect_uri_is_not_registered(uri: str) -> None:
    """Front-Channel Logout 1.0, 2: same domain, port and scheme."""
    with pytest.raises(ClientMetadataRefused):
        register(frontchannel_logout_uri=uri)


def test_an_address_on_the_origin_of_a_redirect_uri_is_registered() -> None:
    register(frontchannel_logout_uri=FRAME, frontchannel_logout_session_required=True)


def test_a_host_that_would_write_into_the_policy_is_not_registered() -> None:
    for uri in ("https://a.test;frame-ancestors/x", "https://a.test,b.test/x", "https://'self'/x"):
        with pytest.raises(ClientMetadataRefused, match="host"):
            register(redirect_uris=[uri])


def test_a_stranger_with_an_id_token_learns_of_no_other_service(
    app: Flask, browser: FlaskClient, provider: Provider
) -> None:
    sid = enter(browser, provider, "first")
    enter_further(browser, "second")
    stranger = app.test_client()
    fields = {"id_token_hint": hint(provider, sid, "first")}
    answer = stranger.get(logout(provider), query_string=fields, follow_redirects=True)
    assert answer.status_code == 200
    assert live_sessions(provider) == []
    assert frames(answer) == []
    assert "second.test" not in answer.text + str(answer.headers)


def test_every_service_of_the_session_is_loaded_with_iss_and_sid(
    browser: FlaskClient, provider: Provider
) -> None:
    """oidcc-frontchannel-rp-initiated-logout."""
    sid = enter(browser, provider, "first")
    enter_further(browser, "second")
    enter_further(browser, "silent")
    page = browser.get(
        logout(provider), query_string={"id_token_hint": hint(provider, sid, "silent")}
    )
    told = [(urlsplit(uri).netloc, parse_qs(urlsplit(uri).query)) for uri in frames(page)]
    both = {"iss": [provider.settings.issuer], "sid": [sid]}
    assert told == [("service.test", both), ("second.test", {"kept": ["1"]} | both)]
    assert 'http-equiv="refresh"' not in page.text


def test_the_policy_names_exactly_the_origins_of_the_frames(
    browser: FlaskClient, provider: Provider
) -> None:
    enter(browser, provider, "first")
    before = browser.get("/deconnexion")
    assert frame_sources(before) == []
    page = post(browser, "/deconnexion")
    assert frame_sources(page) == ["https://service.test"]
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert frame_sources(browser.get("/deconnexion")) == []


def test_the_page_goes_on_to_the_service_with_and_without_script(
    browser: FlaskClient, provider: Provider
) -> None:
    sid = enter(browser, provider, "first")
    fields = {
        "id_token_hint": hint(provider, sid, "first"),
        "post_logout_redirect_uri": AFTER_LOGOUT,
        "state": "a&b",
    }
    page = browser.get(logout(provider), query_string=fields)
    back = f"{AFTER_LOGOUT}?state=a%26b"
    assert page.status_code == 200
    assert f'href="{back}"' in page.text
    assert f'<noscript><meta http-equiv="refresh" content="3;url={back}"></noscript>' in page.text
    assert len(frames(page)) == 1


def test_a_session_without_such_services_returns_at_once(
    browser: FlaskClient, provider: Provider
) -> None:
    sid = enter(browser, provider, "silent")
    fields = {
        "id_token_hint": hint(provider, sid, "silent"),
        "post_logout_redirect_uri": AFTER_LOGOUT,
    }
    answer = browser.get(logout(provider), query_string=fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, AFTER_LOGOUT)


def test_a_request_without_the_cookie_goes_by_the_pages_that_get_it(
    app: Flask, browser: FlaskClient, provider: Provider
) -> None:
    """A form of another site carries no cookie, and the issuer may stand on another host."""
    sid = enter(browser, provider, "first")
    fields = {
        "id_token_hint": hint(provider, sid, "first"),
        "post_logout_redirect_uri": AFTER_LOGOUT,
        "state": "s",
    }
    posted = app.test_client(use_cookies=False).post(logout(provider), data=fields)
    assert posted.status_code == 303
    assert "id_token_hint" not in posted.headers["Location"]
    page = browser.get(posted.headers["Location"])
    assert len(frames(page)) == 1
    assert f"{AFTER_LOGOUT}?state=s" in page.text


def test_frames_are_loaded_once(browser: FlaskClient, provider: Provider) -> None:
    enter(browser, provider, "first")
    assert len(frames(post(browser, "/deconnexion"))) == 1
    assert frames(browser.get("/deconnexion")) == []


def test_a_session_ended_elsewhere_is_told_in_its_browser(
    browser: FlaskClient, provider: Provider
) -> None:
    enter(browser, provider, "first")
    with provider.store.begin() as db:
        end_sessions_of_person(provider, db, [PERSON], reason="administrator")
    assert len(frames(browser.get("/deconnexion"))) == 1


def test_discovery_tells_of_it(browser: FlaskClient, provider: Provider) -> None:
    """oidcc-frontchannel-logout-discovery-endpoint-verification."""
    realm = provider.settings.realm_path
    document = json.loads(browser.get(f"{realm}/.well-known/openid-configuration").text)
    assert document["frontchannel_logout_supported"] is True
    assert document["frontchannel_logout_session_supported"] is True
    assert document["end_session_endpoint"].endswith("/logout")
