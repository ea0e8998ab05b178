"""What a test follows: sessions, the journal, what was sent; and what it has run."""

from datetime import timedelta
from importlib import import_module

import pytest

from idp.outbox.delivery import SEAL
from idp.provider import Provider
from idp.store.models import BrowserSession, Device, JournalSegment, OutboxMessage
from idp.store.outbox import add_message
from idp.store.statements import insert_row
from tests.cards.rows import a_phone
from tests.dev.helpers import Developer, developer_of
from tests.sessions.helpers import listening, session_with
from tests.signin.helpers import all_of

MARGELLE = "899700990015"
LETTER = b'{"subject": "a", "text": "b", "qr": null}'


def mails_to_ada(provider: Provider) -> list[OutboxMessage]:
    return [one for one in all_of(provider, OutboxMessage) if one.recipient == "ada@exemple.test"]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("sessions", {"national_id": "1"}),
        ("sessions", {"limit": "0"}),
        ("sessions", {"sid": "x"}),
        ("events", {"after": "-1"}),
        ("events", {"after": str(2**63)}),
        ("events", {"event": "signin"}),
        ("events", {"event": "signin:session:begun"}),
        ("events", {"national_id": "nobody"}),
        ("outbox", {"after": "first"}),
    ],
)
def test_a_query_of_another_form_is_refused(
    developer: Developer, path: str, query: dict[str, str]
) -> None:
    status, detail = developer.refused("GET", path, **query)
    assert (status, bool(detail)) == (400, True)


def test_an_event_that_there_is_not_is_told_those_that_there_are(developer: Developer) -> None:
    _, detail = developer.refused("GET", "events", event="signin:session:begun")
    assert "signin:session:opened" in detail


def test_a_session_tells_who_where_and_by_what(
    developer_of_both: Developer, both: Provider
) -> None:
    with listening(both):
        sid = session_with(both, "one", "two")
        other = session_with(both, "one", national_id="899700990098")
        ended = session_with(both)
        developer_of_both.ask("DELETE", f"sessions/{ended}")
    [_, told] = sorted(
        developer_of_both.told("GET", "sessions", national_id=MARGELLE)["sessions"],
        key=lambda session: session["sid"] == sid,
    )
    assert (told["sid"], told["clients"], told["live"]) == (sid, ["one", "two"], True)
    assert told["means"] == sorted(all_of(both, BrowserSession)[0].means)
    in_two = developer_of_both.told("GET", "sessions", client_id="two")["sessions"]
    assert [session["sid"] for session in in_two] == [sid]
    everywhere = developer_of_both.told("GET", "sessions")["sessions"]
    assert {session["sid"] for session in everywhere} == {sid, other, ended}
    assert {s["sid"] for s in everywhere if s["ended_at"]} == {ended}


def test_a_session_that_idled_too_long_is_told_as_over(
    developer: Developer, provider: Provider
) -> None:
    """Decision 8."""
    session_with(provider)
    developer.told("POST", "clock", {"advance": 31 * 60})
    [told] = developer.told("GET", "sessions")["sessions"]
    assert (told["live"], told["ended_at"]) == (False, None)


def test_a_session_is_ended_once_and_its_services_are_told(
    developer: Developer, provider: Provider
) -> None:
    """OpenID Connect Back-Channel Logout 1.0; what is due is sent when the jobs have run."""
    with listening(provider) as heard:
        sid = session_with(provider, "one", "silent")
        assert developer.ask("DELETE", f"sessions/{sid}").status_code == 204
        assert developer.refused("DELETE", f"sessions/{sid}")[0] == 404
        developer.told("POST", "jobs")
        assert [claims["sid"] for claims in heard.tokens()] == [sid]


def test_the_journal_is_followed_by_a_cursor(developer_of_both: Developer, both: Provider) -> None:
    """Decision 38: short looks, each event once, oldest first."""
    person = developer_of_both.told("POST", "people", {})["national_id"]
    seen: list[str] = []
    cursor = 0
    while page := developer_of_both.told("GET", "events", after=cursor, limit=2)["events"]:
        seen += [event["event"] for event in page]
        cursor = page[-1]["seq"]
    assert seen[0] == "store:world:created"
    assert len(seen) == 5
    assert developer_of_both.told("GET", "events", after=cursor)["cursor"] == cursor
    of_person = developer_of_both.told("GET", "events", national_id=person)["events"]
    assert {event["person"] for event in of_person} == {person}
    assert len(of_person) == 4
    of_kind = developer_of_both.told("GET", "events", event="registration:activity:")["events"]
    assert [event["event"] for event in of_kind] == seen[2:4]


def test_events_of_a_service_are_found_by_its_name(developer: Developer) -> None:
    for client_id in ("one", "two"):
        developer.told(
            "POST", "clients", {"client_id": client_id, "redirect_uris": ["http://a.test/"]}
        )
    [event] = developer.told("GET", "events", client_id="two")["events"]
    assert (event["event"], event["client_id"]) == ("oauth:client:added", "two")


def test_no_page_is_longer_than_the_setting(provider: Provider) -> None:
    provider.settings = provider.settings.model_copy(update={"dev_page": 2})
    developer = developer_of(provider)
    developer.told("POST", "people", {})
    assert len(developer.told("GET", "events", limit=1000)["events"]) == 2
    assert len(developer.told("GET", "people", limit=1000)["people"]) == 2


def test_what_a_moved_clock_makes_due_is_done_when_the_jobs_answer(
    developer_of_both: Developer, both: Provider
) -> None:
    """Phones end, messages are out, the journal is sealed."""
    now = both.clock.now()
    with both.store.begin() as db:
        insert_row(db, a_phone(both, expires_at=now + timedelta(hours=2)))
        add_message(
            db,
            kind="mail",
            recipient="ada@exemple.test",
            payload_sealed=both.sealer.seal(LETTER, purpose=SEAL),
            now=now,
            due_at=now + timedelta(hours=1),
        )
    ran = developer_of_both.told("POST", "jobs")["ran"]
    assert {"expiry", "journal", "cards", "directory", "fetch", "outbox"} <= set(ran)
    assert [message.state for message in mails_to_ada(both)] == ["pending"]
    assert [device.state for device in all_of(both, Device)] == ["active"]
    developer_of_both.told("POST", "clock", {"advance": 86400})
    developer_of_both.told("POST", "jobs")
    assert [message.state for message in mails_to_ada(both)] == ["kept"]
    assert [device.state for device in all_of(both, Device)] == ["expired"]
    assert all_of(both, JournalSegment)


def test_what_a_worker_sends_already_is_waited_for(
    developer: Developer, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a test would look for a message between its taking and its going out."""
    looks = iter([True, True, False])
    monkeypatch.setattr(import_module("idp.dev.jobs"), "has_sending", lambda _db: next(looks))
    developer.told("POST", "jobs")
    assert list(looks) == []
