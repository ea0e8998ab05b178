"""Documents that clients publish, as they were last fetched (decision 40)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from idp.store.models import ClientDocument

Named = tuple[str, str]
"""Kind and address of a document."""


def documents_of(db: Session, client_id: str) -> list[ClientDocument]:
    """All that a client publishes, by kind and address."""
    theirs = select(ClientDocument).where(ClientDocument.client_id == client_id)
    return list(db.scalars(theirs.order_by(ClientDocument.kind, ClientDocument.url)))


def find_document(db: Session, client_id: str, kind: str) -> ClientDocument | None:
    """The document of a kind of which a client has one."""
    this = and_(ClientDocument.client_id == client_id, ClientDocument.kind == kind)
    return db.scalar(select(ClientDocument).where(this).limit(1))


def find_document_at(db: Session, client_id: str, kind: str, url: str) -> ClientDocument | None:
    """A document by its address."""
    return db.scalar(select(ClientDocument).where(_this(client_id, (kind, url))))


def keep_documents(
    db: Session, client_id: str, wanted: Collection[Named], *, anew: Collection[str], now: datetime
) -> None:
    """Fetch what a client registers now, forget what it does not any more.

    What is held stays held until it is fetched again, but for the kinds ``anew``.
    """
    known = {(row.kind, row.url) for row in documents_of(db, client_id)}
    for named in known - set(wanted):
        db.execute(delete(ClientDocument).where(_this(client_id, named)))
    for named in known & {named for named in wanted if named[0] in anew}:
        db.execute(update(ClientDocument).where(_this(client_id, named)).values(_pending(now)))
    for kind, url in sorted(set(wanted) - known):
        db.add(ClientDocument(client_id=client_id, kind=kind, url=url, **_pending(now)))
    db.flush()


def delete_documents(db: Session, client_id: str) -> None:
    """Forget all that a client publishes."""
    db.execute(delete(ClientDocument).where(ClientDocument.client_id == client_id))


def has_due_document(db: Session, *, now: datetime) -> bool:
    """Whether anything is to be fetched: a look that never takes SQLite's write lock."""
    return bool(db.scalar(select(exists().where(ClientDocument.due_at <= now))))


def claim_document(db: Session, *, now: datetime, lease_ends: datetime) -> ClientDocument | None:
    """Take the document due longest, for one worker alone, until its lease ends.

    Nothing where none is due, or another worker took it at the same moment.
    """
    due = select(ClientDocument).where(ClientDocument.due_at <= now)
    document = db.scalar(due.order_by(ClientDocument.due_at).limit(1))
    if document is None:
        return None
    return db.scalar(
        update(ClientDocument)
        .where(_as_claimed(document))
        .values(due_at=lease_ends)
        .returning(ClientDocument)
        .execution_options(populate_existing=True)
    )


def finish_document(db: Session, document: ClientDocument, **values: Any) -> bool:
    """Write what came of a claimed document; False where it was asked for anew meanwhile."""
    finished = db.execute(
        update(ClientDocument)
        .where(_as_claimed(document))
        .values(values)
        .returning(ClientDocument.client_id)
        .execution_options(synchronize_session=False)
    )
    return finished.first() is not None


def fetch_document_again(
    db: Session, client_id: str, kind: str, url: str, *, now: datetime, rested_since: datetime
) -> bool:
    """Have a document fetched now; False where it is due already, or was asked for since then."""
    rested = or_(ClientDocument.fetched_at.is_(None), ClientDocument.fetched_at <= rested_since)
    asked = db.execute(
        update(ClientDocument)
        .where(_this(client_id, (kind, url)), ClientDocument.due_at > now, rested)
        .values(due_at=now)
        .returning(ClientDocument.client_id)
        .execution_options(synchronize_session=False)
    )
    return asked.first() is not None


def _this(client_id: str, named: Named) -> ColumnElement[bool]:
    kind, url = named
    return and_(
        ClientDocument.client_id == client_id,
        ClientDocument.kind == kind,
        ClientDocument.url == url,
    )


def _as_claimed(document: ClientDocument) -> ColumnElement[bool]:
    named = (document.kind, document.url)
    return and_(_this(document.client_id, named), ClientDocument.due_at == document.due_at)


def _pending(now: datetime) -> dict[str, Any]:
    return {"state": "pending", "body": None, "error": None, "due_at": now}
