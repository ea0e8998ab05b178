"""Mails of a service, handed over to a real SMTP server (decision 40)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from relying_services.clock import Clock
from relying_services.service.app import service_of
from relying_services.service.messages import Postman, deliver, start_postman
from relying_services.service.store.database import Store
from relying_services.service.store.messages import messages_after, take_due, write
from tests.outbox.servers import mail_server
from tests.relying_services.service.conftest import Made

SENDER = "ne-pas-repondre@simulation.test"
TO = "solene.margelle@exemple.test"


@pytest.fixture
def store(either_url: str) -> Iterator[Store]:
    made = Store(either_url)
    made.upgrade()
    yield made
    made.close()


def written(store: Store, clock: Clock, kind: str = "mail", text: str = "Bonjour, é.") -> None:
    with store.begin() as db:
        write(db, clock.now(), kind=kind, recipient=TO, subject="Délégation", text=text)


def unsent(store: Store) -> int:
    with store.read() as db:
        return sum(each.sent_at is None for each in messages_after(db))


def test_a_mail_is_handed_over_once(store: Store, clock: Clock) -> None:
    """Sender, recipient, subject and text arrive as they were written."""
    written(store, clock)
    with mail_server() as server:
        assert deliver(store, clock, server.url, SENDER) == 1
        clock.move(timedelta(days=1))
        assert deliver(store, clock, server.url, SENDER) == 0
        mail = server.mails[0]
    assert (mail["From"], mail["To"], mail["Subject"]) == (SENDER, TO, "Délégation")
    assert mail.get_content().rstrip() == "Bonjour, é."
    assert unsent(store) == 0


def test_a_letter_is_not_mailed(store: Store, clock: Clock) -> None:
    """MA-01: a code by letter is on paper alone."""
    written(store, clock, "letter")
    with mail_server() as server:
        assert deliver(store, clock, server.url, SENDER) == 0
        assert server.mails == []


def test_a_mail_that_fails_is_tried_again_later_and_not_at_once(store: Store, clock: Clock) -> None:
    """A server that refuses, or is not there; each pause is twice the one before."""
    written(store, clock)
    with mail_server() as refusing:
        refusing.replies["RCPT"] = "450 later"
        assert deliver(store, clock, refusing.url, SENDER) == 0
        tried = len(refusing.recipients)
        assert deliver(store, clock, refusing.url, SENDER) == 0
        assert len(refusing.recipients) == tried == 0
        url = refusing.url
    clock.move(timedelta(seconds=10))
    assert deliver(store, clock, url, SENDER) == 0
    with mail_server() as server:
        clock.move(timedelta(seconds=19))
        assert deliver(store, clock, server.url, SENDER) == 0
        clock.move(timedelta(seconds=1))
        assert deliver(store, clock, server.url, SENDER) == 1


def test_who_looks_at_the_same_time_sends_no_mail_twice(store: Store, clock: Clock) -> None:
    """Two processes of one service: what one has taken the other does not."""
    written(store, clock)
    with store.begin() as db:
        assert len(take_due(db, clock.now(), 10)) == 1
    with store.begin() as db:
        assert take_due(db, clock.now(), 10) == []


@pytest.mark.parametrize("either_url", ["postgresql"], indirect=True)
def test_who_looks_while_a_mail_is_being_taken_does_not_take_it(store: Store, clock: Clock) -> None:
    """Nor waits for it; on SQLite one transaction that writes is alone anyway."""
    written(store, clock)
    with store.begin() as one, store.begin() as other:
        assert len(take_due(one, clock.now(), 10)) == 1
        assert take_due(other, clock.now(), 10) == []


def test_attack_a_header_cannot_be_smuggled_into_a_mail(store: Store, clock: Clock) -> None:
    """A name with a line break in it would add a recipient; it holds no other mail up."""
    with store.begin() as db:
        write(
            db,
            clock.now(),
            kind="mail",
            recipient=TO,
            subject="Délégation\r\nBcc: evil@evil.example",
            text="x",
        )
    written(store, clock)
    with mail_server() as server:
        assert deliver(store, clock, server.url, SENDER) == 1
        assert [(mail["Subject"], mail["Bcc"]) for mail in server.mails] == [("Délégation", None)]


def test_the_postman_stops_when_he_is_told_to(store: Store, clock: Clock) -> None:
    """He works beside the requests."""
    with mail_server() as server:
        postman = Postman(store, clock, server.url, SENDER)
        postman.start()
        postman.stop()
        postman.join(5)
        assert not postman.is_alive()


@pytest.mark.parametrize("is_told", [True, False])
def test_a_service_has_a_postman_where_its_settings_name_a_server(
    made: Made, monkeypatch: pytest.MonkeyPatch, *, is_told: bool
) -> None:
    """By the clock of the service, from its own database; without a server, mails are kept."""
    started: list[tuple[object, ...]] = []
    stopped: list[bool] = []
    monkeypatch.setattr(Postman, "start", lambda self: started.append(self._given))
    monkeypatch.setattr(Postman, "stop", lambda _self: stopped.append(True))
    service = service_of(made(**({"smtp_url": "smtp://localhost:1"} if is_told else {})))
    start_postman(service)()
    given = (service.store, service.clock, "smtp://localhost:1", service.settings.sender)
    assert started == ([given] if is_told else [])
    assert stopped == ([True] if is_told else [])
