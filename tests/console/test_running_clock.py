"""The clock of a simulation on the console (decision 5), open sessions, and the first page."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from idp import create_app
from idp.audit.events import Event
from idp.console.acts.act import ActImpossible
from idp.console.running.acts import ADVANCE
from idp.moving_clock import FURTHEST
from idp.provider import Provider
from idp.store.models import BrowserSession, ClientDocument
from idp.store.running import count_live_sessions, live_sessions
from idp.store.world import clock_offset, move_clock
from tests.console.helpers import colleague, error_in, events, leads_to_entrance, post
from tests.console.running_helpers import seal_what_is_there, texts
from tests.wallet.helpers import PERSON, enrol


def offset(provider: Provider) -> timedelta:
    with provider.store.read() as db:
        return clock_offset(db)


def open_sessions(provider: Provider, count: int) -> None:
    """Sessions that began a second after each other."""
    now = provider.clock.now()
    with provider.store.begin() as db:
        for place in range(count):
            began = now - timedelta(seconds=count - place)
            db.add(
                BrowserSession(
                    sid=f"session-{place}",
                    cookie_hash=bytes([place]),
                    national_id=PERSON,
                    account_id="compte",
                    auth_time=began,
                    means={"MOBILE": int(began.timestamp())},
                    browser="Firefox/Linux",
                    last_activity_at=began,
                    created_at=began,
                    expires_at=began + provider.settings.session_lifetime,
                )
            )


def test_outside_a_development_session_there_is_no_clock(
    manned: Provider, manned_app: Flask
) -> None:
    """Decision 2: it is routed nowhere, and the act refuses by itself."""
    one = colleague(manned_app, manned, "claire", "administrator").browser
    assert one.get("/horloge").status_code == 404
    assert 'href="/horloge"' not in texts(one, "/")
    with manned.store.begin() as db, pytest.raises(ActImpossible):
        ADVANCE.carry_out(manned, db, "clock", {"seconds": 60})
    assert offset(manned) == timedelta(0)


@pytest.mark.parametrize("by", ["", "61", "-60", "94608000", "x"])
def test_only_a_preset_moves_the_clock(console: FlaskClient, provider: Provider, by: str) -> None:
    """Years would end every card and e-CPS at a stroke; moving back is left to scripts."""
    answer = post(console, "/horloge", by=by)
    assert answer.status_code == 400
    assert "Choisissez de combien" in error_in(answer)
    assert offset(provider) == timedelta(0)


def test_a_clock_goes_no_further_than_it_may(console: FlaskClient, provider: Provider) -> None:
    with provider.store.begin() as db, pytest.raises(ActImpossible):
        ADVANCE.carry_out(provider, db, "clock", {"seconds": FURTHEST.total_seconds() + 1})
    assert offset(provider) == timedelta(0)


def test_the_clock_is_moved_and_the_journal_says_by_whom(
    console: FlaskClient, provider: Provider
) -> None:
    assert post(console, "/horloge", by="600").location == "/horloge?fait=clock.advance"
    assert offset(provider) == timedelta(minutes=10)
    page = texts(console, "/horloge")
    assert "en avance de 10 minutes" in page
    [moved] = events(provider, Event.CLOCK_MOVED)
    assert (moved.actor, moved.data) == ("operator:development", {"seconds": 600.0})


def test_who_moves_the_clock_far_enters_again(console: FlaskClient) -> None:
    assert "il faudra entrer de nouveau" in texts(console, "/horloge")
    post(console, "/horloge", by="3600")
    assert leads_to_entrance(console.get("/horloge"))


def test_what_a_move_will_end_is_counted(
    console: FlaskClient, provider: Provider, tmp_path: Path
) -> None:
    enrol(create_app(provider.settings, provider=provider), tmp_path / "phone")
    open_sessions(provider, 3)
    with provider.store.begin() as db:
        soon = provider.clock.now() + timedelta(days=20)
        moved = {"at": int(soon.timestamp() * 1_000_000)}
        db.execute(text("UPDATE devices SET expires_at = :at"), moved)
    counted = re.findall(r"<td>(\d+)</td><td>(\d+)</td><td>(\d+)</td>", texts(console, "/horloge"))
    sessions_and_phones = [(sessions, phones) for sessions, phones, _cards in counted]
    assert sessions_and_phones == [("0", "0"), ("0", "0"), ("3", "0"), ("3", "0"), ("3", "1")]


def test_sessions_are_shown_newest_first_and_counted(both: Provider) -> None:
    open_sessions(both, 4)
    now, idle = both.clock.now(), both.settings.session_idle
    with both.store.begin() as db:
        db.execute(text("UPDATE sessions SET ended_at = created_at WHERE sid = 'session-3'"))
    with both.store.read() as db:
        shown = live_sessions(db, now=now, idle=idle, limit=2)
        count = count_live_sessions(db, now=now, idle=idle)
        idled = count_live_sessions(db, now=now + idle, idle=idle)
    assert [one.sid for one in shown] == ["session-2", "session-1"]
    assert (count, idled) == (3, 0)


def test_a_session_leads_to_its_person(console: FlaskClient, provider: Provider) -> None:
    open_sessions(provider, 1)
    page = texts(console, "/sessions")
    assert "1 session est ouverte." in page
    assert "Firefox sous Linux" in page
    assert "Firefox on Linux" in texts(console, "/sessions?lang=en")
    assert f'href="/personnes/fiche/{PERSON}"' in page


def test_the_first_page_tells_what_wants_an_eye(
    console: FlaskClient, provider: Provider, tmp_path: Path
) -> None:
    seal_what_is_there(provider)
    assert "Tout va bien" in texts(console, "/")
    enrol(create_app(provider.settings, provider=provider), tmp_path / "phone")
    with provider.store.begin() as db:
        db.execute(text("UPDATE devices SET state = 'suspended'"))
        due = provider.clock.now()
        db.add(
            ClientDocument(
                client_id="logiciel",
                kind="jwks",
                url="https://logiciel.example/jwks",
                state="failed",
                error="http 404",
                due_at=due,
            )
        )
    page = texts(console, "/")
    assert "1 e-CPS suspendue" in page
    assert 'href="/cartes-et-telephones/telephones?etat=suspended"' in page
    assert "Un document que publie « logiciel »" in page
    assert "Tout va bien" not in page


def test_the_first_page_says_what_database_it_is(console: FlaskClient, provider: Provider) -> None:
    with provider.store.begin() as db:
        move_clock(db, timedelta(minutes=2))
    page = texts(console, "/")
    assert "simulation, SQLite, schéma à jour" in page
    assert "en avance de 2 minutes" in page
