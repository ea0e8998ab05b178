"""Headers of every answer, attributes of every cookie, and whom the application believes."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from idp import create_app
from idp.settings import Settings
from idp.store.models import JournalEvent
from tests.conftest import provider_of
from tests.oauth.helpers import PROTOCOL
from tests.robustness.routes import BROWSER, DEVELOPER, routes
from tests.signin.helpers import add_client, all_of, answer, authorize, events, post, start

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PUBLIC = ("/certs", "openid-configuration", "/oauth-authorization-server")
"""Documents that scripts of any page may read: they are the same for everybody."""


def serve(settings: Settings, **changes: Any) -> Flask:
    return create_app(settings.model_copy(update=changes))


@pytest.fixture
def secure_app(settings: Settings) -> Iterator[Flask]:
    """Behind a proxy that speaks TLS for it."""
    address = "https://auth.exemple.test"
    app = serve(
        settings,
        base_url=address,
        wallet_base_url=address,
        issuer=f"{address}/auth/realms/esante-wallet",
        dev=False,
        trusted_proxies=1,
    )
    yield app
    provider_of(app).store.close()


def assert_protected(response: TestResponse, place: object) -> None:
    for name, value in EVERYWHERE.items():
        assert response.headers[name] == value, (place, name)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy, place
    assert "frame-ancestors 'none'" in policy, place
    assert "unsafe" not in policy, place
    assert response.headers["X-Request-Id"], place
    assert response.headers["Cache-Control"], place
    allowed = response.headers.get("Access-Control-Allow-Origin")
    public = str(place).endswith(PUBLIC)
    assert allowed is None or (public and allowed == "*"), place
    assert "Access-Control-Allow-Credentials" not in response.headers, place


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "OPTIONS", "HEAD"])
def test_every_answer_is_protected_errors_too(app: Flask, method: str) -> None:
    client = app.test_client()
    for route in routes(app):
        response = client.open(
            route.path, method=method, headers=DEVELOPER | {"Origin": "https://evil.test"}
        )
        assert_protected(response, route)
        if route.endpoint != "static":
            assert "no-store" in response.headers["Cache-Control"] or response.status_code < 400
        response.close()
    assert_protected(client.get("/nowhere"), "404")
    assert_protected(client.post("/auth", data=b"a" * 70_000, headers=BROWSER), "413")


def test_a_fault_of_ours_is_protected_too(app: Flask) -> None:
    def fault() -> str:
        raise ValueError

    app.add_url_rule("/fault", view_func=fault)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    response = app.test_client().get("/fault")
    assert response.status_code == 500
    assert_protected(response, "500")


def cookies_of_a_sign_in(app: Flask) -> list[str]:
    provider, browser = provider_of(app), app.test_client()
    secure = provider.settings.base_url.startswith("https://")
    if secure:
        browser = app.test_client()
        browser.environ_base["wsgi.url_scheme"] = "https"
    add_client(provider)
    set_: list[str] = []

    def keep(response: TestResponse) -> TestResponse:
        set_.extend(response.headers.getlist("Set-Cookie"))
        return response

    page = keep(authorize(browser)).headers["Location"]
    keep(browser.get(page + "?lang=en"))
    keep(post(browser, page, national_id="899700990015", remember="1"))
    answer(provider)
    finished = keep(browser.get(page + "/finish"))
    assert finished.status_code == 303, finished.text
    return set_


def test_over_https_cookies_are_secure_and_of_this_host_alone(secure_app: Flask) -> None:
    cookies = cookies_of_a_sign_in(secure_app)
    assert len({cookie.partition("=")[0] for cookie in cookies}) >= 5
    for cookie in cookies:
        parts = [part.strip() for part in cookie.split(";")]
        assert parts[0].startswith("__Host-ecps_"), cookie
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(parts), cookie
        assert not any(part.startswith("Domain") for part in parts), cookie


def test_on_the_loopback_cookies_are_closed_to_scripts_and_other_sites(app: Flask) -> None:
    cookies = cookies_of_a_sign_in(app)
    assert cookies
    for cookie in cookies:
        assert "HttpOnly" in cookie, cookie
        assert "SameSite=Lax" in cookie, cookie
        assert "Secure" not in cookie, cookie


@pytest.mark.parametrize(
    "lies",
    [
        {"Host": "evil.test"},
        {"X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "https"},
        {"Forwarded": "host=evil.test;proto=https"},
        {"X-Forwarded-Prefix": "/evil.test", "X-Original-Host": "evil.test"},
    ],
)
@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_no_header_changes_the_issuer_or_a_link(
    settings: Settings, lies: dict[str, str], proxies: int
) -> None:
    """Decision 4: they are settings."""
    app = serve(settings, trusted_proxies=proxies)
    add_client(provider_of(app))
    client = app.test_client()
    issuer = settings.issuer
    for document in ("openid-configuration", "oauth-authorization-server"):
        for address in (f"{settings.realm_path}/.well-known/{document}",):
            response = client.get(address, headers=lies)
            if response.status_code == 200:
                assert response.get_json()["issuer"] == issuer
            assert "evil.test" not in response.text
    for address in ("/", f"{PROTOCOL}/certs", "/wallet/v1/configuration", "/nowhere", "/auth"):
        response = client.get(address, headers=lies | BROWSER)
        assert "evil.test" not in response.text + str(response.headers), address
    begun = client.get("/auth", query_string=_request(), headers=lies)
    assert begun.status_code == 303
    assert begun.headers["Location"].startswith("/signin/")
    provider_of(app).store.close()


def _request() -> dict[str, str]:
    return {
        "client_id": "service",
        "redirect_uri": "https://service.test/callback",
        "response_type": "code",
        "scope": "openid",
        "state": "s",
        "nonce": "n",
    }


@pytest.mark.parametrize(
    ("proxies", "forwarded", "seen"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.9.9.9, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9, 192.0.2.1", "203.0.113.9"),
    ],
)
def test_a_forwarded_address_is_believed_only_as_far_as_the_setting_says(
    settings: Settings, proxies: int, forwarded: str, seen: str
) -> None:
    app = serve(settings, trusted_proxies=proxies)
    provider, client = provider_of(app), app.test_client()
    add_client(provider)
    client.environ_base["HTTP_X_FORWARDED_FOR"] = forwarded
    start(client, authorize(client).headers["Location"])
    rows = [r for r in all_of(provider, JournalEvent) if r.event.startswith("challenges:")]
    assert {row.address for row in rows} == {seen}
    provider.store.close()


@pytest.mark.parametrize("forwarded", ["nonsense", "", "999.1.1.1", "fe80::1%eth0", "é", "::1"])
def test_a_forwarded_address_that_is_none_breaks_nothing(
    settings: Settings, forwarded: str
) -> None:
    """A proxy may hand on free text; limits and the phone's words take it for unknown."""
    limits = {"10.0.0.0/8": 2, "2001:db8::/32": 3}
    app = serve(settings, trusted_proxies=1, address_limits=limits, token_requests_per_address=3)
    provider, client = provider_of(app), app.test_client()
    add_client(provider)
    client.environ_base["HTTP_X_FORWARDED_FOR"] = forwarded
    start(client, authorize(client).headers["Location"])
    assert "challenges:challenge:started" in events(provider)
    refused = client.post(f"{PROTOCOL}/token", data={"client_id": "nobody", "grant_type": "x"})
    assert refused.status_code in {400, 401}
    provider.store.close()
