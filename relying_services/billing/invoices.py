"""Electronic claims (FSE): both identities, the replaced doctor's tariff, a card's signature."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from relying_services.billing import tariff
from relying_services.billing.chip import Chip
from relying_services.billing.desk import Signed
from relying_services.billing.errors import NotActive, ReplacementUnderWay
from relying_services.billing.situation import Situation
from relying_services.billing.store import invoices as store
from relying_services.billing.store import replacements as replacement_store
from relying_services.billing.store.models import InvoiceRow, ReplacementRow

SERIES = "FSE"
_VERSION = 1
LONGEST_PATIENT = 80
"""Characters of a beneficiary's name."""


@dataclass(frozen=True)
class BilledFor:
    """In whose name an invoice is, and under which situation (SV-09)."""

    national_id: str
    name: str
    situation: Situation
    replacement: ReplacementRow | None
    """The session in which somebody else bills; none where the doctor does."""


def named(number: int) -> str:
    """The number of an invoice as it is shown."""
    return f"{SERIES}-{number:06}"


def document(
    *,
    number: int,
    workstation: str,
    billed_for: BilledFor,
    author: Chip,
    patient: str,
    quantities: Mapping[str, int],
    now: datetime,
) -> dict[str, Any]:
    """What the author's card signs.

    Args:
        number: of the invoice, on this workstation.
        workstation: which one it is.
        billed_for: whose billing number and tariff it bears.
        author: the card of who did the acts: the substitute, or the doctor.
        patient: the beneficiary.
        quantities: of acts, by code.
        now: the present instant.

    Raises:
        TariffUnknown: an act has no price there.
    """
    situation = billed_for.situation
    lines = tariff.priced(quantities, situation.convention, situation.tariff_zone)
    return {
        "v": _VERSION,
        "type": SERIES,
        "workstation": workstation,
        "number": number,
        "issued_at": now.isoformat(),
        "billed_for": {
            "national_id": billed_for.national_id,
            "name": billed_for.name,
            "billing_number": situation.billing_number,
            "convention": situation.convention,
            "tariff_zone": situation.tariff_zone,
            "specialty": situation.specialty,
        },
        "author": {
            "national_id": author.national_id,
            "name": author.name,
            "card_number": author.number,
            "as": "remplacant" if billed_for.replacement else "titulaire",
        },
        "patient": patient,
        "acts": [
            {
                "code": line.code,
                "quantity": line.quantity,
                "unit": line.unit,
                "amount": line.amount,
            }
            for line in lines
        ],
        "total": tariff.total(lines),
    }


def keep(db: Session, handle: str, number: int, billed_for: BilledFor, signed: Signed) -> None:
    """Keep a signed invoice, in the transaction that took its number.

    Args:
        db: that transaction.
        handle: of the author's sign-in.
        number: of the invoice.
        billed_for: in whose name it is.
        signed: the document with the author's signature.

    Raises:
        NotActive: the replacement was suspended or closed, or taken over elsewhere (SV-11).
        ReplacementUnderWay: a substitute bills for the doctor who wants to.
    """
    if billed_for.replacement is None:
        if replacement_store.is_under_way(db, billed_for.national_id):
            raise ReplacementUnderWay
    elif not replacement_store.count_invoice(db, billed_for.replacement, handle):
        raise NotActive
    store.add(
        db,
        InvoiceRow(
            number=number,
            issued_at=signed.at,
            billed_for=billed_for.national_id,
            author=signed.chip.national_id,
            total=json.loads(signed.text)["total"],
            text=signed.text,
            signed=signed.signed,
            batch_number=None,
        ),
    )
