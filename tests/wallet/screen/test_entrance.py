"""Who sees a phone on screen, and who does not (decisions 2 and 3)."""

import io
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Request

from tests.wallet.helpers import enrol
from tests.wallet.screen.helpers import (
    FIRST,
    HOSTS,
    HTML,
    ORIGIN,
    SECOND,
    SECRET,
    Browser,
    serve_one,
    serve_several,
)
from wallet_sim.door import COOKIE, SECRET_HEADER, Door
from wallet_sim.phone import Phone
from wallet_sim.screen.pages import Pages
from wallet_sim.screen.site import Site

PAGES = ["", "activate", "activate/mail", "activate/card", "not-me", "history", "details", "pin"]
FOREIGN = [
    {"Host": "rebound.test:8002"},
    {"Origin": "https://evil.test"},
    {"Origin": "http://localhost:8000"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


@pytest.fixture
def browser(phone: Phone) -> Browser:
    return Browser(serve_one(phone))


@pytest.mark.parametrize("page", [*PAGES, "forgotten", "delete"])
def test_no_page_is_shown_before_the_secret_was_typed(browser: Browser, page: str) -> None:
    shown = browser.look(page)
    assert 'data-page="wallet_sim/login.html"' in shown.text
    assert "899700990015" not in shown.text


def test_what_waits_is_not_told_before_the_secret_was_typed(browser: Browser) -> None:
    assert browser.look("state").status_code == 403


@pytest.mark.parametrize("secret", ["", "wrong", "é"])
def test_a_wrong_secret_opens_nothing(browser: Browser, secret: str) -> None:
    refused = browser.client.post("/login", base_url=ORIGIN, data={"secret": secret})
    assert refused.status_code == 403
    assert browser.client.get_cookie(COOKIE) is None


def test_a_made_up_cookie_opens_nothing(browser: Browser) -> None:
    browser.client.set_cookie(COOKIE, "token.mark")
    assert 'data-page="wallet_sim/login.html"' in browser.look().text


def test_a_link_of_a_stranger_leads_from_no_page_of_ours_elsewhere(browser: Browser) -> None:
    """In browsers `/\\` begins another host, as `//` does."""
    refused = browser.look("%5Cevil.test/")
    assert refused.status_code == 404
    assert "evil.test" not in refused.text
    assert 'href="?lang=en"' in refused.text


def test_nothing_is_read_of_what_a_stranger_sends(browser: Browser) -> None:
    """A picture is large: nobody has one taken in before the secret was typed."""

    class Unread(io.BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            raise AssertionError("it was read")

        readinto = readline = read  # type: ignore[assignment]

    refused = browser.client.post(
        "/do/scan",
        base_url=ORIGIN,
        input_stream=Unread(b"csrf_token=0"),
        content_type="application/x-www-form-urlencoded",
    )
    assert refused.status_code == 403


def test_a_cookie_of_another_process_opens_nothing(phone: Phone) -> None:
    """Cookies know no ports: a browser sends it to whatever else is served on this machine."""
    cookie = Browser(serve_one(phone)).unlock().client.get_cookie(COOKIE)
    assert cookie is not None
    other = Browser(serve_one(phone))
    other.client.set_cookie(COOKIE, cookie.value)
    assert 'data-page="wallet_sim/login.html"' in other.look().text
    assert other.look("state").status_code == 403


@pytest.mark.parametrize(
    "came_for",
    ["https://evil.test/", "//evil.test", "/do/delete", "/phones/../x/", "/reader?h=a b"],
)
def test_the_secret_leads_to_no_page_but_ours(browser: Browser, came_for: str) -> None:
    form = {"secret": SECRET, "came_for": came_for}
    assert browser.client.post("/login", base_url=ORIGIN, data=form).headers["Location"] == "/"


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("page", ["", "state", "delete"])
def test_a_web_page_of_another_origin_reaches_no_page(
    browser: Browser, headers: dict[str, str], page: str
) -> None:
    """Decision 2: neither by rebinding nor by forgery, whatever the browser holds."""
    browser.unlock()
    assert browser.look(page, **headers).status_code == 403


@pytest.mark.parametrize("token", ["", "0" * 64])
@pytest.mark.parametrize("action", ["delete", "refuse", "approve", "change-pin", "start"])
def test_a_form_of_another_page_is_refused(
    browser: Browser, phone: Phone, action: str, token: str
) -> None:
    browser.unlock()
    assert browser.press(action, token).status_code == 403
    assert phone.stage() == "active"


def test_the_form_of_another_browser_is_refused(phone: Phone) -> None:
    app = serve_one(phone)
    token = Browser(app).unlock().token()
    assert Browser(app).unlock().press("delete", token).status_code == 403
    assert phone.stage() == "active"


@pytest.mark.parametrize("action", ["steal", "..", "approve/", "%2e%2e"])
def test_no_other_action_exists(browser: Browser, action: str) -> None:
    assert browser.unlock().press(action).status_code in {404, 405}


@pytest.mark.parametrize(
    "name", ["nobody", "Camille", "..", "%2e%2e", "camille%2f..", ".", "camille%00", "a" * 300]
)
def test_a_phone_that_is_not_on_the_screen_does_not_exist(
    app: Flask, tmp_path: Path, name: str
) -> None:
    several = Browser(serve_several(app, tmp_path), f"/phones/{name}").unlock()
    assert several.look().status_code == 404
    headers = {SECRET_HEADER: SECRET}
    told = several.client.get(f"/phones/{name}/control/v1/status", base_url=ORIGIN, headers=headers)
    assert told.status_code == 404


@pytest.mark.parametrize(
    ("method", "page"),
    [
        *(("GET", page) for page in PAGES),
        ("GET", "state"),
        ("GET", "nothing"),
        ("POST", "do/delete"),
        ("POST", "push"),
        ("GET", "control/v1/status"),
        ("POST", "control/v1/delete"),
    ],
)
def test_who_knows_no_secret_learns_no_name_of_a_phone(
    app: Flask, tmp_path: Path, method: str, page: str
) -> None:
    """Names are often those of people: a screen may be exposed to a network."""
    served = serve_several(app, tmp_path)

    def told(name: str) -> tuple[int, str]:
        address = f"/phones/{name}/{page}"
        shown = Client(served).open(address, method=method, base_url=ORIGIN, headers=HTML)
        return shown.status_code, shown.text.replace(name, "NAME")

    assert told("nobody") == told(FIRST)
    entered = [Client(served).get(f"/phones/{name}", base_url=ORIGIN) for name in ("x1", FIRST)]
    assert [response.status_code for response in entered] == [303, 303]


def from_network(door: Door, secret: str, address: str = "192.0.2.7") -> TestResponse:
    served = Site(door, Pages(door), [])
    return Client(served).post(
        "/login",
        base_url=ORIGIN,
        data={"secret": secret},
        environ_overrides={"REMOTE_ADDR": address},
    )


def test_wrong_secrets_make_a_network_wait() -> None:
    now = 1000.0
    door = Door(SECRET, HOSTS, lambda: now)
    for number in range(10):
        assert from_network(door, "wrong", f"192.0.2.{number}").status_code == 403
    refused = from_network(door, SECRET)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert from_network(door, SECRET, "127.0.0.1").status_code == 303
    with Request.from_values(headers={SECRET_HEADER: SECRET}) as program:
        door.check_secret(program)
    now += 60
    assert from_network(door, SECRET).status_code == 303


@pytest.mark.parametrize("name", ["", "---", "..", "/", "Camille", "a" * 25, "\u202e", "日本"])
def test_a_phone_is_not_added_under_a_name_that_is_none_or_taken(
    app: Flask, tmp_path: Path, name: str
) -> None:
    browser = Browser(serve_several(app, tmp_path), f"/phones/{FIRST}").unlock()
    form = {"csrf_token": browser.token(), "name": name}
    added = browser.client.post("/phones", base_url=ORIGIN, data=form)
    assert added.status_code == 409
    assert not (tmp_path / "phones").exists()


def test_a_phone_is_not_added_by_a_form_of_another_page(app: Flask, tmp_path: Path) -> None:
    browser = Browser(serve_several(app, tmp_path)).unlock()
    assert browser.client.post("/phones", base_url=ORIGIN, data={"name": "x"}).status_code == 403


def test_the_control_api_of_each_phone_demands_the_secret(app: Flask, tmp_path: Path) -> None:
    client = Browser(serve_several(app, tmp_path)).client
    for name in (FIRST, SECOND):
        address = f"/phones/{name}/control/v1/status"
        assert client.get(address, base_url=ORIGIN).status_code == 403
        headers = {SECRET_HEADER: SECRET}
        assert client.get(address, base_url=ORIGIN, headers=headers).status_code == 200


@pytest.mark.parametrize("page", ["", "history", "details", "pin", "forgotten", "delete"])
def test_pages_of_a_phone_are_framed_by_our_own_alone(browser: Browser, page: str) -> None:
    headers = browser.unlock().look(page).headers
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert headers["Cache-Control"] == "no-store"


def test_the_overview_alone_has_frames_and_is_in_none(app: Flask, tmp_path: Path) -> None:
    headers = Browser(serve_several(app, tmp_path)).unlock().look().headers
    policy = headers["Content-Security-Policy"]
    assert "frame-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Frame-Options"] == "DENY"


def test_a_refused_page_is_framed_by_nobody(browser: Browser) -> None:
    refused = browser.client.get("/nothing", base_url=ORIGIN)
    assert "frame-ancestors 'none'" in refused.headers["Content-Security-Policy"]


def test_no_page_holds_a_script_or_style_of_its_own(app: Flask, tmp_path: Path) -> None:
    enrol(app, tmp_path / FIRST)
    browser = Browser(serve_several(app, tmp_path), f"/phones/{FIRST}").unlock()
    for page in ("", "history", "details", "pin", "forgotten", "delete", "activate/card"):
        text = browser.look(page).text
        assert "<style" not in text
        assert " style=" not in text
        assert text.count("<script") == text.count("defer></script>")
