"""No statement of the kit or of a smaller service reads a table that grows from end to end.

Each function of their stores is called; one that is not named here fails.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from inspect import getmembers, isfunction
from types import ModuleType
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.orm import Session

from relying_services.messaging.store import letters, mailboxes
from relying_services.messaging.store.models import LetterRow
from relying_services.messaging.store.tables import TABLES as MESSAGING
from relying_services.oncology.store import cases, sign_ins
from relying_services.oncology.store.models import CaseRow, OpinionRow
from relying_services.oncology.store.tables import TABLES as ONCOLOGY
from relying_services.regulation.invented import new_call
from relying_services.regulation.store import calls
from relying_services.regulation.store.tables import TABLES as REGULATION
from relying_services.service.ciba import Asked
from relying_services.service.settings import LIMITS
from relying_services.service.store import forms, messages, sessions, trace
from relying_services.service.store.database import OF_EVERY_SERVICE, Store, Tables
from tests.relying_services.plans import scanned, watched

NOW = datetime(2026, 6, 15, 10, tzinfo=UTC)
A_DAY = timedelta(days=1)
MARGELLE, BRISELAME = "899700990015", "899700990023"
LIMIT = LIMITS["recent"]

Calls = dict[str, Callable[[Session], Any]]


def opened(db: Session) -> str:
    return sessions.open_session(db, LIMIT, NOW, actor=MARGELLE, name="S", means="CARD")


def session(db: Session) -> Any:
    return sessions.find_session(db, opened(db))


def written(db: Session) -> Any:
    message = messages.write(db, NOW, kind="mail", recipient="a@b.test", subject="S", text="T")
    db.flush()
    return message


def used(db: Session) -> str:
    forms.take(db, "form", NOW)
    return "form"


OF_THE_KIT: Calls = {
    "sessions.open_session": opened,
    "sessions.purge_sessions": lambda db: sessions.purge_sessions(db, NOW),
    "sessions.find_session": session,
    "sessions.is_use_to_be_noted": lambda db: sessions.is_use_to_be_noted(session(db), NOW),
    "sessions.note_use": lambda db: sessions.note_use(db, session(db), LIMIT, NOW),
    "sessions.choose_activity": lambda db: sessions.choose_activity(db, session(db), {}),
    "sessions.keep": lambda db: sessions.keep(db, session(db), x=1),
    "sessions.end_session": lambda db: sessions.end_session(db, session(db)),
    "sessions.end_of_provider": lambda db: [
        sessions.end_of_provider(db, sid=sid, sub=sub)
        for sid, sub in (("sid", None), (None, "sub"), ("sid", "sub"))
    ],
    "sessions.live_sessions_of": lambda db: sessions.live_sessions_of(db, MARGELLE, NOW),
    "sessions.end_sessions_of": lambda db: sessions.end_sessions_of(db, MARGELLE),
    "trace.entries": lambda db: [
        trace.entries(db, before=before, **{name: "x"})  # type: ignore[arg-type] # all are texts
        for before in (None, 9)
        for name in ("actor", "on_behalf_of", "delegation_id", "sid")
    ],
    "trace.purge_trace": lambda db: trace.purge_trace(db, NOW),
    "messages.write": written,
    "messages.messages_after": lambda db: messages.messages_after(db, 7),
    "messages.take_due": lambda db: [written(db), messages.take_due(db, NOW, 5)],
    "messages.forget": lambda db: messages.forget(db, written(db).id),
    "messages.purge_messages": lambda db: messages.purge_messages(db, NOW, NOW - A_DAY),
    "messages.note_sent": lambda db: messages.note_sent(db, written(db), NOW),
    "forms.take": used,
    "forms.note_led_to": lambda db: forms.note_led_to(db, used(db), "/"),
    "forms.led_to": lambda db: forms.led_to(db, used(db)),
}


def mailbox(db: Session, owner: str) -> Any:
    return mailboxes.open_mailbox(
        db, NOW, owner=owner, name="S", sorted_name="s", address_of=lambda _rank: owner
    )


def letter(db: Session) -> int:
    for owner in (MARGELLE, BRISELAME):
        mailbox(db, owner)
    told = {"subject": "S", "text": "T", "activity": "", "sent_at": NOW, "read_at": None}
    return letters.add_letter(db, LetterRow(sender=MARGELLE, recipient=BRISELAME, **told))


OF_MESSAGING: Calls = {
    "letters.received": lambda db: [
        letters.received(db, BRISELAME, before=before, limit=2) for before in (None, 9)
    ],
    "letters.sent": lambda db: [
        letters.sent(db, MARGELLE, before=before, limit=2) for before in (None, 9)
    ],
    "letters.letter_for": lambda db: letters.letter_for(db, MARGELLE, letter(db)),
    "letters.note_read": lambda db: letters.note_read(db, BRISELAME, letter(db), NOW),
    "letters.add_letter": letter,
    "letters.has_sent": lambda db: letters.has_sent(db, MARGELLE, 2, NOW),
    "letters.unread": lambda db: letters.unread(db, BRISELAME),
    "mailboxes.mailbox_of": lambda db: mailboxes.mailbox_of(db, MARGELLE),
    "mailboxes.mailbox_at": lambda db: mailboxes.mailbox_at(db, "a@b.test"),
    "mailboxes.open_mailbox": lambda db: mailbox(db, MARGELLE),
    "mailboxes.directory": lambda db: mailboxes.directory(db, "s", 5),
}


def call(db: Session) -> int:
    row = new_call(NOW, urgency="P2", reason="R", place="P", phone="01 99 00 12 34")
    calls.add_calls(db, [row])
    return row.id


OF_REGULATION: Calls = {
    "calls.add_calls": call,
    "calls.find_call": lambda db: calls.find_call(db, call(db)),
    "calls.waiting": lambda db: calls.waiting(db, 5),
    "calls.in_hand": lambda db: calls.in_hand(db, MARGELLE),
    "calls.closed_by": lambda db: calls.closed_by(db, MARGELLE, 5),
    "calls.take": lambda db: calls.take(
        db, call(db), regulator=MARGELLE, name="S", most=3, now=NOW
    ),
    "calls.give_back": lambda db: calls.give_back(db, call(db), regulator=MARGELLE),
    "calls.close": lambda db: calls.close(
        db, call(db), regulator=MARGELLE, outcome="conseil", note="N", now=NOW
    ),
}


def case(db: Session) -> int:
    row = CaseRow(
        presenter=MARGELLE, presenter_name="S", title="T", question="Q", presented_at=NOW,
        state="open", conclusion="", concluded_at=None,
    )  # fmt: skip
    return cases.present(db, row, [BRISELAME])


def opinion(db: Session) -> OpinionRow:
    return OpinionRow(
        case_id=case(db), author=BRISELAME, author_name="A", specialty="SM54",
        position="favorable", text="T", given_at=NOW,
    )  # fmt: skip


def asked(db: Session) -> Any:
    return sign_ins.find(db, sign_ins.keep(db, NOW, Asked("id", "42", "CARD", 5, 120)))


OF_ONCOLOGY: Calls = {
    "cases.present": case,
    "cases.cases_of": lambda db: cases.cases_of(db, MARGELLE, 5),
    "cases.case_for": lambda db: cases.case_for(db, MARGELLE, case(db)),
    "cases.participants_of": lambda db: cases.participants_of(db, case(db)),
    "cases.opinions_of": lambda db: cases.opinions_of(db, case(db)),
    "cases.give": lambda db: cases.give(db, opinion(db)),
    "cases.conclude": lambda db: cases.conclude(
        db, case(db), presenter=MARGELLE, conclusion="C", quorum=1, now=NOW
    ),
    "sign_ins.keep": asked,
    "sign_ins.find": asked,
    "sign_ins.is_to_be_asked": lambda db: sign_ins.is_to_be_asked(db, asked(db), NOW),
    "sign_ins.slow_down": lambda db: sign_ins.slow_down(db, asked(db), 5),
    "sign_ins.end": lambda db: sign_ins.end(db, asked(db)),
}

ONE_ROW = "calls.has_calls"
"""Whether there is any row at all: the first that is met answers it."""
EVERY: list[tuple[Tables, tuple[ModuleType, ...], Calls]] = [
    (OF_EVERY_SERVICE, (sessions, trace, messages, forms), OF_THE_KIT),
    (MESSAGING, (letters, mailboxes), OF_MESSAGING),
    (REGULATION, (calls,), OF_REGULATION),
    (ONCOLOGY, (cases, sign_ins), OF_ONCOLOGY),
]
NAMES = [tables.name for tables, _modules, _calls in EVERY]


@pytest.fixture
def opened_store(either_url: str, tables: Tables) -> Iterator[Store]:
    """An empty database of a service."""
    made = Store(either_url, None if tables is OF_EVERY_SERVICE else tables)
    made.upgrade()
    yield made
    made.close()


@pytest.mark.parametrize(("tables", "modules", "each"), EVERY, ids=NAMES)
def test_every_query_goes_along_an_index(
    opened_store: Store, tables: Tables, modules: tuple[ModuleType, ...], each: Calls
) -> None:
    """MA-09: a request costs the same however much there is; models and migrations are one."""
    functions = {
        f"{module.__name__.rpartition('.')[2]}.{name}"
        for module in modules
        for name, function in getmembers(module, isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }
    assert functions - {ONE_ROW} == set(each)
    asked_for: dict[str, Any] = {}
    for work in each.values():
        with watched(opened_store.engine) as statements, opened_store.begin() as db:
            work(db)
            db.flush()
            db.rollback()
        asked_for |= statements
    assert len(asked_for) >= len(each) // 2
    assert scanned(opened_store.engine, asked_for) == {}
    assert _differences(opened_store, tables) == []


def _differences(store: Store, tables: Tables) -> list[Any]:
    def is_own(_item: object, name: str | None, kind: str, *_: object) -> bool:
        return kind != "table" or name in tables.metadata.tables

    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_own})
        return list(compare_metadata(context, tables.metadata))


@pytest.mark.parametrize("tables", [MESSAGING], ids=["messaging"])
def test_a_statement_without_an_index_would_be_seen(opened_store: Store) -> None:
    with watched(opened_store.engine) as statements, opened_store.engine.connect() as connection:
        connection.exec_driver_sql("SELECT id FROM letter WHERE subject = 'X'").all()
    assert list(scanned(opened_store.engine, statements)) == ["letter"]
