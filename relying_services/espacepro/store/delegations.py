"""Delegations: drawn up, found, and led from one state to the next, each step once."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from relying_services.espacepro.states import Act, after, before
from relying_services.espacepro.store.models import DelegationRow
from relying_services.service.store.statements import one_at_a_time


def add_draft(db: Session, draft: DelegationRow) -> None:
    """Keep what was drawn up; what its author drew up before and did not send goes."""
    db.execute(
        delete(DelegationRow).where(
            DelegationRow.created_by == draft.created_by, DelegationRow.state == "draft"
        )
    )
    db.add(draft)
    db.flush()


def purge_drafts(db: Session, before: datetime) -> None:
    """Forget what was drawn up before an instant and never sent."""
    unsent = delete(DelegationRow).where(
        DelegationRow.state == "draft", DelegationRow.created_at < before
    )
    db.execute(unsent)


def delegation(db: Session, delegation_id: str) -> DelegationRow | None:
    """One delegation, whosever it is."""
    return db.get(DelegationRow, delegation_id)


def held(db: Session, delegation_id: str) -> DelegationRow | None:
    """One delegation, which nobody leads on before this transaction ends.

    So an act that was authorised is done, or rolled back, before its revocation (EP-17).
    """
    return db.get(DelegationRow, delegation_id, with_for_update={"read": True})


def invited(db: Session, digest: str) -> DelegationRow | None:
    """The delegation of an invitation, by the digest of its secret."""
    return db.scalar(select(DelegationRow).where(DelegationRow.invitation == digest))


def delegated_by(db: Session, national_id: str, *, limit: int) -> Sequence[DelegationRow]:
    """What somebody delegated, newest first; without drafts."""
    query = (
        select(DelegationRow)
        .where(DelegationRow.delegator == national_id, DelegationRow.state != "draft")
        .order_by(DelegationRow.created_at.desc())
        .limit(limit)
    )
    return db.scalars(query).all()


def delegated_to(db: Session, delegate_id: str, *, limit: int) -> Sequence[DelegationRow]:
    """What was delegated to somebody, newest first; without drafts."""
    query = (
        select(DelegationRow)
        .where(DelegationRow.delegate_id == delegate_id, DelegationRow.state != "draft")
        .order_by(DelegationRow.created_at.desc())
        .limit(limit)
    )
    return db.scalars(query).all()


def accepted_on(db: Session, delegate_id: str, day: date) -> Sequence[DelegationRow]:
    """What somebody accepted and may do on a day, oldest first."""
    query = (
        select(DelegationRow)
        .where(
            DelegationRow.delegate_id == delegate_id,
            DelegationRow.state == "accepted",
            DelegationRow.starts_on <= day,
            DelegationRow.ends_on >= day,
        )
        .order_by(DelegationRow.created_at)
    )
    return db.scalars(query).all()


def made_by(db: Session, created_by: str, *, limit: int) -> Sequence[DelegationRow]:
    """What an author sent, newest first."""
    query = (
        select(DelegationRow)
        .where(DelegationRow.created_by == created_by, DelegationRow.state != "draft")
        .order_by(DelegationRow.created_at.desc())
        .limit(limit)
    )
    return db.scalars(query).all()


def sent_since(db: Session, created_by: str, since: datetime) -> int:
    """How many delegations an author drew up and sent after an instant.

    Who counts the same meanwhile waits for the end of this transaction.
    """
    one_at_a_time(db, "invitations", created_by)
    query = select(func.count()).where(
        DelegationRow.created_by == created_by,
        DelegationRow.created_at > since,
        DelegationRow.state != "draft",
    )
    return db.scalar(query) or 0


def unanswered(db: Session, now: datetime, *, limit: int) -> Sequence[DelegationRow]:
    """Invitations whose time went by without an answer."""
    query = (
        select(DelegationRow)
        .where(DelegationRow.state == "pending", DelegationRow.expires_at <= now)
        .order_by(DelegationRow.expires_at)
        .limit(limit)
    )
    return db.scalars(query).all()


def lead(db: Session, row: DelegationRow, act: Act, **values: Any) -> bool:
    """Do an act where the state allows it; false where somebody was quicker, or it never did."""
    return _led(db, row, act, values)


def lead_within(
    db: Session, row: DelegationRow, act: Act, *, drawn_since: datetime, **values: Any
) -> bool:
    """As `lead`, for a draft that was drawn up after an instant."""
    return _led(db, row, act, values, DelegationRow.created_at > drawn_since)


def answer(
    db: Session, row: DelegationRow, act: Act, *, now: datetime, today: date, **values: Any
) -> bool:
    """As `lead`, for an invitation that has neither lapsed nor outlived its dates."""
    in_time = (DelegationRow.expires_at > now, DelegationRow.ends_on >= today)
    return _led(db, row, act, values | {"answered_at": now}, *in_time)


def _led(
    db: Session,
    row: DelegationRow,
    act: Act,
    values: dict[str, Any],
    *conditions: Any,
) -> bool:
    done = db.scalar(
        update(DelegationRow)
        .where(DelegationRow.id == row.id, DelegationRow.state.in_(before(act)), *conditions)
        .values(state=after(act), **values)
        .returning(DelegationRow.id)
        .execution_options(synchronize_session=False)
    )
    if done is None:
        return False
    db.refresh(row)
    return True
