"""Batches: invoices of both, signed with the card of who makes them (SV-10)."""

from datetime import datetime

from sqlalchemy.orm import Session

from relying_services.billing import mailbox_access
from relying_services.billing.desk import Signed
from relying_services.billing.errors import AlreadySent, BatchEmpty
from relying_services.billing.store import batches as store
from relying_services.billing.store import invoices as invoice_store
from relying_services.billing.store.models import BatchRow, InvoiceRow
from relying_services.service.errors import NotYours


def chosen(db: Session, billed_for: str, numbers: list[int], most: int) -> list[InvoiceRow]:
    """The invoices that are to make a batch.

    Args:
        db: a transaction.
        billed_for: in whose name they are.
        numbers: of the invoices asked for.
        most: how many a batch may have.

    Raises:
        BatchEmpty: none is asked for, or one of them is in a batch, or is another doctor's.
    """
    wanted = set(numbers)
    found = [
        each for each in invoice_store.unbatched(db, billed_for, most) if each.number in wanted
    ]
    if not found or len(found) != len(wanted):
        raise BatchEmpty
    return found


def keep(
    db: Session, number: int, billed_for: str, invoices: list[InvoiceRow], signed: Signed
) -> None:
    """Keep a signed batch, in the transaction that took its number.

    Raises:
        BatchEmpty: an invoice went into another batch meanwhile.
    """
    store.add(
        db,
        BatchRow(
            number=number,
            made_at=signed.at,
            billed_for=billed_for,
            signer=signed.chip.national_id,
            invoices=len(invoices),
            total=sum(each.total for each in invoices),
            text=signed.text,
            signed=signed.signed,
            sent_by=None,
            sent_at=None,
        ),
    )
    numbers = [each.number for each in invoices]
    if invoice_store.put_in_batch(db, numbers, billed_for, number) != len(invoices):
        raise BatchEmpty


def find(db: Session, number: int, billed_for: str) -> BatchRow:
    """A batch in the name of a doctor.

    Raises:
        NotYours: it is another doctor's, or there is none.
    """
    row = store.find(db, number)
    if row is None or row.billed_for != billed_for:
        raise NotYours
    return row


def send(db: Session, batch: BatchRow, by: str, now: datetime) -> None:
    """Send a batch through the mailbox of whom it is billed for, once.

    Raises:
        MailboxRefused: no access was given, or it was withdrawn, or is not open yet.
        AlreadySent: it was sent before.
    """
    mailbox_access.check_use(db, batch.billed_for, by)
    if not store.send(db, batch.number, by, now):
        raise AlreadySent
