"""However many accounts there are, every page reads along an index (MA-09)."""

from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, insert, select, text

from relying_services.clock import Clock
from relying_services.mon_compte.__main__ import main
from relying_services.mon_compte.invented import MOST_ACCOUNTS, Volume, holder_at
from relying_services.mon_compte.payments import ORDERS, SORTS
from relying_services.mon_compte.populate import TooManyAccounts, populate
from relying_services.mon_compte.search import Search
from relying_services.mon_compte.store.base import Base
from relying_services.mon_compte.store.models import (
    AccountRow,
    InvoiceRow,
    OrderLineRow,
    OrderRow,
    PaymentRow,
    QuestionRow,
)
from relying_services.mon_compte.store.questions import unanswered
from relying_services.mon_compte.views_invoices import SEALER
from relying_services.service.app import service_of
from relying_services.service.store.database import Store
from relying_services.service.store.models import SessionRow
from tests.relying_services.mon_compte.conftest import Made
from tests.relying_services.plans import Asked, watched
from tests.relying_services.signed_in import post, sign_in

ACCOUNTS = 1_500
OWNER = holder_at(700).owner
VOLUME = Volume(months=4, invoices=2)


@pytest.fixture
def crowded(made: Made, either_url: str, clock: Clock) -> Flask:
    """So many accounts that no planner reads a table of theirs from one end to the other."""
    app = made(either_url, page_rows=2)
    store, now = service_of(app).store, clock.now()
    populate(store, clock, accounts=ACCOUNTS, seed=1, volume=VOLUME)
    owners = [holder_at(place).owner for place in range(ACCOUNTS) for _each in range(3)]
    made_by = {"ordered_by_name": "X", "practice_name": "X", "address": "X"}
    asked = {
        "asked_by_name": "X",
        "subject": "autre",
        "text": "X",
        "answer": "X",
        "answered_by": "X",
    }
    kept = {"name": "X", "means": "CARD", "userinfo": {}, "kept": {}, "ends_at": now}
    with store.begin() as db:
        orders = [
            {"owner": owner, "ordered_by": owner, "drawn_at": now, "confirmed_at": now}
            for owner in owners
        ]
        db.execute(insert(OrderRow), [order | made_by for order in orders])
        lines = [{"order_id": order, "form": "transport", "quantity": 1} for order in _numbers()]
        db.execute(insert(OrderLineRow), lines)
        moments = [now - timedelta(minutes=number) for number in _numbers()]
        questions = [
            {"owner": owner, "asked_by": owner, "asked_at": moment, "answered_at": moment}
            for owner, moment in zip(owners, moments, strict=True)
        ]
        db.execute(insert(QuestionRow), [question | asked for question in questions])
        sessions = [
            {"handle": str(order), "actor": owner, "opened_at": now, "seen_at": now}
            for order, owner in enumerate(owners)
        ]
        db.execute(insert(SessionRow), [session | kept for session in sessions])
        db.execute(text("ANALYZE"))
    return app


def _numbers() -> range:
    return range(1, 3 * ACCOUNTS + 1)


def read_whole(store: Store, asked: Asked) -> list[str]:
    """Statements for which a table or an index is read from one end to the other."""
    explain = "EXPLAIN QUERY PLAN" if store.is_sqlite else "EXPLAIN"
    sign = "SCAN " if store.is_sqlite else "Seq Scan"
    found = []
    with store.engine.connect() as connection:
        for statement, given in asked.items():
            rows = connection.exec_driver_sql(f"{explain} {statement}", given).all()
            plan = "\n".join(str(row[-1]) for row in rows)
            if sign in plan:
                found.append(f"{statement}\n{plan}")
    return found


