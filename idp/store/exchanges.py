"""What the recorder of a development server kept (decision 2)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from idp.store.models import DevExchange
from idp.store.statements import insert_rows, run


def add_exchanges(db: Session, exchanges: Sequence[DevExchange]) -> None:
    """Keep what one request was; several, where it was also answered by way of the browser."""
    insert_rows(db, exchanges)


def exchanges_after(
    db: Session, *, client_id: str | None, after: int, limit: int
) -> list[DevExchange]:
    """Exchanges above a cursor, oldest first; of one client, where one is named."""
    query = select(DevExchange).where(DevExchange.id > after)
    if client_id is not None:
        query = query.where(DevExchange.client_id == client_id)
    return list(db.scalars(query.order_by(DevExchange.id).limit(limit)))


def last_exchanges(db: Session, *, client_id: str | None, limit: int) -> list[DevExchange]:
    """The newest exchanges of a client, or of nobody where none is named, oldest first."""
    whose = (
        DevExchange.client_id.is_(None)
        if client_id is None
        else (DevExchange.client_id == client_id)
    )
    newest = select(DevExchange).where(whose).order_by(DevExchange.id.desc()).limit(limit)
    return list(reversed(db.scalars(newest).all()))


def clients_recorded(
    db: Session, *, limit: int, after: str = ""
) -> list[tuple[str, int, datetime]]:
    """Clients of which something was recorded, above a name: identifier, how much, when last."""
    rows = db.execute(
        select(DevExchange.client_id, func.count(), func.max(DevExchange.at))
        .where(DevExchange.client_id > after)
        .group_by(DevExchange.client_id)
        .order_by(DevExchange.client_id)
        .limit(limit)
    )
    return [(client_id or "", count, last) for client_id, count, last in rows]


def forget_exchanges(db: Session) -> None:
    """Forget all of them."""
    run(db, delete(DevExchange), {})


def delete_old_exchanges(db: Session, *, before: datetime, kept: int, limit: int) -> int:
    """Delete one batch of those past their time, and of those beyond the newest ones kept."""
    newest = select(func.max(DevExchange.id)).scalar_subquery()
    too_old = select(DevExchange.id).where(DevExchange.at <= before).limit(limit)
    too_many = (
        select(DevExchange.id).where(DevExchange.id <= newest - kept).order_by(DevExchange.id)
    ).limit(limit)
    gone = 0
    for batch in (too_old, too_many):
        gone += (
            db.connection().execute(delete(DevExchange).where(DevExchange.id.in_(batch))).rowcount
        )
    return gone
