"""No statement of the workstation reads a table that grows from end to end."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from inspect import getmembers, isfunction, signature
from typing import Any

import pytest
from sqlalchemy.orm import Session

from relying_services.billing.states import State
from relying_services.billing.store import (
    batches,
    invoices,
    mailbox_access,
    numbers,
    replacements,
)
from relying_services.billing.store.models import (
    BatchRow,
    InvoiceRow,
    MailboxAccessRow,
    ReplacementRow,
)
from relying_services.billing.store.tables import TABLES
from relying_services.service.store.database import Store
from tests.relying_services.plans import Asked, scanned, watched

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
STORES = (batches, invoices, mailbox_access, numbers, replacements)


def replacement() -> ReplacementRow:
    """Closed, so that it can be deleted."""
    return ReplacementRow(
        id="R-1", replaced="D", replaced_name="D", substitute="S", substitute_name="S",
        kind="one_off", state=State.DESACTIVEE, starts_on=None, ends_on=None, prepared_at=NOW,
        text="", signed={}, situation=None, held_by=None, invoices=0,
    )  # fmt: skip


def batch() -> BatchRow:
    return BatchRow(
        number=1, made_at=NOW, billed_for="D", signer="S", invoices=1, total=1, text="",
        signed={}, sent_by=None, sent_at=None,
    )  # fmt: skip


def invoice() -> InvoiceRow:
    return InvoiceRow(
        number=1, issued_at=NOW, billed_for="D", author="S", total=1, text="", signed={},
        batch_number=None,
    )  # fmt: skip


def access() -> MailboxAccessRow:
    return MailboxAccessRow(
        replacement_id="R-1", owner="D", member="S", granted_at=None, asked_of="a@b.test",
        asked_at=NOW, message_id=1,
    )  # fmt: skip


ACT: dict[str, Any] = {
    "act": "prepare", "at": NOW, "actor": "D", "card_number": "97", "text": "", "signed": {},
}  # fmt: skip

CALLS: list[tuple[Callable[..., Any], Callable[[Session, ReplacementRow], Any]]] = [
    (mailbox_access.add, lambda db, _: mailbox_access.add(db, access())),
    (mailbox_access.find, lambda db, _: mailbox_access.find(db, "R-unknown")),
    (mailbox_access.between, lambda db, _: mailbox_access.between(db, "D", "S")),
    (mailbox_access.note_opened, lambda db, _: mailbox_access.note_opened(db, "R-1", NOW)),
    (mailbox_access.withdraw, lambda db, _: mailbox_access.withdraw(db, "R-1")),
    (invoices.add, lambda db, _: invoices.add(db, invoice())),
    (invoices.find, lambda db, _: invoices.find(db, 2)),
    (invoices.newest, lambda db, _: invoices.newest(db, "D", None, 50)),
    (invoices.newest, lambda db, _: invoices.newest(db, "D", 9, 50)),
    (invoices.unbatched, lambda db, _: invoices.unbatched(db, "D", 200)),
    (batches.add, lambda db, _: batches.add(db, batch())),
    (invoices.put_in_batch, lambda db, _: invoices.put_in_batch(db, [1], "D", 1)),
    (batches.find, lambda db, _: batches.find(db, 2)),
    (batches.newest, lambda db, _: batches.newest(db, "D", 50)),
    (batches.send, lambda db, _: batches.send(db, 1, "S", NOW)),
    (batches.unanswered, lambda db, _: batches.unanswered(db, "D")),
    (batches.answer, lambda db, _: batches.answer(db, batch(), NOW, "")),
    (batches.returns, lambda db, _: batches.returns(db, "D", 50)),
    (numbers.next_number, lambda db, _: numbers.next_number(db, "FSE")),
    (numbers.take, lambda db, _: numbers.take(db, "FSE", 2)),
    (replacements.find, lambda db, _: replacements.find(db, "R-unknown")),
    (replacements.of_person, lambda db, _: replacements.of_person(db, "D")),
    (replacements.prepared_for, lambda db, _: replacements.prepared_for(db, "S")),
    (replacements.is_any_prepared, lambda db, _: replacements.is_any_prepared(db)),
    (replacements.held_by, lambda db, _: replacements.held_by(db, "handle")),
    (replacements.is_under_way, lambda db, _: replacements.is_under_way(db, "D")),
    (replacements.move, lambda db, row: replacements.move(db, row, State.DESACTIVEE)),
    (replacements.release_others, lambda db, row: replacements.release_others(db, row, "handle")),
    (replacements.count_invoice, lambda db, row: replacements.count_invoice(db, row, "handle")),
    (replacements.add_act, lambda db, row: replacements.add_act(db, row, **ACT)),
    (replacements.acts_of, replacements.acts_of),
    (replacements.remove, replacements.remove),
]
"""Every function of the store, as it is called."""


@pytest.fixture
def store(either_url: str) -> Iterator[Store]:
    made = Store(either_url, TABLES)
    made.upgrade()
    yield made
    made.close()


def asked_of(store: Store) -> Asked:
    """The statements of the whole store."""
    with store.begin() as db:
        row = replacement()
        db.add(row)
        db.flush()
        with watched(store.engine) as statements:
            for _, call in CALLS:
                call(db, row)
                db.flush()
    return statements


def test_every_function_of_the_store_is_looked_at() -> None:
    """One to come without a call here fails."""
    offered = {
        function
        for module in STORES
        for name, function in getmembers(module, isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and "db" in signature(function).parameters
    }
    assert offered == {function for function, _ in CALLS}


def test_every_query_goes_along_an_index(store: Store) -> None:
    """On both databases: however many sessions, invoices and batches there are."""
    statements = asked_of(store)
    assert len(statements) >= 25
    assert scanned(store.engine, statements) == {}


def test_the_newest_are_not_sorted_out_of_all(service_url: str) -> None:
    """A list that ends after some rows reads no more of them, as SQLite's planner tells."""
    store = Store(service_url, TABLES)
    store.upgrade()
    limited = [each for each in asked_of(store).items() if "LIMIT" in each[0]]
    assert len(limited) >= 6
    with store.engine.connect() as connection:
        for statement, given in limited:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given).all()
            assert "TEMP B-TREE" not in str(plan), statement
    store.close()


@pytest.mark.parametrize("asked", ["text = 'X'", "kind = 'one_off' ORDER BY id LIMIT 1"])
def test_a_statement_without_an_index_would_be_seen(store: Store, asked: str) -> None:
    with watched(store.engine) as statements, store.engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT id FROM replacement WHERE {asked}").all()
    assert list(scanned(store.engine, statements)) == ["replacement"]
