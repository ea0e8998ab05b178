"""Pushes and numbers: who may ask, what is shown, what counts (attacks 23 to 26, 28, 32)."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from flask import Flask

from idp import create_app
from idp.provider import Provider
from idp.store.models import Challenge, Device
from idp.worker.dispatcher import drain
from tests.attacks.helpers import (
    FIREFOX,
    STRICT,
    Interceptor,
    altered,
    browse_to_number,
    browser_at,
    number_on,
    sign_in_with,
    state_on,
)
from tests.conftest import BASE_URL, make_settings, provider_of
from tests.outbox.servers import http_server
from tests.signin.helpers import (
    PERSON,
    SOMEBODY_ELSE,
    add_client,
    authorize,
    events,
    newest_challenge,
    returned,
    token_in,
)
from tests.statements import Statements
from tests.wallet.helpers import PIN, advance, enrol, new_phone, other_number
from wallet_sim.display import render
from wallet_sim.errors import (
    ChallengeClosed,
    DocumentRefused,
    NonceStale,
    NothingPending,
    NotRecognised,
    NumberNotOffered,
    WrongNumber,
    WrongPin,
)
from wallet_sim.phone import Phone
from wallet_sim.push import PushSubscription
from wallet_sim.receiver import Receiver

UNKNOWN = "899700990304"
STRUCK_OFF = "899700990155"
NO_MOBILE = "899700990080"
WITHOUT_PHONE = "899700990031"
AppMaker = Callable[..., Flask]
HOSPITAL = "CHU de Saint-Aubin, urgences"


@pytest.fixture
def either(both: Provider) -> Flask:
    """The application on SQLite, then on PostgreSQL."""
    add_client(both)
    return create_app(both.settings, provider=both)


@pytest.fixture
def served(app: Flask) -> Flask:
    add_client(provider_of(app))
    return app


@pytest.fixture
def make_app(sqlite_url: str, master_key: str) -> Iterator[AppMaker]:
    """Applications with settings of the test's own."""
    made: list[Flask] = []

    def make(**changes: object) -> Flask:
        made.append(create_app(make_settings(sqlite_url, master_key, **changes)))
        add_client(provider_of(made[-1]))
        return made[-1]

    yield make
    for app in made:
        provider_of(app).store.close()


def test_a_hundred_starts_bring_few_pushes_and_the_phone_finds_the_challenge(
    either: Flask, tmp_path: Path
) -> None:
    """Attack 23 (push bombing): from as many browsers as it takes, in one minute."""
    provider = provider_of(either)
    phone = enrol(either, tmp_path / "phone")
    with http_server() as service:
        receiver = Receiver(phone, f"http://localhost:{service.port}")
        receiver.subscribe()
        for count in range(100):
            browse_to_number(browser_at(either, f"198.51.100.{count % 4}"))
        drain(provider, "push")
        for request in service.requests:
            headers = {name.lower(): value for name, value in request["headers"].items()}
            receiver.receive(request["body"], headers)
    assert 1 <= receiver.count <= provider.settings.pushes_per_window
    assert events(provider).count("challenges:push:suppressed") == 100 - receiver.count
    newest = newest_challenge(provider)
    assert newest.challenge_id in [waiting.challenge_id for waiting in phone.pending()]


def test_pages_tell_nobody_apart(either: Flask, tmp_path: Path) -> None:
    """Attack 24 (finding who exists): unknown, struck off, locked, without phone, valid."""
    provider = provider_of(either)
    valid = enrol(either, tmp_path / "valid")
    valid.subscribe_push(PushSubscription("http://localhost:8002", valid.clock).as_json())
    locked = enrol(either, tmp_path / "locked", SOMEBODY_ELSE)
    lock(either, locked)
    walk_pages(either, UNKNOWN, "198.51.100.1")
    seen = {}
    people = (PERSON, SOMEBODY_ELSE, WITHOUT_PHONE, NO_MOBILE, STRUCK_OFF, UNKNOWN)
    # An earlier start leaves its counter behind: everybody's is the first of a new window.
    advance(provider, 24 * 3600 + 1)
    for number, national_id in enumerate(people):
        with Statements(provider) as statements:
            told = walk_pages(either, national_id, f"198.51.100.{10 + number}")
        seen[national_id] = (told, list(statements))
    assert len(seen[PERSON][1]) > 10
    assert all(each == seen[PERSON] for each in seen.values())


