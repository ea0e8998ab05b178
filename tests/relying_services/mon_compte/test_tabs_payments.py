"""Payments: how far back they are shown, by kind, page by page."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from relying_services.clock import Clock
from relying_services.mon_compte.shown import first_day
from relying_services.service.app import service_of
from tests.relying_services.mon_compte.conftest import Made
from tests.relying_services.mon_compte.rows import (
    OTHER,
    OWNER,
    grant,
    invoice,
    numbers_in,
    pay,
    refusals,
    today,
)
from tests.relying_services.signed_in import sign_in, text_of

ELEVEN_MONTHS = timedelta(days=335)
SHOWING = ["/paiements", "/paiements/tiers-payant", "/paiements/tiers-payant.csv", "/paiements/7"]


def paid_long_ago(app: Flask, clock: Clock, ago: timedelta) -> None:
    """One transfer with an invoice, and then time goes by on the service's clock."""
    pay(app, 7)
    invoice(app, 70, 7, number="000000070")
    clock.move(ago)


@pytest.mark.parametrize("address", SHOWING)
def test_a_payment_of_eleven_months_ago_is_not_shown_at_ten_months(
    account: Flask, clock: Clock, address: str
) -> None:
    """MA-03: nor is it found by its number, or by an invoice that it paid."""
    paid_long_ago(account, clock, ELEVEN_MONTHS)
    page = sign_in(account, OWNER).get(address)
    assert page.status_code == (404 if address == "/paiements/7" else 200)
    assert "000000070" not in page.text
    assert not numbers_in(page)


@pytest.mark.parametrize("address", SHOWING)
def test_a_payment_of_eleven_months_ago_is_shown_at_eighteen(
    made: Made, service_url: str, clock: Clock, address: str
) -> None:
    """MA-03: the setting decides, not the data."""
    app = made(service_url, months=18)
    paid_long_ago(app, clock, ELEVEN_MONTHS)
    page = sign_in(app, OWNER).get(address)
    assert page.status_code == 200
    assert ("000000070" if address != "/paiements" else "/paiements/7") in page.text


def test_a_payment_of_nineteen_months_ago_is_shown_by_no_setting(
    made: Made, service_url: str, clock: Clock
) -> None:
    """MA-03."""
    app = made(service_url, months=18)
    paid_long_ago(app, clock, timedelta(days=580))
    browser = sign_in(app, OWNER)
    assert "Aucun versement sur cette période." in browser.get("/paiements").text
    assert browser.get("/paiements/7").status_code == 404


@pytest.mark.parametrize(
    ("now", "months", "expected"),
    [
        (datetime(2026, 11, 22, 12, tzinfo=UTC), 10, date(2026, 1, 22)),
        (datetime(2026, 8, 31, 12, tzinfo=UTC), 11, date(2025, 9, 30)),
        (datetime(2024, 12, 30, 12, tzinfo=UTC), 10, date(2024, 2, 29)),
        (datetime(2026, 6, 30, 22, 30, tzinfo=UTC), 18, date(2025, 1, 1)),
    ],
)
def test_the_window_is_counted_in_months_and_in_paris(
    now: datetime, months: int, expected: date
) -> None:
    """MA-03: the last day of a month where it has no such day; midnight is that of Paris."""
    assert first_day(now, months) == expected


def test_the_first_day_of_the_window_is_shown_and_the_day_before_is_not(account: Flask) -> None:
    """MA-03."""
    first = first_day(service_of(account).clock.now(), 10)
    pay(account, 1, paid_on=first)
    pay(account, 2, paid_on=first - timedelta(days=1))
    assert numbers_in(sign_in(account, OWNER).get("/paiements")) == ["1"]


