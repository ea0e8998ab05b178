"""Third-party payment: sorted and searched by date, patient, invoice and batch."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from relying_services.folded import folded
from tests.relying_services.mon_compte.conftest import Made
from tests.relying_services.mon_compte.rows import (
    OTHER,
    OWNER,
    four_invoices,
    numbers_in,
    today,
    traced,
)
from tests.relying_services.signed_in import post, sign_in

HERE = "/paiements/tiers-payant"
SORTED = {
    "date": ["104", "101", "103", "102"],
    "patient": ["103", "104", "101", "102"],
    "facture": ["101", "102", "103", "104"],
    "lot": ["102", "104", "101", "103"],
}


SEARCHED = [
    ("patient", "etanglin", ["101", "104"]),
    ("patient", "ÉTANGLIN zoë", ["101", "104"]),
    ("patient", "zoe etang", ["101", "104"]),
    ("patient", "d’orbe", ["103"]),
    ("patient", "jean baptiste", ["103"]),
    ("patient", "tanglin", []),
    ("patient", "100%", []),
    ("facture", "102", ["102"]),
    ("facture", "10", ["101", "102"]),
    ("facture", "04", []),
    ("lot", "042", ["101", "104"]),
    ("lot", "0", ["101", "102"]),
]


@pytest.fixture
def filled(service_url: str, made: Made) -> Flask:
    return four_invoices(made(service_url, page_rows=2, export_rows=5))


@pytest.fixture
def browser(filled: Flask) -> FlaskClient:
    return sign_in(filled, OWNER)


def search(browser: FlaskClient, **terms: str) -> TestResponse:
    """Post the form and read the page to which it leads."""
    answer = post(browser, f"{HERE}?tri=facture&ordre=asc", **terms)
    assert answer.status_code == 303, answer.text
    return browser.get(answer.location)


def all_pages(browser: FlaskClient, address: str) -> list[str]:
    seen: list[str] = []
    while address:
        page = browser.get(address)
        seen += numbers_in(page)
        found = re.search(r'rel="next" href="([^"]*)"', page.text)
        address = found[1].replace("&amp;", "&") if found else ""
    return seen


@pytest.mark.parametrize("sort", list(SORTED))
def test_invoices_are_sorted_both_ways_over_all_pages(
    made: Made, either_url: str, sort: str
) -> None:
    """MA-04: by date, patient, invoice number and batch number; equal ones keep one order.

    The order of names knows no accents and no capitals: the two ETANGLIN stand together.
    """
    browser = sign_in(four_invoices(made(either_url, page_rows=2)), OWNER)
    ascending = all_pages(browser, f"{HERE}?tri={sort}&ordre=asc")
    descending = all_pages(browser, f"{HERE}?tri={sort}&ordre=desc")
    assert ascending == SORTED[sort]
    assert descending == SORTED[sort][::-1]


def test_invoices_are_searched_by_patient_invoice_and_batch(made: Made, either_url: str) -> None:
    """MA-04: accents, capitals and the order of names do not count; a page holds two rows."""
    browser = sign_in(four_invoices(made(either_url, page_rows=2)), OWNER)
    for term, typed, found in SEARCHED:
        assert numbers_in(search(browser, **{term: typed})) == found, (term, typed)
    assert numbers_in(search(browser, lot="042", facture="104")) == ["104"]
    assert numbers_in(search(browser, lot="042", patient="valmorin")) == []


def test_invoices_are_searched_between_two_days_both_included(
    filled: Flask, browser: FlaskClient
) -> None:
    """MA-04."""
    day = today(filled)
    first, last = (str(day - timedelta(days=days)) for days in (2, 1))
    assert numbers_in(search(browser, du=first, au=last)) == ["102", "103"]
    assert numbers_in(search(browser, au=str(day - timedelta(days=3)))) == ["101", "104"]
    assert numbers_in(search(browser, du=str(day))) == []


def test_a_search_keeps_the_order_and_goes_on_over_pages(browser: FlaskClient) -> None:
    """MA-04."""
    answer = post(browser, f"{HERE}?tri=facture&ordre=desc", facture="10")
    assert all_pages(browser, answer.location) == ["104", "103", "102", "101"]


def test_the_sorted_column_is_announced(browser: FlaskClient) -> None:
    """MA-04: `aria-sort` on that one alone, and the link turns it."""
    page = browser.get(f"{HERE}?tri=lot&ordre=asc").text
    assert re.findall(r'aria-sort="(\w+)"><a [^>]*>(.*?)</a>', page) == [("ascending", "N° de lot")]
    assert f"{HERE}?tri=lot&amp;ordre=desc" in page
    page = browser.get(HERE).text
    assert re.findall(r'aria-sort="(\w+)"><a [^>]*>(.*?)</a>', page) == [("descending", "Date")]


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"du": "31-03-2026"}, "du"),
        ({"du": "2026-03-31", "au": "2026-03-30"}, "au"),
        ({"patient": "--"}, "patient"),
        ({"patient": "e" * 41}, "patient"),
        ({"facture": "12a"}, "facture"),
        ({"facture": "٣"}, "facture"),
        ({"lot": "1" * 13}, "lot"),
    ],
)
def test_what_cannot_be_searched_is_said_at_its_field(
    account: Flask, terms: dict[str, str], field: str
) -> None:
    """RGAA 11.10, 11.11: the error is linked to its field, which keeps what was typed."""
    answer = post(sign_in(account, OWNER), HERE, **terms)
    assert answer.status_code == 400
    assert re.findall(r'id="(\w+)-error" role="alert"', answer.text) == [field]
    assert f'value="{terms[field]}"' in answer.text
    assert "<title>Erreur : " in answer.text


def test_no_address_holds_the_name_of_a_patient(browser: FlaskClient) -> None:
    """MA-10: histories and logs of servers keep addresses, and addresses keep the search sealed."""
    answer = post(browser, HERE, patient="Étanglin")
    page = browser.get(answer.location)
    addresses = [answer.location, *re.findall(r'(?:href|action)="([^"]*)"', page.text)]
    assert not [each for each in addresses if "tanglin" in each.lower()]
    assert 'value="Étanglin"' in page.text
    assert not any("tanglin" in str(vars(each)).lower() for each in traced(browser.application))


def test_attack_the_search_of_another_person_opens_nothing(filled: Flask) -> None:
    """MA-10: a sealed search is of use to who made it alone; a changed one to nobody."""
    answer = post(sign_in(filled, OWNER), HERE, patient="etanglin")
    assert sign_in(filled, OTHER).get(answer.location).status_code == 400
    browser = sign_in(filled, OWNER)
    assert browser.get(answer.location.replace("recherche=", "recherche=A")).status_code == 400
    assert browser.get(f"{HERE}?recherche=%C3%A9").status_code == 400


@pytest.mark.parametrize("query", ["tri=owner", "ordre=up", "tri=patient_key"])
def test_an_order_that_is_not_offered_is_not_understood(account: Flask, query: str) -> None:
    assert sign_in(account, OWNER).get(f"{HERE}?{query}").status_code == 400


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ÉTANGLIN-D’Orbe", "etanglin d orbe"),
        ("  Œuvrard  Lætitia ", "oeuvrard laetitia"),
        ("Ærø Łódź", "aero lodz"),
        ("LE CLOAREC", "le cloarec"),
        ("%_", ""),
    ],
)
def test_names_are_folded_to_plain_letters(name: str, expected: str) -> None:
    """MA-04."""
    assert folded(name) == expected


def test_days_may_be_typed_as_french_writes_them(account: Flask) -> None:
    """MA-04: a picker shows them again."""
    browser = sign_in(account, OWNER)
    went = post(browser, HERE, du="31/03/2026", au="01/04/2026")
    assert went.status_code == 303
    page = browser.get(str(went.location)).text
    assert 'value="2026-03-31"' in page
    assert 'value="2026-04-01"' in page
