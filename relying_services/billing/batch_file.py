"""A batch as it is exported, and how anybody who trusts the authority verifies it (SV-10)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509

from relying_services.billing.authority import Authority
from relying_services.billing.chip import Chip
from relying_services.billing.revocation import reason_of
from relying_services.billing.signature import SignatureWrong, Signer, verify
from relying_services.billing.store.models import InvoiceRow

SERIES = "LOT"
_VERSION = 1


class BatchWrong(ValueError):
    """A batch does not hold; the message names the part and what is wrong with it."""


@dataclass(frozen=True)
class Report:
    """What a batch that holds says."""

    number: int
    workstation: str
    billed_for: str
    signer: str
    made_at: datetime
    authors: dict[int, str]
    """Author of each invoice, by its number."""
    total: int
    """In cents."""


@dataclass(frozen=True)
class _Trust:
    """By what signatures are judged."""

    authority: Authority
    revoked: x509.CertificateRevocationList | None


def named(number: int) -> str:
    """The number of a batch as it is shown, and the name of its file."""
    return f"{SERIES}-{number:06}"


def document(
    *,
    number: int,
    workstation: str,
    billed_for: str,
    signer: Chip,
    invoices: Sequence[InvoiceRow],
    now: datetime,
) -> dict[str, Any]:
    """What the signer's card signs: each invoice with the signature of its author."""
    return {
        "v": _VERSION,
        "type": SERIES,
        "workstation": workstation,
        "number": number,
        "made_at": now.isoformat(),
        "billed_for": billed_for,
        "signer": {"national_id": signer.national_id, "card_number": signer.number},
        "invoices": [{"text": each.text, "signed": each.signed} for each in invoices],
        "total": sum(each.total for each in invoices),
    }


def verify_batch(
    text: str,
    signed: dict[str, Any],
    authority: Authority,
    revoked: x509.CertificateRevocationList | None = None,
) -> Report:
    """What a batch says, once all its signatures are verified.

    Args:
        text: the file.
        signed: the signature that stands beside it.
        authority: of the cards.
        revoked: the list of revoked certificates; without it none is looked up.

    Raises:
        BatchWrong: a signature, an identity, a sum or a number does not hold; or a card that signed
            was opposed before, or is not activated to this day.
    """
    trust = _Trust(authority, revoked)
    try:
        told = json.loads(text)
        made_at = datetime.fromisoformat(told["made_at"])
        signer = _signer("the batch", {"text": text, "signed": signed}, trust, made_at)
        if told["type"] != SERIES or told["signer"]["national_id"] != signer.national_id:
            raise BatchWrong("the batch: signed by another card than it names")
        authors: dict[int, str] = {}
        total = 0
        for each in told["invoices"]:
            number, author, amount = _invoice(each, told, trust)
            if number in authors:
                raise BatchWrong(f"invoice {number}: it stands twice in the batch")
            authors[number] = author
            total += amount
        if not authors or total != told["total"]:
            raise BatchWrong("the batch: its total is not the sum of its invoices")
        return Report(
            number=int(told["number"]),
            workstation=str(told["workstation"]),
            billed_for=str(told["billed_for"]),
            signer=signer.national_id,
            made_at=made_at,
            authors=authors,
            total=total,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise BatchWrong("this is no batch of invoices") from error
    except ValueError as error:
        raise error if isinstance(error, BatchWrong) else BatchWrong(str(error)) from error


def _invoice(given: dict[str, Any], batch: dict[str, Any], trust: _Trust) -> tuple[int, str, int]:
    """Number, author and total of one invoice of a batch."""
    told = json.loads(given["text"])
    number = int(told["number"])
    what = f"invoice {number}"
    at = datetime.fromisoformat(told["issued_at"])
    author = _signer(what, given, trust, at)
    if told["author"]["national_id"] != author.national_id:
        raise BatchWrong(f"{what}: signed by another card than its author's")
    if told["billed_for"]["national_id"] != batch["billed_for"]:
        raise BatchWrong(f"{what}: in the name of another doctor than the batch")
    if told["workstation"] != batch["workstation"]:
        raise BatchWrong(f"{what}: of another workstation than the batch")
    amounts = [each["unit"] * each["quantity"] for each in told["acts"]]
    if amounts != [each["amount"] for each in told["acts"]] or sum(amounts) != told["total"]:
        raise BatchWrong(f"{what}: its total is not the sum of its acts")
    return number, author.national_id, int(told["total"])


def _signer(what: str, given: dict[str, Any], trust: _Trust, at: datetime) -> Signer:
    try:
        signer = verify(given["text"], given["signed"], trust.authority, at=at)
    except SignatureWrong as error:
        raise BatchWrong(f"{what}: {error}") from error
    if trust.revoked is not None:
        _check_revocation(what, signer, trust.revoked, at)
    return signer


def _check_revocation(
    what: str, signer: Signer, revoked: x509.CertificateRevocationList, at: datetime
) -> None:
    serial = signer.certificate.serial_number
    entry = revoked.get_revoked_certificate_by_serial_number(serial)
    if entry is None:
        return
    # On hold are cards that were never in use: whatever date the document names.
    if reason_of(entry) is x509.ReasonFlags.certificate_hold:
        raise BatchWrong(f"{what}: signed by a card that was not activated")
    if entry.revocation_date_utc <= at:
        raise BatchWrong(f"{what}: signed by a card that was opposed")
