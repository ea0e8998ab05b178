"""Orders that were never confirmed and codes that nobody used are not kept for ever."""

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from relying_services.mon_compte import KIND
from relying_services.mon_compte.__main__ import main
from relying_services.mon_compte.retention import forget_drafts
from relying_services.mon_compte.store.credential_models import LetterRow
from relying_services.mon_compte.store.credentials import letter_of, put_letter
from relying_services.mon_compte.store.models import OrderLineRow, OrderRow
from relying_services.mon_compte.store.orders import add_draft, orders
from relying_services.service.store.database import Store
from tests.relying_services.mon_compte.rows import OWNER
from tests.relying_services.plans import scanned, watched

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def order(store: Store, days: int, *, confirmed: bool = False) -> None:
    with store.begin() as db:
        drawn_at = NOW - days * DAY
        row = OrderRow(
            owner=OWNER,
            ordered_by=f"{OWNER} {days}",
            ordered_by_name="Solène MARGELLE",
            practice_name=f"{days} days",
            address="1 rue des Feuillantines",
            drawn_at=drawn_at,
            confirmed_at=drawn_at if confirmed else None,
        )
        add_draft(db, row, {"transport": 1})


@pytest.mark.parametrize(
    ("arguments", "kept"), [([], {1, 29, 400}), (["--draft-days", "2"], {1, 400})]
)
def test_an_order_that_was_not_confirmed_is_forgotten(
    either_url: str, arguments: list[str], kept: set[int]
) -> None:
    """With its lines; 30 days unless it is said otherwise. One that took effect stays."""
    store = Store(either_url, KIND.tables)
    store.upgrade()
    for days in (1, 29, 31):
        order(store, days)
    order(store, 400, confirmed=True)
    asked = ["purge", "--trace-days", "1000", "--database-url", either_url, *arguments]
    assert CliRunner().invoke(main, asked).exit_code == 0
    with store.read() as db:
        shown = orders(db, OWNER, limit=9)
        lines = db.scalar(select(func.count()).select_from(OrderLineRow))
    assert {int(each.practice_name.split()[0]) for each in shown} == kept
    assert lines == len(kept)
    store.close()


def test_a_code_is_forgotten_when_it_is_over(service_url: str) -> None:
    """And not before."""
    store = Store(service_url, KIND.tables)
    for login, ends_at in (("991234567", NOW), ("991234575", NOW + DAY)):
        with store.begin() as db:
            letter = LetterRow(actor=login, login=login, name="", code="", ends_at=ends_at)
            put_letter(db, letter)
    CliRunner().invoke(main, ["purge", "--trace-days", "1", "--database-url", service_url])
    with store.read() as db:
        assert letter_of(db, "991234567") is None
        assert letter_of(db, "991234575") is not None
    store.close()


def test_what_is_forgotten_is_found_along_indexes(service_url: str) -> None:
    store = Store(service_url, KIND.tables)
    with watched(store.engine) as statements, store.begin() as db:
        forget_drafts(db, NOW, NOW)
    assert len(statements) == 2
    assert scanned(store.engine, statements) == {}
    store.close()