def test_enrolment_tells_nobody_apart(either: Flask, tmp_path: Path) -> None:
    """Attack 24 (finding who exists): the phone's start of an activation."""
    provider = provider_of(either)
    enrol(either, tmp_path / "valid")
    lock(either, enrol(either, tmp_path / "locked", SOMEBODY_ELSE))
    people = (PERSON, SOMEBODY_ELSE, WITHOUT_PHONE, NO_MOBILE, STRUCK_OFF, UNKNOWN)
    advance(provider, 24 * 3600 + 1)
    seen = {}
    for number, national_id in enumerate((WITHOUT_PHONE, *people)):
        answers = Answers(either)
        phone = new_phone(either, tmp_path / str(number), answers)
        with Statements(provider) as statements:
            phone.start_enrolment(BASE_URL, national_id)
        # The first of all opens the network's own counters: it is not compared.
        seen[national_id] = (answers.shapes, list(statements))
    assert len(seen[PERSON][1]) > 10
    assert all(each == seen[PERSON] for each in seen.values())


def test_a_blind_guess_in_strict_has_one_try(make_app: AppMaker, tmp_path: Path) -> None:
    """Attack 25 (blind approval): nothing to choose from, and a wrong guess ends it."""
    app = make_app(profile="strict")
    browser, phone = browser_at(app), enrol(app, tmp_path / "phone", pin="258025")
    page, number = browse_to_number(browser, **STRICT)
    (asked,) = phone.pending()
    assert asked.payload["number"] == {"mode": "typed", "length": 2}
    assert number not in asked.payload.values()
    guess = f"{(int(number) + 1) % 100:02d}"
    with pytest.raises(WrongNumber):
        phone.approve("258025", guess)
    assert state_on(browser, page) == "wrong_number"
    with pytest.raises(NothingPending):
        phone.approve("258025", number)
    with pytest.raises(ChallengeClosed):
        phone.approve("258025", number, asked)
    assert "code" not in browser.get(page + "/finish").headers.get("Location", "")


def test_numbers_of_strict_are_drawn_among_a_hundred(make_app: AppMaker) -> None:
    """Attack 25 (blind approval): one in a hundred at most, so no number comes up often."""
    app = make_app(profile="strict", starts_per_address=1000)
    browser = browser_at(app)
    drawn = [browse_to_number(browser, **STRICT)[1] for _ in range(60)]
    assert len(set(drawn)) > 30
    assert max(drawn.count(number) for number in drawn) < 10


def test_the_right_number_after_a_wrong_one_is_too_late(either: Flask, tmp_path: Path) -> None:
    """Attack 26 (wrong number, then right): the challenge is dead and its person told."""
    provider = provider_of(either)
    browser, phone = browser_at(either), enrol(either, tmp_path / "phone")
    page, number = browse_to_number(browser)
    (asked,) = phone.pending()
    with pytest.raises(WrongNumber):
        phone.approve(PIN, other_number(newest_challenge(provider)), asked)
    with pytest.raises(ChallengeClosed):
        phone.approve(PIN, number, asked)
    assert phone.pending() == []
    assert state_on(browser, page) == "wrong_number"
    assert "code=" not in browser.get(page + "/finish").headers.get("Location", "")
    assert "challenges:number:mismatched" in events(provider)
    # The PIN was right both times: neither costs a try.
    assert returned(sign_in_with(browser_at(either), phone))["code"]
    with provider.store.read() as db:
        assert [row.failures for row in db.query(Device)] == [0]


def test_a_document_changed_on_its_way_is_never_shown(served: Flask, tmp_path: Path) -> None:
    """Attack 28 (altered document): the phone believes the provider's signature only."""
    way = Interceptor(served)
    phone, browser = enrol(served, tmp_path / "phone", transport=way), browser_at(served)
    page, number = browse_to_number(browser)
    for change in (
        {"client_name": "Votre banque"},
        {"place": HOSPITAL},
        {"number": {"mode": "choice", "options": [number]}},
        {"challenge_id": "another"},
    ):
        way.change_documents(**change)
        with pytest.raises(DocumentRefused):
            phone.pending()
        with pytest.raises(DocumentRefused):
            phone.approve(PIN, number)
    way.leave()
    assert state_on(browser, page) == "pending"
    phone.approve(PIN, number)
    assert returned(browser.get(page + "/finish"))["code"]


@pytest.mark.parametrize(
    "change",
    [
        {"client_name": "Votre banque"},
        {"client_id": "another"},
        {"place": HOSPITAL},
        {"same_device": True},
        {"exp": 4_000_000_000},
        {"further": 1},
    ],
)
def test_a_document_changed_on_the_phone_is_not_what_the_provider_asked(
    served: Flask, tmp_path: Path, change: dict[str, object]
) -> None:
    """Attack 28 (altered document): the person signs what they see, the provider what it sent."""
    phone, browser = enrol(served, tmp_path / "phone"), browser_at(served)
    page, number = browse_to_number(browser)
    (asked,) = phone.pending()
    with pytest.raises((NonceStale, DocumentRefused)):
        phone.approve(PIN, number, altered(asked, **change))
    assert state_on(browser, page) == "pending"
    assert phone.status().provider["failures_since_success"] == 0


