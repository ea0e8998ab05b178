"""Accounts of delegates: one a person, one an address."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from relying_services.espacepro.store.models import DelegateAccountRow
from relying_services.service.store.statements import insert_or


def account_of(db: Session, delegate_id: str) -> DelegateAccountRow | None:
    """The account of a person."""
    return db.get(DelegateAccountRow, delegate_id)


def account_at(db: Session, email: str) -> DelegateAccountRow | None:
    """The account of an address, in small letters."""
    return db.scalar(select(DelegateAccountRow).where(DelegateAccountRow.email == email))


def open_account(db: Session, now: datetime, delegate_id: str, email: str, name: str) -> None:
    """Open one unless the person or the address has one: who looks afterwards sees which."""
    opened = insert_or(db, DelegateAccountRow).values(
        delegate_id=delegate_id, email=email, name=name, opened_at=now
    )
    db.execute(opened.on_conflict_do_nothing())
