"""The journal's events on the console: the list, the feed (decision 38), one in full."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.audit.events import Event
from idp.console.app import create_console
from idp.console.running.words import sentence
from idp.portal.history_words import OF_NOBODY
from idp.provider import Provider, open_provider
from idp.store.models import JournalEvent
from idp.store.running import newest_event
from tests.conftest import DEV_SECRET, make_settings
from tests.console.conftest import QUICK
from tests.console.helpers import (
    Door,
    browser_of,
    colleague,
    later,
    leads_to_entrance,
)
from tests.console.running_helpers import texts, write_event
from tests.wallet.helpers import PERSON


def rows(browser: FlaskClient, path: str) -> int:
    return texts(browser, path).count("<tr data-seq=") - 1  # one is the feed's template


def write_numbered(provider: Provider, seq: int) -> None:
    """An event whose number was drawn before it was committed."""
    with provider.store.begin() as db:
        at, event = provider.clock.now(), Event.SESSION_OPENED.value
        db.add(JournalEvent(seq=seq, at=at, event=event, outcome="success", data={}))


@pytest.mark.parametrize("seq", ["0", "9999", "x", "1.0"])
def test_there_is_no_page_of_an_event_that_is_not(console: FlaskClient, seq: str) -> None:
    assert console.get(f"/evenements/{seq}").status_code == 404


@pytest.mark.parametrize(
    "query", ["avant=x", "avant=-1", "evenement=nul", "resultat=nul", "personne=x", "service=x"]
)
def test_what_an_address_cannot_mean_breaks_nothing(console: FlaskClient, query: str) -> None:
    assert console.get(f"/evenements?{query}").status_code == 200
    assert console.get(f"/evenements/flux?after=x&{query}").status_code == 200


def test_nobody_else_reads_the_feed(manned: Provider, manned_app: Flask) -> None:
    assert leads_to_entrance(browser_of(manned_app).get("/evenements/flux?after=0"))


def test_a_page_left_open_keeps_nobody_in(manned: Provider, manned_app: Flask) -> None:
    """Its questions are no work."""
    one = colleague(manned_app, manned, "claire", "reader").browser
    idle = manned.settings.operator_session_idle.total_seconds()
    for share in (0.4, 0.8):
        later(manned, seconds=share * idle)
        assert one.get("/evenements/flux?after=0").status_code == 200
    later(manned, seconds=1.1 * idle)
    assert leads_to_entrance(one.get("/evenements/flux?after=0"))


def test_events_are_narrowed(console: FlaskClient, provider: Provider) -> None:
    write_event(provider, person=PERSON, client_id="logiciel")
    write_event(provider, Event.PIN_REFUSED, person=PERSON, success=False)
    write_event(provider, Event.PIN_REFUSED, person="8", success=False)
    assert rows(console, f"/evenements?personne={PERSON}") == 2
    assert rows(console, f"/evenements?personne={PERSON}&resultat=failure") == 1
    assert rows(console, "/evenements?evenement=devices:pin:refused") == 2
    assert rows(console, "/evenements?service=logiciel") == 1
    assert rows(console, "/evenements?service=logiciel&resultat=failure") == 0


def test_a_filter_looks_through_so_many_events_and_goes_on(
    database_url: str, master_key: str
) -> None:
    """No look is long, however large the journal."""
    settings = make_settings(database_url, master_key, console_search_span=100, **QUICK)
    opened = open_provider(settings)
    write_event(opened, client_id="logiciel")
    for _ in range(150):
        write_event(opened)
    browser = browser_of(create_console(opened))
    Door(browser).by_secret(DEV_SECRET)
    page = texts(browser, "/evenements?service=logiciel")
    assert page.count("<tr data-seq=") == 1
    assert "la recherche continue plus loin" in page
    with opened.store.read() as db:
        newest = newest_event(db)
    older = f"/evenements?service=logiciel&avant={newest - 99}"
    assert f'href="{older}"' in page
    assert rows(browser, older) == 1
    opened.store.close()


def test_every_event_is_listed_once_from_page_to_page(
    console: FlaskClient, provider: Provider
) -> None:
    for _ in range(60):
        write_event(provider)
    with provider.store.read() as db:
        newest = newest_event(db)
    assert rows(console, "/evenements") == 25
    assert rows(console, f"/evenements?avant={newest - 24}") == 25
    assert rows(console, f"/evenements?avant={newest - 49}") == newest - 50


def test_the_feed_gives_what_came_and_where_to_go_on(
    console: FlaskClient, provider: Provider
) -> None:
    for _ in range(70):
        write_event(provider)
    told = console.get("/evenements/flux?after=0").get_json()
    write_event(provider, Event.PIN_REFUSED, person=PERSON, success=False)
    fresh = console.get(f"/evenements/flux?after={told['cursor']}").get_json()
    new = [one for one in fresh["events"] if one["seq"] > told["cursor"]]
    assert [(one["event"], one["kind"], one["person"]) for one in new] == [
        ("devices:pin:refused", "error", PERSON)
    ]
    assert fresh["cursor"] == told["cursor"] + 1
    narrowed = console.get(f"/evenements/flux?after={told['cursor']}&personne=8").get_json()
    assert narrowed["events"] == []


def test_the_feed_tells_what_is_committed_after_a_later_number(
    database_url: str, master_key: str
) -> None:
    """On PostgreSQL a number is given before its transaction commits."""
    opened = open_provider(make_settings(database_url, master_key, **QUICK))
    browser = browser_of(create_console(opened))
    Door(browser).by_secret(DEV_SECRET)
    with opened.store.read() as db:
        first = newest_event(db) + 1
    write_numbered(opened, first + 1)
    cursor = browser.get("/evenements/flux?after=0").get_json()["cursor"]
    assert cursor == first + 1
    write_numbered(opened, first)
    told = browser.get(f"/evenements/flux?after={cursor}").get_json()
    assert first in [one["seq"] for one in told["events"]]
    opened.store.close()


def test_one_event_is_shown_in_full(console: FlaskClient, provider: Provider) -> None:
    write_event(provider, Event.DEVICE_SUSPENDED, person=PERSON, device_id="abc", reason="copie")
    with provider.store.read() as db:
        seq = newest_event(db)
    page = texts(console, f"/evenements/{seq}")
    for part in ("devices:device:suspended", PERSON, "abc", '"reason": "copie"'):
        assert part in page
    assert "suspendue par sécurité" in page


def test_what_a_person_reads_of_an_event_is_told() -> None:
    """Of each that names a person; the others stand under their own name."""
    assert all(bool(sentence(event)) != (event in OF_NOBODY) for event in Event)
