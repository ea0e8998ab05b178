"""The outbox on the console (decision 40): who sees what of a message, and sending again."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.audit.events import Event
from idp.console.app import create_console
from idp.outbox.queue import enqueue_letter, withhold_message
from idp.provider import Provider, open_provider
from idp.store.outbox import queue_again
from idp.store.running import find_message, messages_page
from idp.store.world import move_clock
from idp.worker.dispatcher import drain
from tests.conftest import DEV_SECRET, make_settings
from tests.console.conftest import QUICK
from tests.console.helpers import Door, browser_of, colleague, error_in, events, post
from tests.console.running_helpers import (
    ADDRESS,
    TEXT,
    newest,
    simultaneously,
    texts,
    write_mail,
)
from tests.outbox.servers import mail_server

NOBODY_LISTENS = "smtp://127.0.0.1:1"


@pytest.fixture
def failing(database_url: str, master_key: str) -> Iterator[Provider]:
    """A simulation, on either database, whose mails go nowhere and are tried once."""
    settings = make_settings(
        database_url, master_key, smtp_url=NOBODY_LISTENS, outbox_attempts=1, **QUICK
    )
    opened = open_provider(settings)
    yield opened
    opened.store.close()


def failed_mail(provider: Provider, **more: Any) -> int:
    number = write_mail(provider, **more)
    drain(provider, "mail")
    assert newest(provider).state == "failed"
    return number


def at_work(provider: Provider) -> FlaskClient:
    browser = browser_of(create_console(provider))
    Door(browser).by_secret(DEV_SECRET)
    return browser


@pytest.mark.parametrize("number", ["0", "999", "x", "-1", "9" * 30, "٣"])
def test_there_is_no_page_of_a_message_that_is_not(console: FlaskClient, number: str) -> None:
    assert console.get(f"/messages/{number}").status_code == 404


def test_a_real_database_shows_neither_content_nor_contact(
    manned: Provider, manned_app: Flask
) -> None:
    """EC-02: not even to who may do everything."""
    number = write_mail(manned, qr="ecps://enrol?v=1")
    one = colleague(manned_app, manned, "claire", "administrator", "support", "registrar").browser
    manned.kind = "real"
    page, table = texts(one, f"/messages/{number}"), texts(one, "/messages")
    for read in (page, table):
        assert "s***@exemple.test" in read
        assert ADDRESS not in read
    assert TEXT not in page
    assert "Sujet" not in page
    assert "data:image" not in page


def test_a_message_that_is_withheld_is_none(console: FlaskClient, provider: Provider) -> None:
    """Decision 41: its row says only that somebody typed something."""
    number = write_mail(provider)
    with provider.store.begin() as db:
        withhold_message(provider, db, size=100)
    assert console.get(f"/messages/{number + 1}").status_code == 404
    assert texts(console, "/messages").count('<th scope="row">') == 1


def test_a_letter_is_not_read_before_it_is_posted(console: FlaskClient, provider: Provider) -> None:
    """CP-05: as on paper."""
    due = provider.clock.now().replace(year=provider.clock.now().year + 1)
    with provider.store.begin() as db:
        enqueue_letter(provider, db, to="899700990015", subject="Votre code", text=TEXT, due_at=due)
    page = texts(console, f"/messages/{newest(provider).id}")
    assert TEXT not in page
    assert "pas encore postée" in page


def test_a_simulation_shows_a_message_as_its_addressee_gets_it(
    console: FlaskClient, provider: Provider
) -> None:
    number = write_mail(provider, qr="ecps://enrol?v=1")
    page = texts(console, f"/messages/{number}")
    assert TEXT in page
    assert 'draggable="true" src="data:image/png;base64,' in page


def test_a_look_at_what_a_message_says_is_in_the_journal(
    manned: Provider, manned_app: Flask
) -> None:
    """As a look at contacts is: codes are in it. What was not shown was not looked at."""
    number = write_mail(manned)
    reader = colleague(manned_app, manned, "lea", "reader").browser
    texts(reader, "/messages")
    assert events(manned, Event.MESSAGE_SHOWN) == []
    assert TEXT in texts(reader, f"/messages/{number}")
    [look] = events(manned, Event.MESSAGE_SHOWN)
    assert (look.actor, look.data) == ("operator:lea", {"message": number, "kind": "mail"})
    manned.kind = "real"
    texts(reader, f"/messages/{number}")
    assert len(events(manned, Event.MESSAGE_SHOWN)) == 1


def test_messages_are_found_by_kind_state_and_exact_recipient(failing: Provider) -> None:
    first = failed_mail(failing)
    second = write_mail(failing, to="autre@exemple.test")
    asked: dict[str, Any] = {"kind": "", "state": "", "recipient": "", "before": 0, "limit": 9}

    def found(**given: Any) -> list[int]:
        with failing.store.read() as db:
            return [row.id for row in messages_page(db, **(asked | given))]

    assert found() == [second, first]
    assert found(state="failed") == [first]
    assert found(state="pending", kind="sms") == []
    assert found(kind="mail") == [second, first]
    assert found(recipient="autre@exemple.test") == [second]
    assert found(recipient="autre@exemple") == []
    assert found(before=second) == [first]


def test_a_list_of_one_state_goes_on_where_it_stopped(both: Provider) -> None:
    """Those of one moment are told apart by their number."""
    for _ in range(5):
        write_mail(both)
    seen: list[int] = []
    with both.store.read() as db:
        while rows := messages_page(
            db, kind="", state="pending", recipient="", before=seen[-1] if seen else 0, limit=2
        ):
            seen += [row.id for row in rows]
    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, reverse=True)


def test_what_did_not_fail_is_not_sent_again(console: FlaskClient, provider: Provider) -> None:
    number = write_mail(provider)
    assert "Renvoyer ce message" not in texts(console, f"/messages/{number}")
    answer = post(console, f"/messages/{number}/renvoi", page="/messages")
    assert answer.status_code == 409
    assert "n’est plus en échec" in error_in(answer)


def test_what_is_of_no_more_use_is_not_sent_again(failing: Provider) -> None:
    browser = at_work(failing)
    number = failed_mail(failing, expires_at=failing.clock.now().replace(microsecond=0))
    assert "n’est plus utile à personne" in texts(browser, f"/messages/{number}")
    assert post(browser, f"/messages/{number}/renvoi", page="/messages").status_code == 409


def test_a_failed_message_of_a_real_database_was_forgotten(
    failing: Provider,
) -> None:
    browser = at_work(failing)
    failing.kind = "real"
    number = failed_mail(failing)
    page = texts(browser, f"/messages/{number}")
    assert "n’est pas gardé" in page
    assert "Renvoyer ce message" not in page
    assert post(browser, f"/messages/{number}/renvoi", page="/messages").status_code == 409


def test_who_only_reads_sends_nothing_again(manned: Provider, manned_app: Flask) -> None:
    number = write_mail(manned)
    reader = colleague(manned_app, manned, "lea", "reader")
    assert reader.post(f"/messages/{number}/renvoi", page="/messages").status_code == 403


def test_a_failed_message_is_sent_again_and_arrives(failing: Provider, master_key: str) -> None:
    browser = at_work(failing)
    number = failed_mail(failing)
    assert "Renvoyer ce message" in texts(browser, f"/messages/{number}")
    answer = post(browser, f"/messages/{number}/renvoi", page=f"/messages/{number}")
    assert answer.location == f"/messages/{number}?fait=outbox.again"
    assert (newest(failing).state, newest(failing).attempts) == ("pending", 0)
    [done] = events(failing, Event.ACT_DONE)
    assert done.data == {"act": "outbox.again", "subject": str(number), "reason": ""}
    with mail_server() as server:
        url = failing.store.url.render_as_string(hide_password=False)
        repaired = open_provider(make_settings(url, master_key, smtp_url=server.url))
        drain(repaired, "mail")
        repaired.store.close()
        assert len(server.mails) == 1
    assert newest(failing).state == "sent"


def test_simultaneous_operators_send_a_message_again_once(failing: Provider) -> None:
    number = failed_mail(failing)

    def again() -> bool:
        with failing.store.begin() as db:
            return queue_again(db, number, now=failing.clock.now())

    assert sorted(map(bool, simultaneously(again))) == [False, False, False, True]
    with failing.store.read() as db:
        found = find_message(db, number)
    assert found is not None
    assert found.state == "pending"


def test_a_failure_stands_on_the_first_page(failing: Provider) -> None:
    browser = at_work(failing)
    assert "Rien n’est en échec" in texts(browser, "/")
    failed_mail(failing)
    page = texts(browser, "/")
    assert "1 message en échec" in page
    assert 'href="/messages?etat=failed"' in page


def test_messages_that_wait_too_long_are_told(console: FlaskClient, provider: Provider) -> None:
    write_mail(provider)
    assert "Aucun envoi depuis" not in texts(console, "/")
    with provider.store.begin() as db:
        move_clock(db, provider.settings.console_worker_lag * 2)
    assert "Aucun envoi depuis 10 minutes" in texts(console, "/")
