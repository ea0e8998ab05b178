"""Following the clock of a provider: what it answers, who is asked, and when (decision 5)."""

import json
import signal
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from flask import Flask, Response, request

from relying_services import __main__ as services
from relying_services import following
from relying_services.clock import Clock
from relying_services.demo import __main__ as demo
from relying_services.espacepro import KIND as ESPACEPRO
from relying_services.espacepro import __main__ as espacepro
from relying_services.espacepro.sample import import_sample
from relying_services.following import ClockRefused, ClockSource, Follower, FollowingClock, clock_of
from relying_services.listening import listening
from relying_services.mon_compte import KIND as MON_COMPTE
from relying_services.mon_compte import __main__ as mon_compte
from relying_services.mon_compte.sample import invent_sample
from relying_services.paris import day_of
from relying_services.sample import database_in
from relying_services.service.command import opened
from tests.ports import free_port
from tests.relying_services.espacepro.stage import MARGELLE, sent, wish
from tests.relying_services.test_together import authority_certificate, secrets_file

SECRET = "start-up-secret"


@dataclass
class Told:
    """What stands where a provider would: what it answers, and the secrets it was shown."""

    url: str
    status: int = 200
    body: str = '{"now": "2026-06-15T10:00:00Z", "offset": 60.5}'
    shown: list[str] = field(default_factory=list)

    def clock(self) -> Response:
        self.shown.append(request.headers["Ecps-Dev-Secret"])
        return Response(self.body, self.status, {"Location": f"{self.url}/elsewhere"})

    def source(self) -> ClockSource:
        return ClockSource(self.url, SECRET)


@pytest.fixture
def told() -> Iterator[Told]:
    app, port = Flask("provider"), free_port()
    told = Told(f"http://127.0.0.1:{port}/r/one")
    app.add_url_rule("/r/one/dev/v1/clock", view_func=told.clock)
    with listening({port: app}, address="127.0.0.1"):
        yield told


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (403, "", "ECPS_DEV_SECRET"),
        (404, "", "leave out --clock-from"),
        (302, "", "answers 302"),
        (200, "<html>", "tells no offset"),
        (200, "[]", "tells no offset"),
        (200, '{"now": ""}', "tells no offset"),
        (200, '{"offset": "60"}', "tells no offset"),
        (200, '{"offset": 1e300}', "tells no offset"),
        (200, '{"offset": 8e11}', "tells no offset"),
    ],
)
def test_a_provider_that_does_not_tell_its_clock_is_named_at_the_start(
    told: Told, status: int, body: str, reason: str
) -> None:
    told.status, told.body = status, body
    with pytest.raises(ClockRefused, match=reason) as refused:
        clock_of(told.source())
    assert SECRET not in str(refused.value) + repr(told.source())
    assert told.shown == [SECRET], "asked once, and followed nowhere"


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("localhost:8000", SECRET),
        ("ftp://localhost", SECRET),
        ("http://", SECRET),
        ("http://localhost:1", f"{SECRET}\n"),
        ("http://localhost:1", f"{SECRET}’"),
    ],
)
def test_whom_nobody_can_ask_is_told_at_the_start(url: str, secret: str) -> None:
    """A mistyped address would leave the services in the machine's time, and say nothing."""
    with pytest.raises(ClockRefused, match="cannot be asked") as refused:
        clock_of(ClockSource(url, secret))
    assert SECRET not in str(refused.value)


def test_the_last_offset_stays_where_there_is_no_answer(told: Told) -> None:
    clock = FollowingClock(told.source())
    clock.look()
    assert clock.offset == timedelta(seconds=60.5)
    told.status = 503
    clock.look()
    assert clock.offset == timedelta(seconds=60.5)
    nobody = FollowingClock(ClockSource(f"http://127.0.0.1:{free_port()}", SECRET))
    nobody.check()
    assert nobody.offset == timedelta(), "a provider that starts later is no failure"


