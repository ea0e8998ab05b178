"""Invented people for a demonstration: directory, an account, students' licences, a patient."""

from datetime import date, datetime
from pathlib import Path

from relying_services.clock import Clock
from relying_services.espacepro.accounts import settle
from relying_services.espacepro.extract import Imported, import_extract
from relying_services.espacepro.store.act_models import ReimbursementRow
from relying_services.espacepro.store.licences import add_licence
from relying_services.espacepro.store.models import LicenceRow
from relying_services.espacepro.store.reimbursements import add_reimbursements, has_reimbursements
from relying_services.folded import folded
from relying_services.paris import PARIS
from relying_services.service.store.database import Store

EXTRACT = Path(__file__).parent / "data" / "ps-libreacces-sample.txt"
"""The open extract of invented professionals, as the sample of the provider has them."""

KNOWN = ("899700990023", "anatole.briselame@exemple.test", "Anatole BRISELAME")
"""A substitute to whom somebody delegated before: the account exists (EP-08)."""

_OPENED = datetime(2021, 7, 1, 9, tzinfo=PARIS)
"""Delegation exists since the summer of 2021 (EP-18)."""


def import_sample(store: Store, clock: Clock) -> Imported:
    """Import the sample; what is there already beside the directory stays as it is.

    Raises:
        ExtractRefused: the directory in force is much larger than the sample.
    """
    imported = import_extract(store, clock, EXTRACT)
    identifier, email, name = KNOWN
    with store.begin() as db:
        settle(db, _OPENED, email=email, delegate_id=identifier, name=name)
        for licence in _licences():
            add_licence(db, licence)
        if not has_reimbursements(db):
            add_reimbursements(db, _reimbursements())
    return imported


def _licences() -> list[LicenceRow]:
    """One that holds, one that is over."""
    return [
        LicenceRow(
            number="LR-99-2026-0003",
            national_id="899700990031",
            specialty="SM54",
            starts_on=date(2025, 11, 16),
            ends_on=date(2026, 11, 30),
        ),
        LicenceRow(
            number="LR-99-2025-0004",
            national_id="899700990049",
            specialty="SM54",
            starts_on=date(2024, 11, 16),
            ends_on=date(2025, 11, 15),
        ),
    ]


def _reimbursements() -> list[ReimbursementRow]:
    """Of two invented patients: LORMELIN Aubin and ESTREVILLE Ondine."""
    return [
        ReimbursementRow(
            patient=folded(patient),
            born_on=date.fromisoformat(born_on),
            cared_on=date.fromisoformat(cared_on),
            care=care,
            amount=amount,
        )
        for patient, born_on, cared_on, care, amount in (
            ("LORMELIN Aubin", "1984-02-29", "2026-03-02", "Consultation", 1_900),
            ("LORMELIN Aubin", "1984-02-29", "2026-03-04", "Médicaments", 1_245),
            ("LORMELIN Aubin", "1984-02-29", "2026-09-17", "Analyses de biologie", 2_760),
            ("ESTREVILLE Ondine", "1951-08-10", "2026-05-21", "Consultation", 1_900),
            ("ESTREVILLE Ondine", "1951-08-10", "2026-05-22", "Transport assis", 4_310),
        )
    ]
