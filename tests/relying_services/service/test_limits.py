"""When a sign-in is cut, in both profiles; the warning before, and going on (MA-07; RGAA 13.1)."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from relying_services.clock import Clock
from relying_services.service.app import service_of
from relying_services.service.settings import LIMITS
from relying_services.service.store.trace import entries
from tests.relying_services.service.conftest import Made
from tests.relying_services.service.plain import ORIGIN
from tests.relying_services.signed_in import post, sign_in

PERSON = "899700990015"
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture(params=["2007", "recent"])
def profile(request: pytest.FixtureRequest) -> str:
    """Each of them."""
    return str(request.param)


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/elsewhere").status_code == 200


def warns_after(page: TestResponse) -> int:
    """In how many seconds a page warns: it is hidden till then, and shown at once where it is 0."""
    [(seconds, hidden)] = re.findall(
        r'id="session-warning".*data-warn-after="(\d+)".*?( hidden)?>', page.text
    )
    assert bool(hidden) is (seconds != "0")
    return int(seconds)


def used(browser: FlaskClient, clock: Clock, minutes: int) -> None:
    """Somebody works for so long, a page every ten minutes at least."""
    for start in range(0, minutes, 10):
        clock.move(min(10, minutes - start) * MINUTE)
        assert is_in(browser)


def test_the_profile_of_2007_is_cut_two_hours_after_it_began(
    made: Made, either_url: str, clock: Clock
) -> None:
    """MA-07: whether it is used or not; one second before it lives."""
    app = made(limits=LIMITS["2007"], database_url=either_url)
    idle, busy = sign_in(app, PERSON), sign_in(app, PERSON)
    used(busy, clock, 119)
    clock.move(59 * SECOND)
    assert is_in(busy)
    assert is_in(idle)
    clock.move(SECOND)
    assert busy.get("/elsewhere").location == "/cut"
    assert idle.get("/elsewhere").location == "/cut"


def test_the_recent_profile_is_cut_after_an_hour_without_use(made: Made, clock: Clock) -> None:
    """MA-07: each use begins the hour anew."""
    browser = sign_in(made(), PERSON)
    used(browser, clock, 70)
    clock.move(60 * MINUTE - SECOND)
    assert is_in(browser)
    clock.move(60 * MINUTE)
    assert browser.get("/elsewhere").location == "/cut"


def test_the_recent_profile_is_cut_after_four_hours_of_use(made: Made, clock: Clock) -> None:
    """MA-07: nothing moves the absolute limit."""
    browser = sign_in(made(), PERSON)
    used(browser, clock, 239)
    clock.move(MINUTE)
    assert browser.get("/elsewhere").location == "/cut"


def test_attack_a_session_that_was_cut_does_not_come_back(made: Made, clock: Clock) -> None:
    """MA-07: with its cookie kept, and the clock put back."""
    app = made()
    browser = sign_in(app, PERSON)
    cookie = browser.get_cookie("plain_8088")
    assert cookie is not None
    clock.move(timedelta(hours=2))
    assert browser.get("/elsewhere").location == "/cut"
    clock.move(timedelta(hours=-2))
    thief = app.test_client()
    thief.set_cookie("plain_8088", cookie.value)
    assert thief.get("/elsewhere").location == "/login"


def test_attack_going_on_does_not_move_the_absolute_limit(made: Made, clock: Clock) -> None:
    """MA-07: a program that prolongs for ever is cut as well."""
    browser = sign_in(made(limits=LIMITS["2007"]), PERSON)
    for _each in range(11):
        clock.move(10 * MINUTE)
        assert post(browser, "/prolong").location == "/"
    clock.move(9 * MINUTE)
    post(browser, "/prolong")
    clock.move(MINUTE)
    assert browser.get("/elsewhere").location == "/cut"


def test_the_page_warns_five_minutes_before_the_cut(made: Made, clock: Clock, profile: str) -> None:
    """RGAA 13.1: not before; it says how long, and offers to go on."""
    limits = LIMITS[profile]
    browser = sign_in(made(limits=limits), PERSON)
    hours = limits.absolute - limits.warning
    while hours > 10 * MINUTE:
        clock.move(10 * MINUTE)
        hours -= 10 * MINUTE
        assert warns_after(browser.get("/")) > 0
    clock.move(hours)
    page = browser.get("/")
    assert warns_after(page) == 0
    assert "sera coupée dans 5 min" in page.text
    clock.move(4 * MINUTE + SECOND)
    assert "sera coupée dans 1 min" in browser.get("/").text


def test_a_page_on_which_nobody_does_anything_warns_as_well(made: Made, clock: Clock) -> None:
    """MA-07, RGAA 13.1: of the limit that comes first, counted from the page itself."""
    browser = sign_in(made(), PERSON)
    for minutes in (55, 55, 55, 55, 19):
        page = browser.get("/")
        assert warns_after(page) == minutes * 60
        assert f'data-cut-after="{(minutes + 5) * 60}" hidden>' in page.text
        assert "/design/session.js" in page.text
        clock.move(54 * MINUTE)
    of_2007 = made(limits=LIMITS["2007"])
    assert warns_after(sign_in(of_2007, PERSON).get("/")) == 115 * 60
    assert "session-warning" not in of_2007.test_client().get("/cut").text


def test_going_on_near_the_absolute_limit_is_a_new_sign_in(
    made: Made, clock: Clock, profile: str
) -> None:
    """MA-07, MA-08: a button that only let the session die would do nothing."""
    limits = LIMITS[profile]
    browser = sign_in(made(limits=limits), PERSON)
    for _each in range(limits.absolute // (20 * MINUTE) - 1):
        clock.move(20 * MINUTE)
        assert is_in(browser)
    clock.move(16 * MINUTE)
    answer = browser.post(
        "/prolong",
        data={"csrf": token_of(browser)},
        headers={"Referer": f"{ORIGIN}/elsewhere?page=2"},
    )
    assert answer.location == "/login"
    with browser.session_transaction() as session:
        assert session["place"] == "/elsewhere?page=2"


def test_going_on_keeps_the_place(made: Made, clock: Clock) -> None:
    """RGAA 13.1: back on the page that warned."""
    browser = sign_in(made(), PERSON)
    clock.move(59 * MINUTE)
    answer = browser.post(
        "/prolong",
        data={"csrf": token_of(browser)},
        headers={"Referer": f"{ORIGIN}/elsewhere?page=2"},
    )
    assert answer.location == "/elsewhere?page=2"
    clock.move(59 * MINUTE)
    assert is_in(browser)


def test_a_cut_is_told_and_traced_once(made: Made, clock: Clock) -> None:
    """MA-07."""
    app = made()
    browser = sign_in(app, PERSON)
    clock.move(timedelta(hours=2))
    assert browser.get("/elsewhere").location == "/cut"
    told = browser.get("/cut")
    assert told.status_code == 401
    assert "Votre session a expiré" in told.text
    assert browser.get("/elsewhere").location == "/login"
    with service_of(app).store.read() as db:
        assert [each.action for each in entries(db, actor=PERSON)] == ["session:cut"]


def test_sessions_that_are_over_are_forgotten_and_others_are_not(
    made: Made, either_url: str, clock: Clock
) -> None:
    """MA-07; domain 7: userinfo is not kept longer than the session."""
    app = made(database_url=either_url)
    over = sign_in(app, PERSON)
    clock.move(timedelta(hours=20))
    lately = sign_in(app, PERSON)
    clock.move(timedelta(hours=5))
    alive = sign_in(app, PERSON)
    assert over.get("/elsewhere").location == "/login"
    assert lately.get("/elsewhere").location == "/cut"
    assert is_in(alive)


def token_of(browser: FlaskClient) -> str:
    with browser.session_transaction() as session:
        return str(session.setdefault("csrf", "of-this-browser"))


def test_a_use_is_not_written_at_each_request(made: Made, clock: Clock) -> None:
    """MA-09: a page with ten requests writes once, and the limit is right to ten seconds."""
    app: Flask = made()
    browser = sign_in(app, PERSON)
    clock.move(9 * SECOND)
    assert is_in(browser)
    clock.move(timedelta(hours=1) - 9 * SECOND)
    assert browser.get("/elsewhere").location == "/cut"