def test_payments_are_listed_newest_first_with_their_sum(account: Flask) -> None:
    """MA-03: those paid a moment ago are there at once."""
    pay(account, 1, paid_on=today(account) - timedelta(days=3), amount=100)
    pay(account, 2, amount=123456)
    pay(account, 3, OTHER, amount=999999)
    page = sign_in(account, OWNER).get("/paiements")
    assert numbers_in(page) == ["2", "1"]
    assert "1 235,56" in text_of(page, "total").replace("\u202f", " ").replace("\xa0", " ")


def test_the_aid_for_transmission_is_listed_with_what_it_counts(account: Flask) -> None:
    """MA-05: it has a page of its own, and is a kind of payment."""
    pay(account, 1)
    pay(account, 2, kind="aide", period="2026-T3", sheets=1234, amount=8638)
    pay(account, 3, OTHER, kind="aide", period="2026-T3", sheets=9876, amount=999999)
    browser = sign_in(account, OWNER)
    page = browser.get("/paiements/aide-teletransmission")
    assert numbers_in(page) == ["2"]
    told = page.text.replace("\u202f", " ").replace("\xa0", " ")
    for cell in ("3e trimestre 2026", "1 234", "86,38 €"):
        assert f">{cell}</td>" in told
    assert numbers_in(browser.get("/paiements?nature=aide")) == ["2"]
    assert browser.get("/paiements?nature=inconnue").status_code == 400


@pytest.mark.parametrize("address", ["/paiements", "/paiements/aide-teletransmission"])
def test_pages_follow_each_other_without_loss_or_repetition(
    made: Made, service_url: str, address: str
) -> None:
    """MA-03: bounded pages; what is paid meanwhile moves nothing."""
    app = made(service_url, page_rows=2)
    for number in range(1, 6):
        pay(app, number, kind="aide", paid_on=today(app) - timedelta(days=number // 2))
    browser, seen = sign_in(app, OWNER), []
    while address:
        page = browser.get(address)
        seen.append(numbers_in(page))
        found = re.search(r'rel="next" href="([^"]*)"', page.text)
        address = found[1].replace("&amp;", "&") if found else ""
        if len(seen) == 1:
            pay(app, 9, kind="aide")
    assert seen == [["1", "3"], ["2", "5"], ["4"]]


def test_a_transfer_lists_the_invoices_that_it_paid(made: Made, service_url: str) -> None:
    """MA-04: page by page."""
    app = made(service_url, page_rows=2)
    pay(app, 1)
    pay(app, 2)
    for number in (10, 11, 12):
        invoice(app, number, 1)
    invoice(app, 13, 2)
    browser = sign_in(app, OWNER)
    page = browser.get("/paiements/1")
    assert numbers_in(page) == ["000000010", "000000011"]
    assert "ÉTANGLIN Zoé" in page.text
    assert numbers_in(browser.get("/paiements/1?apres=11")) == ["000000012"]


def test_attack_a_transfer_lists_no_invoice_of_another(account: Flask) -> None:
    """MA-10: also where the fund wrote one beside a transfer that is not theirs."""
    pay(account, 1)
    invoice(account, 10, 1)
    invoice(account, 11, 1, OTHER)
    assert numbers_in(sign_in(account, OWNER).get("/paiements/1")) == ["000000010"]


def test_attack_patients_of_a_transfer_are_masked_to_who_may_not_see_them(
    account: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MA-10: the accountant's level (domain 6)."""
    pay(account, 1)
    invoice(account, 10, 1)
    grant(monkeypatch, "masked")
    page = sign_in(account, OTHER).get("/paiements/1")
    assert numbers_in(page) == ["000000010"]
    assert "Patient masqué" in page.text
    assert "TANGLIN" not in page.text


@pytest.mark.parametrize("place", ["x", "-1", "1" * 19, "٣"])
def test_a_place_in_a_list_that_is_no_number_is_not_understood(account: Flask, place: str) -> None:
    pay(account, 1)
    assert sign_in(account, OWNER).get(f"/paiements?apres={place}").status_code == 400
    assert not refusals(account)
