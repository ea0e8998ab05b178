"""The console's door: nobody comes past it who did not prove who they are."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp import create_app
from idp.audit.events import Event
from idp.console.app import create_console
from idp.console.entry.visitors import poll, require
from idp.console.operators.rules import keep_out
from idp.provider import Provider, open_provider
from tests.conftest import DEV_SECRET, make_settings
from tests.console.helpers import (
    PASSWORD,
    Colleague,
    Door,
    addresses,
    browser_of,
    colleague,
    error_in,
    events,
    key_holder,
    later,
    leads_to_entrance,
    post,
    token_in,
)
from tests.signin.helpers import wait

WRONG = "une autre phrase que la bonne"


def test_every_address_behind_the_entrance_asks_who_comes(manned_app: Flask) -> None:
    known = addresses(manned_app)
    assert ("POST", "/operateurs/nouveau") in known
    browser = browser_of(manned_app)
    open_to_strangers = [
        (method, path)
        for method, path in known
        if not leads_to_entrance(browser.open(path, method=method))
    ]
    assert open_to_strangers == []


def test_every_form_comes_from_a_page_of_the_console(
    console: FlaskClient, console_app: Flask
) -> None:
    token = token_in(console.get("/"))
    taken = [
        path
        for method, path in addresses(console_app)
        if method == "POST"
        for fields, headers in (
            ({}, {}),
            ({"csrf_token": token}, {"Sec-Fetch-Site": "same-site"}),
            ({"csrf_token": token}, {"Origin": "http://localhost:8000"}),
        )
        if console.post(path, data=fields, headers=headers).status_code != 403
    ]
    assert taken == []


@pytest.mark.parametrize("host", ["evil.test:8007", "localhost.evil.test", "localhost:8000"])
def test_the_console_answers_to_its_own_host_alone(console: FlaskClient, host: str) -> None:
    """Decision 2: a page of another host that was rebound to the loopback reads nothing."""
    assert console.get("/", base_url=f"http://{host}").status_code == 403


def test_a_name_of_the_loopback_opens_it_in_development_alone(
    console_app: Flask, manned_app: Flask
) -> None:
    here = "http://127.0.0.1:8007"
    assert console_app.test_client().get("/entree", base_url=here).status_code == 200
    assert manned_app.test_client().get("/entree", base_url=here).status_code == 403


def test_the_start_up_secret_is_asked_of_nobody_outside_development(manned_app: Flask) -> None:
    """Decision 2: the address is not even routed."""
    browser = browser_of(manned_app)
    page = browser.get("/entree")
    assert "secret" not in page.text
    fields = {"csrf_token": token_in(page), "secret": DEV_SECRET}
    assert leads_to_entrance(browser.post("/entree/developpement", data=fields))
    rules = [rule.rule for rule in manned_app.url_map.iter_rules()]
    assert [rule for rule in rules if "developpement" in rule or rule.startswith("/dev/")] == []


def test_a_session_of_development_opens_nothing_outside_it(
    console: FlaskClient, manned_app: Flask
) -> None:
    """Both have the same database and master key."""
    cookie = console.get_cookie("ecps_operator_console")
    assert cookie is not None
    assert console.get("/").status_code == 200
    browser = browser_of(manned_app)
    browser.set_cookie("ecps_operator_console", cookie.value)
    assert leads_to_entrance(browser.get("/"))


def test_another_secret_does_not_open_it(console_app: Flask, provider: Provider) -> None:
    refused = Door(browser_of(console_app)).by_secret("guessed")
    assert refused.status_code == 403
    [event] = events(provider, Event.OPERATOR_REFUSED)
    assert (event.outcome, event.data) == ("failure", {"by": "development"})


def test_a_refusal_tells_nobody_what_was_wrong(manned_app: Flask, manned: Provider) -> None:
    one = colleague(manned_app, manned, "claire", "reader")
    door = Door(browser_of(manned_app))
    told = {
        error_in(refused)
        for refused in (
            door.by_password("nobody", PASSWORD, one.code()),
            door.by_password("claire", WRONG, one.code()),
            door.by_password("claire", PASSWORD, "000000"),
            door.by_password("claire", "x" * 4000, one.code()),
        )
        if refused.status_code == 403
    }
    assert len(told) == 1


def test_the_name_of_somebody_unknown_stays_out_of_the_journal(
    manned_app: Flask, manned: Provider
) -> None:
    """People type passwords into the wrong field."""
    Door(browser_of(manned_app)).by_password("my-own-password", WRONG, "000000")
    [event] = events(manned, Event.OPERATOR_REFUSED)
    assert event.actor is None


def test_a_code_holds_once(manned_app: Flask, manned: Provider) -> None:
    """RFC 6238, 5.2."""
    one = colleague(manned_app, manned, "claire", "reader")
    code = one.code()
    door = Door(browser_of(manned_app))
    assert door.by_password("claire", PASSWORD, code).status_code == 303
    assert door.by_password("claire", PASSWORD, code).status_code == 403
    assert door.by_password("claire", PASSWORD, one.code(-1)).status_code == 403
    assert door.by_password("claire", PASSWORD, one.code(1)).status_code == 303


def test_a_code_used_at_once_lets_one_in(either: Provider) -> None:
    app = create_console(either)
    one = colleague(app, either, "claire", "reader")
    code = one.code()
    doors = [Door(browser_of(app)) for _ in range(4)]
    for door in doors:
        door.browser.get("/entree")

    def enter(door: Door) -> int:
        return door.by_password("claire", PASSWORD, code).status_code

    with ThreadPoolExecutor(len(doors)) as pool:
        outcomes = list(pool.map(enter, doors))
    assert sorted(outcomes) == [303, 403, 403, 403]


def test_a_pause_grows_no_further_than_the_setting(manned_app: Flask, manned: Provider) -> None:
    object.__setattr__(manned.settings, "operator_longest_pause", timedelta(seconds=90))
    one = colleague(manned_app, manned, "claire", "reader")
    stranger = Door(browser_of(manned_app))
    for _try in range(manned.settings.operator_tries):
        stranger.by_password("claire", WRONG, "000000")
    later(manned, seconds=61)
    assert stranger.by_password("claire", WRONG, "000000").status_code == 403
    later(manned, seconds=61 + 89)
    assert one.enter().status_code == 403
    later(manned, seconds=61 + 91)
    assert one.enter().status_code == 303


def test_wrong_passwords_bring_a_pause_that_grows(manned_app: Flask, manned: Provider) -> None:
    one = colleague(manned_app, manned, "claire", "reader")
    stranger = Door(browser_of(manned_app))
    for _try in range(manned.settings.operator_tries):
        stranger.by_password("claire", WRONG, "000000")
    [event] = events(manned, Event.OPERATOR_PAUSED)
    assert event.actor == "operator:claire"
    assert one.enter().status_code == 403
    later(manned, seconds=61)
    assert stranger.by_password("claire", WRONG, "000000").status_code == 403
    later(manned, seconds=61 + 61)
    assert one.enter().status_code == 403
    later(manned, seconds=61 + 121)
    assert one.enter().status_code == 303
    assert stranger.by_password("claire", WRONG, "000000").status_code == 403
    later(manned, seconds=61 + 121 + 31)
    assert one.enter().status_code == 303


def test_tries_made_at_once_are_each_counted(either: Provider) -> None:
    app = create_console(either)
    colleague(app, either, "claire", "reader")
    doors = [Door(browser_of(app)) for _ in range(8)]
    for door in doors:
        door.browser.get("/entree")
    with ThreadPoolExecutor(len(doors)) as pool:
        list(pool.map(lambda door: door.by_password("claire", WRONG, "000000"), doors))
    assert len(events(either, Event.OPERATOR_PAUSED)) == 1


def test_a_stranger_keeps_nobody_out_who_has_a_key(manned_app: Flask, manned: Provider) -> None:
    holder = key_holder(manned_app, manned, "claire", "administrator")
    stranger = Door(browser_of(manned_app))
    limit = manned.settings.operator_entries_per_address
    for _try in range(limit):
        stranger.by_password("claire", WRONG, "000000")
    assert stranger.by_password("claire", WRONG, "000000").status_code == 429
    assert len(events(manned, Event.OPERATOR_THROTTLED)) == 1
    assert holder.enter().status_code == 303
    later(manned, seconds=manned.settings.operator_entries_window.total_seconds() + 1)
    assert stranger.by_password("claire", WRONG, "000000").status_code != 429


def test_a_key_lets_in_and_confirms_its_own_operator_alone(
    manned_app: Flask, manned: Provider
) -> None:
    holder = key_holder(manned_app, manned, "claire", "administrator")
    other = colleague(manned_app, manned, "paul", "administrator")
    assert holder.enter().status_code == 303
    holder.browser = other.browser
    refused = holder.enter(page="/confirmation", to="/confirmation/cle")
    assert refused.status_code == 403
    assert len(events(manned, Event.OPERATOR_CONFIRMED)) == 0


def test_the_key_of_a_disabled_operator_opens_nothing(manned_app: Flask, manned: Provider) -> None:
    holder = key_holder(manned_app, manned, "claire", "reader")
    with manned.store.begin() as db:
        keep_out(manned, db, "claire")
    assert holder.enter().status_code == 403


def test_a_session_that_idles_is_over(manned_app: Flask, manned: Provider) -> None:
    one = colleague(manned_app, manned, "claire", "reader")
    later(manned, seconds=890)
    assert one.browser.get("/").status_code == 200
    later(manned, seconds=890 + 890)
    assert one.browser.get("/").status_code == 200
    later(manned, seconds=890 + 890 + 901)
    assert leads_to_entrance(one.browser.get("/"))


def test_a_session_has_an_end_however_busy(manned_app: Flask, manned: Provider) -> None:
    one = colleague(manned_app, manned, "claire", "reader")
    for quarter in range(1, 33):
        later(manned, minutes=14.9 * quarter)
        assert one.browser.get("/").status_code == 200
    later(manned, hours=8, seconds=1)
    assert leads_to_entrance(one.browser.get("/"))


def test_a_page_left_open_keeps_nobody_in(manned_app: Flask, manned: Provider) -> None:
    """What scripts ask by themselves is no work."""

    @poll
    def look() -> str:
        return require("reader").name

    manned_app.add_url_rule("/coup-d-oeil", view_func=look)
    one = colleague(manned_app, manned, "claire", "reader")
    later(manned, seconds=890)
    assert one.browser.get("/coup-d-oeil").text == "claire"
    later(manned, seconds=901)
    assert leads_to_entrance(one.browser.get("/coup-d-oeil"))


def test_who_leaves_has_left(manned_app: Flask, manned: Provider) -> None:
    one = colleague(manned_app, manned, "claire", "reader")
    cookie = one.browser.get_cookie("ecps_operator_console")
    assert cookie is not None
    assert leads_to_entrance(one.post("/sortie", page="/"))
    one.browser.set_cookie("ecps_operator_console", cookie.value)
    assert leads_to_entrance(one.browser.get("/"))
    [event] = events(manned, Event.OPERATOR_LEFT)
    assert event.actor == "operator:claire"


def test_entering_again_ends_the_former_session_of_the_browser(
    manned_app: Flask, manned: Provider
) -> None:
    one = colleague(manned_app, manned, "claire", "reader")
    former = one.browser.get_cookie("ecps_operator_console")
    assert former is not None
    assert one.enter().status_code == 303
    elsewhere = browser_of(manned_app)
    elsewhere.set_cookie("ecps_operator_console", former.value)
    assert leads_to_entrance(elsewhere.get("/"))


def test_cookies_of_the_console_are_its_own(console_app: Flask, provider: Provider) -> None:
    """Cookies do not know ports: the provider on the same host has other names."""
    page = browser_of(console_app).get("/entree")
    people = create_app(provider.settings, provider=provider).test_client().get("/?lang=en")
    of_console = {cookie.partition("=")[0] for cookie in page.headers.getlist("Set-Cookie")}
    of_people = {cookie.partition("=")[0] for cookie in people.headers.getlist("Set-Cookie")}
    assert of_console
    assert of_people
    assert not of_console & of_people
    for cookie in page.headers.getlist("Set-Cookie"):
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie


def test_over_https_the_browser_enforces_whose_cookies_they_are(
    sqlite_url: str, master_key: str
) -> None:
    address = "https://console.test"
    settings = make_settings(sqlite_url, master_key, dev=False, console_base_url=address)
    provider = open_provider(settings)
    page = create_console(provider).test_client().get("/entree", base_url=address)
    cookies = page.headers.getlist("Set-Cookie")
    assert cookies
    assert all(cookie.startswith("__Host-ecps_") and "Secure" in cookie for cookie in cookies)
    provider.store.close()


@pytest.mark.parametrize(
    "wanted", ["//evil.test/", "/\\evil.test", "http://evil.test/", "/entree", "/nothing", "x"]
)
def test_whoever_entered_goes_to_a_page_of_the_console(console_app: Flask, wanted: str) -> None:
    browser = browser_of(console_app)
    entered = post(
        browser, "/entree/developpement", page="/entree", secret=DEV_SECRET, suite=wanted
    )
    assert (entered.status_code, entered.headers["Location"]) == (303, "/")


def test_the_page_asked_for_follows(console_app: Flask) -> None:
    browser = browser_of(console_app)
    asked = browser.get("/operateurs")
    assert asked.headers["Location"] == "/entree?suite=/operateurs"
    fields = {"secret": DEV_SECRET, "suite": "/operateurs"}
    entered = post(browser, "/entree/developpement", page="/entree", **fields)
    assert entered.headers["Location"] == "/operateurs"


def test_whoever_changes_something_proves_again_who_they_are(
    manned_app: Flask, manned: Provider
) -> None:
    one: Colleague = colleague(manned_app, manned, "claire", "administrator")
    form = one.browser.get("/operateurs/nouveau")
    later(manned, seconds=601)
    fields = {"csrf_token": token_in(form), "name": "paul", "roles": "reader", "reason": "Aide."}
    posted = one.browser.post("/operateurs/nouveau", data=fields)
    address = "/confirmation?suite=/operateurs/nouveau"
    assert (posted.status_code, posted.headers["Location"]) == (303, address)
    wrong = {"password": WRONG, "code": one.code()}
    refused = one.post("/confirmation/mot-de-passe", page=address, **wrong)
    assert refused.status_code == 403
    proof = {"password": PASSWORD, "code": one.code(), "suite": "/operateurs/nouveau"}
    proved = one.post("/confirmation/mot-de-passe", page=address, **proof)
    assert proved.headers["Location"] == "/operateurs/nouveau"
    assert one.browser.get("/operateurs/nouveau").status_code == 200


def test_every_page_of_the_console_says_that_it_is_one(console: FlaskClient) -> None:
    """Two tabs of one service are told apart by their titles, and at their tops."""
    for address in ("/", "/personnes", "/nulle-part"):
        page = console.get(address, headers={"Accept": "text/html"}).text
        assert re.search("<title>[^<]+ – Console – [^<]+</title>", page)
        assert '<span class="part">Console</span>' in page


def test_each_page_tells_until_when_one_works_without_doing_anything(
    console: FlaskClient, provider: Provider
) -> None:
    """RGAA 13.1: opening any page is work, and starts the time anew."""
    told = [re.findall(r'id="session-end">([^<]+)', console.get("/personnes").text)]
    wait(provider, minutes=10)
    told.append(re.findall(r'id="session-end">([^<]+)', console.get("/personnes").text))
    assert all(len(each) == 1 for each in told)
    assert told[0] != told[1]
    wait(provider, minutes=10)
    assert console.get("/personnes").status_code == 200
    wait(provider, minutes=16)
    assert console.get("/personnes").status_code == 303
