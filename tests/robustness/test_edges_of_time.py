"""What lapses holds until its last second and no longer: judged on a clock that stands still."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.challenges.outcome import state_of
from idp.clock import Clock
from idp.keys.sealing import sha256
from idp.provider import Provider
from idp.store.challenges import decide, find_challenge, finish_approved
from idp.store.interactions import find_interaction
from idp.store.sessions import find_session_for_client
from tests.oauth.helpers import Service, add_client
from tests.signin.helpers import add_client as add_service
from tests.signin.helpers import begin, live_sessions, sign_in
from tests.wallet.helpers import ask_signin, mailed_qr, new_phone, outbox
from wallet_sim.errors import PhoneError

SECOND = timedelta(seconds=1)
EDGES = pytest.mark.parametrize(
    ("early", "holds"), [(SECOND, True), (timedelta(microseconds=1), True), (0 * SECOND, False)]
)


class StandingClock(Clock):
    """Tells one instant until it is moved."""

    def __init__(self, instant: datetime) -> None:
        super().__init__()
        self._instant = instant

    def now(self) -> datetime:
        return self._instant

    def move(self, length: timedelta) -> None:
        self._instant += length


@pytest.fixture
def clock(provider: Provider) -> StandingClock:
    standing = StandingClock(provider.clock.now().replace(microsecond=0))
    provider.clock = standing
    return standing


@EDGES
def test_a_code_holds_until_its_last_instant(
    app: Flask, provider: Provider, clock: StandingClock, *, early: timedelta, holds: bool
) -> None:
    """Decision 8."""
    add_client(provider)
    service = Service(app, provider)
    code = service.authorize()["code"]
    clock.move(provider.settings.code_lifetime - early)
    assert (service.exchange(code).status_code == 200) is holds


@EDGES
def test_an_access_token_holds_until_its_last_instant(
    app: Flask, provider: Provider, clock: StandingClock, *, early: timedelta, holds: bool
) -> None:
    add_client(provider)
    service = Service(app, provider)
    token = service.sign_in()["access_token"]
    clock.move(provider.settings.access_token_lifetime - early)
    assert (service.userinfo(token).status_code == 200) is holds
    assert service.introspect(token)["active"] is holds


@EDGES
def test_a_challenge_holds_until_its_last_instant(
    app: Flask, provider: Provider, clock: StandingClock, *, early: timedelta, holds: bool
) -> None:
    challenge = ask_signin(app)
    clock.move(provider.settings.web_challenge_lifetime - early)
    now = clock.now()
    assert (state_of(challenge, now) == "pending") is holds
    with provider.store.begin() as db:
        assert decide(db, challenge.challenge_id, state="approved", now=now) is holds
    with provider.store.begin() as db:
        finished = finish_approved(db, challenge.challenge_id, completion_hash=None, now=now)
        assert (finished is not None) is holds


def test_an_approval_in_time_is_worth_nothing_when_finished_too_late(
    app: Flask, provider: Provider, clock: StandingClock
) -> None:
    challenge = ask_signin(app)
    with provider.store.begin() as db:
        assert decide(db, challenge.challenge_id, state="approved", now=clock.now())
    clock.move(provider.settings.web_challenge_lifetime)
    with provider.store.begin() as db:
        late = finish_approved(db, challenge.challenge_id, completion_hash=None, now=clock.now())
        assert late is None
        row = find_challenge(db, challenge.challenge_id)
        assert row is not None
        assert state_of(row, clock.now()) == "expired"


@EDGES
@pytest.mark.parametrize("limit", ["session_lifetime", "session_idle"])
def test_a_session_holds_until_its_last_instant(
    browser: FlaskClient,
    provider: Provider,
    clock: StandingClock,
    limit: str,
    *,
    early: timedelta,
    holds: bool,
) -> None:
    """Decision 8: four hours, and thirty minutes without activity."""
    add_service(provider)
    sign_in(browser, provider)
    (session,) = live_sessions(provider)
    idle = provider.settings.session_idle
    if limit == "session_lifetime":
        idle = provider.settings.session_lifetime * 2
    clock.move(getattr(provider.settings, limit) - early)
    with provider.store.read() as db:
        found = find_session_for_client(
            db, session.cookie_hash, "service", now=clock.now(), idle=idle
        )
    assert (found is not None) is holds


@EDGES
def test_the_page_of_a_sign_in_holds_until_its_last_instant(
    browser: FlaskClient,
    provider: Provider,
    clock: StandingClock,
    *,
    early: timedelta,
    holds: bool,
) -> None:
    add_service(provider)
    page = begin(browser)
    clock.move(provider.settings.interaction_lifetime - early)
    assert browser.get(page).status_code == (200 if holds else 410)
    with provider.store.read() as db:
        found = find_interaction(db, sha256(page.rpartition("/")[2]), now=clock.now())
    assert (found is not None) is holds


@EDGES
def test_a_mailed_code_holds_until_its_last_instant(
    app: Flask,
    provider: Provider,
    clock: StandingClock,
    tmp_path: Path,
    *,
    early: timedelta,
    holds: bool,
) -> None:
    """Decision 17."""
    who = "899700990015"
    phone = new_phone(app, tmp_path / "phone")
    phone.start_enrolment("http://localhost:8000", who)
    picture = mailed_qr(app, who)
    clock.move(provider.settings.mail_qr_lifetime - early)
    if holds:
        phone.scan(picture)
        return
    with pytest.raises(PhoneError):
        phone.scan(picture)
    assert not [m for m in outbox(app, who) if m["kind"] == "sms"]
