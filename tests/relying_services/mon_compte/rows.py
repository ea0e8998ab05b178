"""Rows of an account, written as the fund writes them."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from relying_services.folded import folded
from relying_services.mon_compte import (
    views,
    views_contact,
    views_forms,
    views_invoices,
    views_payments,
)
from relying_services.mon_compte.access import Access, Level
from relying_services.mon_compte.store.populating import write_rows
from relying_services.paris import day_of
from relying_services.service import trace
from relying_services.service.app import service_of
from relying_services.service.service import signed_in
from relying_services.service.store.models import TraceRow
from relying_services.service.store.trace import entries

OWNER = "899700990015"
OTHER = "899700990023"


def today(app: Flask) -> date:
    return day_of(service_of(app).clock.now())


def write(app: Flask, table: str, **row: Any) -> None:
    with service_of(app).store.begin() as db:
        write_rows(db, table, [row])


def pay(app: Flask, number: int, owner: str = OWNER, /, **more: Any) -> None:
    """A transfer, made today unless said otherwise."""
    row = {
        "id": number,
        "owner": owner,
        "paid_on": today(app),
        "kind": "tiers_payant",
        "period": "2026-07",
        "sheets": 1,
        "amount": 123450,
    }
    write(app, "payment", **(row | more))


def invoice(app: Flask, number: int, payment: int, owner: str = OWNER, /, **more: Any) -> None:
    """An invoice, paid today unless said otherwise."""
    row = {
        "id": number,
        "owner": owner,
        "payment_id": payment,
        "paid_on": today(app),
        "cared_on": today(app) - timedelta(days=7),
        "patient": "ÉTANGLIN Zoé",
        "number": f"{number:09}",
        "batch": "042",
        "amount": 1855,
    }
    row |= more
    write(app, "invoice", **row, patient_key=folded(str(row["patient"])))


def four_invoices(app: Flask) -> Flask:
    """Invoices whose orders differ, two of them on one day and in one batch; one of another."""
    pay(app, 1)
    day = today(app)
    for number, days, patient, batch in (
        (101, 5, "ÉTANGLIN Zoé", "042"),
        (102, 1, "VALMORIN Côme", "007"),
        (103, 2, "D'ORBE Jean-Baptiste", "911"),
        (104, 5, "Etanglin Zoe", "042"),
    ):
        row_id = 205 - number
        paid_on = day - timedelta(days=days)
        invoice(app, row_id, 1, number=str(number), paid_on=paid_on, patient=patient, batch=batch)
    invoice(app, 900, 1, OTHER, number="105", patient="ÉTANGLIN Zoé", batch="042")
    return app


def practice(app: Flask, number: str, owner: str = OWNER) -> None:
    write(
        app,
        "practice",
        number=number,
        owner=owner,
        name=f"Cabinet {number}",
        street="1 rue des Feuillantines",
        town="99001 VILLEFICTIVE",
        sector="1",
        since=date(2001, 1, 1),
    )


def refusals(app: Flask) -> list[tuple[str, str, str]]:
    """What was refused, newest first: act, object, reason."""
    with service_of(app).store.read() as db:
        return [
            (each.action, each.object, each.reason)
            for each in entries(db)
            if each.outcome == "refused"
        ]


def traced(app: Flask) -> list[TraceRow]:
    with service_of(app).store.read() as db:
        return list(entries(db))


def numbers_in(page: TestResponse) -> list[str]:
    """The row headings of the table of a page, in their order."""
    return [
        re.sub(r"<[^>]+>", "", each)
        for each in re.findall(r'<th scope="row">(.*?)</th>', page.text, re.DOTALL)
    ]


def granting(level: Level, owner: str = OWNER) -> Callable[..., Access]:
    """An access of this level to the account of an owner, for whoever is signed in."""

    def access(service_code: str, action: str, obj: str = "") -> Access:
        actor = trace.Actor.of(signed_in(), on_behalf_of=owner)
        return Access(owner=owner, level=level, actor=actor)

    return access


def grant(monkeypatch: pytest.MonkeyPatch, level: Level, owner: str = OWNER) -> None:
    """Every tab is granted at this level; that delegations give it is shown where they are."""
    for module in (views, views_payments, views_invoices, views_forms, views_contact):
        monkeypatch.setattr(module, "access", granting(level, owner))
