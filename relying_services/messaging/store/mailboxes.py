"""Who has a mailbox, and under which address."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relying_services.messaging.store.models import MailboxRow

_LAST = "~"
"""Behind every character of a folded name."""


def mailbox_of(db: Session, owner: str) -> MailboxRow | None:
    """The mailbox of a professional."""
    return db.get(MailboxRow, owner)


def mailbox_at(db: Session, address: str) -> MailboxRow | None:
    """The mailbox of an address."""
    return db.scalars(select(MailboxRow).where(MailboxRow.address == address)).one_or_none()


def open_mailbox(
    db: Session,
    now: datetime,
    *,
    owner: str,
    name: str,
    sorted_name: str,
    address_of: Callable[[int], str],
) -> MailboxRow:
    """Open the mailbox of a professional under the first address that nobody has.

    Args:
        db: a transaction that writes.
        now: the present instant.
        owner: the national identifier.
        name: given name, then family name.
        sorted_name: family name first, as the directory is searched.
        address_of: the address of the first, second … of a name.
    """
    rank = 1
    while True:
        row = MailboxRow(
            owner=owner,
            address=address_of(rank),
            name=name,
            sorted_name=sorted_name,
            opened_at=now,
        )
        try:
            with db.begin_nested():
                db.add(row)
                db.flush()
        except IntegrityError:
            # Somebody of that name was first; or this person, in another browser.
            found = db.get(MailboxRow, owner)
            if found is not None:
                return found
            rank += 1
        else:
            return row


def directory(db: Session, begins: str, limit: int) -> list[MailboxRow]:
    """Mailboxes by name, of those whose sorted name begins so."""
    return list(
        db.scalars(
            select(MailboxRow)
            .where(MailboxRow.sorted_name >= begins, MailboxRow.sorted_name < begins + _LAST)
            .order_by(MailboxRow.sorted_name, MailboxRow.owner)
            .limit(limit)
        )
    )