def test_a_proxy_of_the_environment_does_not_learn_the_secret(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    clock = FollowingClock(told.source())
    clock.look()
    assert clock.offset == timedelta(seconds=60.5), "asked at its own address"


def test_a_clock_that_goes_back_is_followed_back(told: Told) -> None:
    """A reset of the provider, or a snapshot that is restored, brings its clock back too."""
    clock = FollowingClock(told.source())
    for offset in (86400, -3600, 0):
        told.body = f'{{"offset": {offset}}}'
        clock.look()
        assert clock.offset == timedelta(seconds=offset)


def test_the_clock_is_asked_for_beside_requests(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "LOOK_EVERY", 0.01)
    looked = threading.Event()

    class Watched(FollowingClock):
        def look(self) -> None:
            super().look()
            looked.set()

    clock = Watched(told.source())
    follower = Follower(clock)
    follower.start()
    assert looked.wait(20)
    follower.stop()
    follower.join(20)
    assert not follower.is_alive()
    assert clock.offset == timedelta(seconds=60.5)


def test_a_service_that_follows_a_clock_goes_on_asking(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Clock] = []
    monkeypatch.setattr(Follower, "start", lambda follower: started.append(follower._clock))
    assert [clock_of(told.source())] == started
    clock_of(None)
    assert len(started) == 1


def test_without_the_setting_nobody_is_asked(told: Told) -> None:
    clock = clock_of(None)
    clock.look()
    assert (type(clock), clock.offset, told.shown) == (Clock, timedelta(), [])


def test_the_commands_refuse_to_follow_a_clock_that_is_not_told(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One alone, all together, the demonstration service: before anything is served."""
    told.status = 403
    monkeypatch.setenv("ECPS_DEV_SECRET", SECRET)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    authority = tmp_path / "persons.crt"
    authority.write_bytes(authority_certificate())
    kept = secrets_file(tmp_path, provider=SECRET)
    together = ["serve", "--folder", str(tmp_path), "--card-authority", str(authority)]
    alone = ["serve", "--client-secret", "s", "--database-url", "sqlite://"]
    for command, arguments in (
        (espacepro.main, alone),
        (demo.main, ["--client-secret", "s"]),
        (services.main, [*together, "--secrets", str(kept)]),
    ):
        done = CliRunner().invoke(command, [*arguments, "--clock-from", told.url])
        assert (done.exit_code, "refuses the secret" in done.output) == (1, True), done.output
    assert told.shown == [SECRET] * 3


def test_commands_of_a_simulation_go_by_its_time(told: Told, tmp_path: Path) -> None:
    """EP-10, MA-01: an invitation lapses, a letter is of that day; by the machine's, neither."""
    at = {"--clock-from": told.url, "--provider-secret": SECRET}
    told.body = f'{{"offset": {timedelta(days=40).total_seconds()}}}'
    books = database_in(tmp_path, ESPACEPRO)
    invite(books)
    lapse = ["lapse", "--database-url", books]
    assert "0 invitations closed" in typed(espacepro.main, lapse)
    assert "1 invitations closed" in typed(espacepro.main, lapse, at)
    account = database_in(tmp_path, MON_COMPTE)
    invent_account(account)
    letter = ["letter", MARGELLE.id, "--database-url", account]
    typed(mon_compte.main, letter)
    typed(mon_compte.main, letter, at)
    messages = typed(mon_compte.main, ["messages", "--database-url", account]).splitlines()
    now, later = (datetime.fromisoformat(json.loads(each)["at"]) for each in messages)
    assert timedelta(days=39) < later - now < timedelta(days=41)


def invite(url: str) -> None:
    """Somebody is invited, and does not answer."""
    store = opened(ESPACEPRO, url)
    import_sample(store, Clock())
    now = Clock().now()
    wanted = wish(starts_on=day_of(now), ends_on=day_of(now + timedelta(days=60)))
    with store.begin() as db:
        sent(db, wanted, now=now)
    store.close()


def invent_account(url: str) -> None:
    store = opened(MON_COMPTE, url)
    invent_sample(store, Clock())
    store.close()


def typed(
    command: click.Command, arguments: list[str], options: Mapping[str, str] | None = None
) -> str:
    """What a command prints, which must do what it is told."""
    given = [word for option in (options or {}).items() for word in option]
    done = CliRunner().invoke(command, [*arguments, *given])
    assert done.exit_code == 0, done.output
    return done.stdout