def test_no_page_of_the_account_reads_a_table_from_end_to_end(crowded: Flask) -> None:
    """MA-09: every list, order, search and next page, and the look-up of the session."""
    browser, store = sign_in(crowded, OWNER), service_of(crowded).store
    with store.read() as db:
        payment = db.scalar(select(PaymentRow.id).where(PaymentRow.owner == OWNER))
        invoice = db.scalar(select(InvoiceRow.id).where(InvoiceRow.owner == OWNER))
        order = db.scalar(select(OrderRow.id).where(OrderRow.owner == OWNER))
        question = db.scalar(select(QuestionRow.id).where(QuestionRow.owner == OWNER))
    seal, whose = service_of(crowded).more[SEALER].seal, f"{OWNER} {OWNER}"
    searches = [
        seal(Search(**terms), whose)
        for terms in ({"patient": "saint"}, {"facture": "0000"}, {"lot": "0"}, {"du": "2026-01-01"})
    ]
    listed = "/paiements/tiers-payant"
    pages = ["/", "/informations", "/activite", "/paiements", f"/paiements/{payment}"]
    pages += [f"/paiements?nature=tiers_payant&apres={payment}", "/paiements/aide-teletransmission"]
    pages += [f"/paiements/{payment}?apres=1", f"{listed}.csv", "/imprimes", f"/imprimes/{order}"]
    pages += [f"/imprimes?apres={order}", "/contact", f"/contact/{question}"]
    pages += [f"/contact?apres={question}", *(f"{listed}?recherche={each}" for each in searches)]
    pages += [
        f"{listed}?tri={sort}&ordre={order}&apres={invoice}" for sort in SORTS for order in ORDERS
    ]
    with watched(store.engine) as asked:
        for page in pages:
            assert browser.get(page).status_code == 200, page
        post(browser, "/contact", sujet="autre", message="Bonjour")
        number = holder_at(700).numbers[0]
        drawn = post(browser, "/imprimes", livraison=number, transport="1").location
        assert post(browser, f"{drawn}/confirmation").status_code == 303
        with store.read() as db:
            assert len(unanswered(db, 10)) == 1
    tables = {"account", "practice", "payment", "invoice", "activity", "form_order"}
    tables |= {"form_order_line", "question", "service_session"}
    asked_of = " ".join(asked)
    assert not [table for table in tables if f" {table} " not in asked_of.replace("\n", " ")]
    assert not read_whole(store, asked)
    # What reads a whole table is seen: this test can fail.
    with watched(store.engine) as asked, store.read() as db:
        db.scalars(select(PaymentRow).where(PaymentRow.sheets == 7)).all()
    assert len(read_whole(store, asked)) == 1


def test_an_account_is_populated_the_same_for_the_same_seed(made: Made, either_url: str) -> None:
    """MA-09: invented accounts, the same on both databases; those that exist are left alone."""
    app = made(either_url)
    store, clock = service_of(app).store, service_of(app).clock
    first = populate(store, clock, accounts=20, seed=7, volume=VOLUME)
    assert first.accounts == 20
    assert first.rows == sum(counts(app).values())
    assert counts(app)["invoice"] == 20 * VOLUME.months * VOLUME.invoices
    before = counts(app)
    again = populate(store, clock, accounts=20, seed=7, volume=VOLUME)
    assert (again.accounts, again.rows, counts(app)) == (0, 0, before)
    more = populate(store, clock, accounts=30, seed=7, volume=VOLUME)
    assert more.accounts == 10


def test_sums_of_transfers_are_those_of_their_invoices(made: Made, service_url: str) -> None:
    """MA-04: in cents, to the last one; nothing is paid in the future."""
    app = made(service_url)
    store, clock = service_of(app).store, service_of(app).clock
    populate(store, clock, accounts=5, seed=2, volume=Volume())
    with store.read() as db:
        query = (
            select(PaymentRow.amount, func.sum(InvoiceRow.amount), func.max(InvoiceRow.paid_on))
            .join(InvoiceRow, InvoiceRow.payment_id == PaymentRow.id)
            .group_by(PaymentRow.id)
        )
        sums = db.execute(query).all()
        owners = db.scalars(select(AccountRow.owner)).all()
        kinds = set(db.scalars(select(PaymentRow.kind)))
    assert len(sums) == 5 * Volume().months
    assert all(amount == total and amount > 0 for amount, total, _day in sums)
    assert max(day for _amount, _total, day in sums) <= date.today() + timedelta(days=1)  # noqa: DTZ011 - a bound
    assert all(len(owner) == 12 and owner.startswith("8997") for owner in owners)
    assert kinds == {"tiers_payant", "aide"}


def test_the_command_tells_what_it_wrote_and_in_which_time(made: Made, service_url: str) -> None:
    """MA-09: an account for somebody who can sign in, besides invented ones."""
    person = ("--person", "899700990015", "MARGELLE", "Solène", "991000019")
    arguments = ["populate", "--database-url", service_url, "--accounts", "3", *person]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert done.output.startswith("4 accounts, ")
    app = made(service_url)
    assert f"{sum(counts(app).values())} rows in " in done.output
    page = sign_in(app, "899700990015").get("/informations").text
    assert "Cabinet principal du Dr MARGELLE" in page
    assert "<code>991000019</code>" in page


def test_more_accounts_than_there_are_invented_numbers_are_refused(
    made: Made, service_url: str, clock: Clock
) -> None:
    store = service_of(made(service_url)).store
    with pytest.raises(TooManyAccounts, match="at most 700000"):
        populate(store, clock, accounts=MOST_ACCOUNTS + 1, seed=1, volume=VOLUME)


def counts(app: Flask) -> dict[str, int]:
    """Rows of each table."""
    with service_of(app).store.read() as db:
        return {
            table.name: db.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }
