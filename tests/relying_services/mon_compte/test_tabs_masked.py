"""Third-party payment without patients, and as a table for a spreadsheet."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.relying_services.mon_compte.conftest import Made
from tests.relying_services.mon_compte.rows import (
    OTHER,
    OWNER,
    four_invoices,
    grant,
    invoice,
    refusals,
    traced,
)
from tests.relying_services.signed_in import post, sign_in

HERE = "/paiements/tiers-payant"


@pytest.fixture
def filled(service_url: str, made: Made) -> Flask:
    app = made(service_url, page_rows=2, export_rows=5, password_access=True)
    return four_invoices(app)


@pytest.fixture
def browser(filled: Flask) -> FlaskClient:
    return sign_in(filled, OWNER)


class TestMasked:
    """The level of an accountant: payments without patients (domain 6)."""

    @pytest.fixture
    def masked(self, filled: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
        grant(monkeypatch, "masked")
        return sign_in(filled, "account:1", means="PASSWORD")

    @pytest.mark.parametrize("address", [HERE, f"{HERE}.csv"])
    def test_attack_no_patient_is_shown_or_exported(
        self, masked: FlaskClient, address: str
    ) -> None:
        page = masked.get(f"{address}?tri=lot&ordre=asc")
        assert "102" in page.text
        assert not re.search("valmorin|tanglin|orbe", page.text, re.IGNORECASE)
        assert 'name="patient"' not in page.text

    @pytest.mark.parametrize("address", [HERE, f"{HERE}.csv"])
    def test_attack_nothing_is_sorted_by_patient(
        self, masked: FlaskClient, filled: Flask, address: str
    ) -> None:
        """The order alone would tell the names."""
        refused = masked.get(f"{address}?tri=patient&ordre=asc")
        assert refused.status_code == 403
        assert "patient_masked" in refused.text
        assert refusals(filled)[0][2] == "patient_masked"

    def test_attack_nothing_is_searched_by_patient(
        self, masked: FlaskClient, filled: Flask
    ) -> None:
        """A search that finds or does not would tell the names."""
        refused = post(masked, HERE, patient="etanglin")
        assert refused.status_code == 403
        assert refusals(filled) == [("invoices:searched", "", "patient_masked")]

    def test_attack_a_search_made_when_patients_were_seen_is_refused_later(
        self, filled: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        browser = sign_in(filled, OTHER)
        grant(monkeypatch, "full")
        answer = post(browser, HERE, patient="etanglin")
        assert browser.get(answer.location).status_code == 200
        grant(monkeypatch, "masked")
        assert browser.get(answer.location).status_code == 403


def test_what_was_found_is_exported_and_the_export_traced(
    filled: Flask, browser: FlaskClient
) -> None:
    """MA-04; MA-10: own rows only, and no name in the trace."""
    answer = post(browser, f"{HERE}?tri=facture&ordre=asc", lot="042")
    table = browser.get(answer.location.replace(HERE, f"{HERE}.csv"))
    assert table.headers["Content-Disposition"] == "attachment; filename=tiers-payant.csv"
    lines = table.text.lstrip("\ufeff").splitlines()
    assert [line.split(";")[2:] for line in lines] == [
        ["N° de facture", "N° de lot", "Montant", "Patient"],
        ["101", "042", "18,55", "ÉTANGLIN Zoé"],
        ["104", "042", "18,55", "Etanglin Zoe"],
    ]
    exported = traced(filled)[0]
    assert (exported.action, exported.outcome, exported.details) == (
        "invoices:exported",
        "done",
        {"rows": 2},
    )


def test_attack_a_patient_named_like_a_formula_is_exported_as_a_name(
    filled: Flask, browser: FlaskClient
) -> None:
    """A spreadsheet computes nothing from what it is given."""
    invoice(filled, 300, 1, number="300", patient='=HYPERLINK("https://x")')
    table = browser.get(f"{HERE}.csv").text
    assert "'=HYPERLINK" in table
    assert ";=HYPERLINK" not in table


def test_an_export_that_is_too_long_is_refused_and_says_what_to_do(
    filled: Flask, browser: FlaskClient
) -> None:
    for number in range(300, 303):
        invoice(filled, number, 1)
    refused = browser.get(f"{HERE}.csv")
    assert refused.status_code == 409
    assert "entre deux dates plus proches" in refused.text
    assert refusals(filled) == [("invoices:exported", "", "export_too_large")]
