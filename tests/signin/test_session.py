"""Sessions by way of the authorization endpoint: what satisfies a request, and for how long."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from idp.provider import Provider
from idp.signin import resolve
from idp.store.models import Grant
from idp.store.sessions import end_sessions_of_device
from tests.conftest import provider_of
from tests.signin.helpers import (
    add_client,
    all_of,
    authorize,
    begin,
    live_sessions,
    returned,
    sign_in,
    wait,
)


@pytest.mark.parametrize("forged", ["", "x", "A" * 43])
def test_a_forged_cookie_is_no_session(browser: FlaskClient, forged: str) -> None:
    browser.set_cookie("ecps_session", forged)
    assert returned(authorize(browser, prompt="none"))["error"] == "login_required"


def test_a_silent_request_without_session_is_refused_at_once(browser: FlaskClient) -> None:
    assert returned(authorize(browser, prompt="none"))["error"] == "login_required"


def test_an_idle_session_is_over(browser: FlaskClient, provider: Provider) -> None:
    """Decision 8."""
    sign_in(browser, provider)
    wait(provider, minutes=29)
    assert returned(authorize(browser, prompt="none"))["code"]
    wait(provider, minutes=29)
    assert returned(authorize(browser, prompt="none"))["code"]
    wait(provider, minutes=31)
    assert returned(authorize(browser, prompt="none"))["error"] == "login_required"


def test_no_activity_makes_a_session_last_longer_than_four_hours(
    browser: FlaskClient, provider: Provider
) -> None:
    """Decision 8."""
    sign_in(browser, provider)
    for _ in range(11):
        wait(provider, minutes=20)
        assert returned(authorize(browser, prompt="none"))["code"]
    wait(provider, minutes=21)
    assert returned(authorize(browser, prompt="none"))["error"] == "login_required"


def test_max_age_asks_again_and_a_new_sign_in_satisfies_it(
    browser: FlaskClient, provider: Provider
) -> None:
    sign_in(browser, provider)
    wait(provider, minutes=5)
    assert returned(authorize(browser, max_age="600"))["code"]
    silent = returned(authorize(browser, max_age="60", prompt="none"))
    assert silent["error"] == "login_required"
    assert returned(sign_in(browser, provider, max_age="60"))["code"]
    assert returned(sign_in(browser, provider, max_age="0"))["code"]


def test_a_phone_session_does_not_satisfy_a_service_that_demands_the_card(
    browser: FlaskClient, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 7: the person is asked to step up; where no card can be read, that is an error."""
    add_client(provider, "card", means=["CARD"])
    sign_in(browser, provider)
    told = returned(authorize(browser, client_id="card"))
    assert told["error"] == "unmet_authentication_requirements"
    monkeypatch.setattr(resolve, "available_means", lambda _: frozenset({"MOBILE", "CARD"}))
    assert begin(browser, client_id="card")
    silent = returned(authorize(browser, client_id="card", prompt="none"))
    assert silent["error"] == "login_required"


def test_the_sessions_of_a_lost_phone_end_with_their_grants(
    browser: FlaskClient, provider: Provider
) -> None:
    sign_in(browser, provider)
    sid = live_sessions(provider)[0].sid
    with provider.store.begin() as db:
        now = provider.clock.now()
        assert end_sessions_of_device(db, "device-of-somebody", now) == []
        assert [row.sid for row in end_sessions_of_device(db, "device-1", now)] == [sid]
    assert all(grant.revoked_at is not None for grant in all_of(provider, Grant))
    assert returned(authorize(browser, prompt="none"))["error"] == "login_required"


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(
    browser: FlaskClient, provider: Provider
) -> None:
    sign_in(browser, provider)
    for name in ("ecps_session", "ecps_browser", "ecps_known"):
        cookie = browser.get_cookie(name)
        assert cookie is not None, name
        assert cookie.http_only
        assert cookie.same_site == "Lax"
        assert cookie.path == "/"
        assert not cookie.secure


def test_over_https_cookies_are_tied_to_the_host(sqlite_url: str, master_key: str) -> None:
    from idp import create_app  # noqa: PLC0415 - only this test opens a second application
    from tests.conftest import make_settings  # noqa: PLC0415

    app = create_app(make_settings(sqlite_url, master_key, base_url="https://idp.test"))
    cookies = app.test_client()
    response = authorize(cookies, client_id="service")
    provider_of(app).store.close()
    (cookie,) = response.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-ecps_browser=")
    assert "Secure; HttpOnly; Path=/; SameSite=Lax" in cookie


def test_a_mounted_issuer_does_not_take_the_cookies_of_the_one_above(
    sqlite_url: str, master_key: str
) -> None:
    """Decision 5: a browser sends the cookies of `/` to `/r/one` as well."""
    from idp import create_app  # noqa: PLC0415 - only this test opens a second application
    from tests.conftest import make_settings  # noqa: PLC0415

    base_url = "http://localhost:8000/r/one"
    app = create_app(make_settings(sqlite_url, master_key, base_url=base_url))
    browser = app.test_client()
    browser.set_cookie("ecps_browser", "x" * 43)
    response = authorize(browser)
    provider_of(app).store.close()
    (cookie,) = response.headers.getlist("Set-Cookie")
    assert cookie.startswith("ecps_browser-r-one=")
    assert "Path=/r/one" in cookie


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"base_url": "https://idp.test", "dev": False}, True),
        ({"base_url": "http://localhost:8000", "dev": False}, False),
        # A browser would apply it to every port of localhost: to all a developer runs there.
        ({"base_url": "https://localhost:8004", "dev": True}, False),
    ],
)
def test_browsers_are_told_to_keep_to_https_where_it_is_the_public_address(
    sqlite_url: str, master_key: str, changes: dict[str, Any], told: bool
) -> None:
    """RFC 6797, 7.2, also behind a proxy that ends TLS."""
    from idp import create_app  # noqa: PLC0415 - only this test opens a second application
    from tests.conftest import make_settings  # noqa: PLC0415

    app = create_app(make_settings(sqlite_url, master_key, **changes))
    headers = app.test_client().get("/").headers
    provider_of(app).store.close()
    assert ("Strict-Transport-Security" in headers) is told