def test_the_number_is_part_of_what_the_pin_signs(served: Flask, tmp_path: Path) -> None:
    """Attack 28 (altered document): a number exchanged on its way proves nothing."""
    way = Interceptor(served)
    phone, browser = enrol(served, tmp_path / "phone", transport=way), browser_at(served)
    page, number = browse_to_number(browser)
    wrong = other_number(newest_challenge(provider_of(served)))
    way.change_requests("/answer", number=number)
    with pytest.raises(NotRecognised):
        phone.approve(PIN, wrong)
    assert state_on(browser, page) == "pending"


def test_the_phone_names_the_place_of_the_browser_that_asks(
    make_app: AppMaker, tmp_path: Path
) -> None:
    """Attack 32 (relay): the attacker's place is shown, and no header makes it another."""
    app = make_app(networks={"192.0.2.0/24": HOSPITAL, "2001:db8::/32": "Cabinet"})
    phone = enrol(app, tmp_path / "phone")
    claimed = {"x_forwarded_for": "192.0.2.7", "x_real_ip": "192.0.2.7"}
    for address, headers, place in (
        ("203.0.113.9", {}, "réseau inconnu"),
        ("203.0.113.9", claimed, "réseau inconnu"),
        ("192.0.2.7", {}, HOSPITAL),
        ("2001:db8:5::1", {}, "Cabinet"),
    ):
        browse_to_number(browser_at(app, address, user_agent=FIREFOX, **headers))
        own = newest_challenge(provider_of(app)).challenge_id
        (asked,) = [waiting for waiting in phone.pending() if waiting.challenge_id == own]
        assert asked.payload["place"] == place
        lines = render(asked)
        assert lines[0] == "Service : Logiciel service"
        assert f"Lieu : {place}" in lines
        assert "Navigateur : Firefox sous Windows" in lines


def test_a_phone_shows_only_numbers_that_were_offered(served: Flask, tmp_path: Path) -> None:
    """Attack 26 (wrong number): a slip of the finger is caught before it costs the sign-in."""
    phone, browser = enrol(served, tmp_path / "phone"), browser_at(served)
    page, number = browse_to_number(browser)
    with provider_of(served).store.read() as db:
        options = db.query(Challenge).one().document["number"]["options"]
    foreign = next(f"{value:02d}" for value in range(100) if f"{value:02d}" not in options)
    with pytest.raises(NumberNotOffered):
        phone.approve(PIN, foreign)
    assert state_on(browser, page) == "pending"
    phone.approve(PIN, number)


def lock(app: Flask, phone: Phone) -> None:
    """Three wrong PINs: the phone waits from here on."""
    _page, number = browse_to_number(browser_at(app), SOMEBODY_ELSE)
    for _ in range(3):
        with pytest.raises(WrongPin):
            phone.approve("9753", number)


def walk_pages(app: Flask, national_id: str, address: str) -> list[tuple[object, ...]]:
    """What a stranger's browser is told: the waiting page, its script, and all that it offers."""
    browser = browser_at(app, address)
    page = authorize(browser).headers["Location"]
    first = browser.get(page)
    typed = {"csrf_token": token_in(first), "national_id": national_id}
    answers = [first, browser.post(page, data=typed)]
    answers.append(browser.get(page))
    answers.append(browser.get(page + "/status"))
    secret = page.removeprefix("/signin/")
    numbers = [number_on(browser, page)]
    for act, follows in (("/resend", page + "?renvoi=fait"), ("/here", page)):
        answers += [browser.post(page + act, data=typed), browser.get(follows)]
    numbers.append(number_on(browser, page))
    answers += [browser.post(page + "/restart", data=typed), browser.get(page)]
    shown = re.compile(f">({'|'.join(numbers)})<")
    return [
        (
            answer.status_code,
            sorted(answer.headers.keys()),
            masked(shown.sub(">NUMBER<", answer.text.replace(secret, "HANDLE"))),
        )
        for answer in answers
    ]


def masked(text: str) -> str:
    """The body without what differs from one browser to another."""
    text = re.sub(r'(name="csrf_token" value=")[^"]+', r"\1TOKEN", text)
    return re.sub(r'data-seconds="\d+">\d+ s', "SECONDS", text)


class Answers(httpx.BaseTransport):
    """The network of a phone, which keeps the shape of each answer."""

    def __init__(self, app: Flask) -> None:
        self._inner = httpx.WSGITransport(app=app)
        self.shapes: list[tuple[object, ...]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        body = response.read()
        if request.method == "POST":
            names = sorted(response.headers.keys())
            told = {name: type(value).__name__ for name, value in json.loads(body).items()}
            self.shapes.append((response.status_code, names, told, len(body)))
        return response
