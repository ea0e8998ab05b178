"""Registered clients."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from idp.store.client_documents import delete_documents
from idp.store.models import Client


def find_client(db: Session, client_id: str) -> Client | None:
    """The registered client, disabled or not."""
    return db.get(Client, client_id)


def known_client(db: Session, client_id: str) -> Client:
    """A client that is known to be registered."""
    return db.get_one(Client, client_id)


def all_clients(db: Session) -> list[Client]:
    """Every client, by its identifier."""
    return list(db.scalars(select(Client).order_by(Client.client_id)))


def clients_page(
    db: Session, *, contains: str, only_enabled: bool | None, after: str, limit: int
) -> list[Client]:
    """Clients by identifier, above ``after``, whose identifier or name contains a text.

    ``only_enabled``: None for all. There are hundreds of clients at most: they are read in order
    of the primary key.
    """
    query = select(Client).where(Client.client_id > after).order_by(Client.client_id).limit(limit)
    if contains:
        holds = (
            column.icontains(contains, autoescape=True)
            for column in (Client.client_id, Client.name)
        )
        query = query.where(or_(*holds))
    if only_enabled is not None:
        stands = Client.disabled_at.is_(None) if only_enabled else Client.disabled_at.is_not(None)
        query = query.where(stands)
    return list(db.scalars(query))


def add_client(db: Session, client: Client) -> None:
    """Keep a new client."""
    db.add(client)
    db.flush()


def change_client(db: Session, client_id: str, **values: Any) -> bool:
    """Write new metadata; False where there is no such client."""
    changed = db.execute(
        update(Client).where(Client.client_id == client_id).values(values).returning(Client)
    )
    return changed.first() is not None


def disable_client(db: Session, client_id: str, *, now: datetime) -> bool:
    """Shut a client out; False where it is already, or there is none."""
    return _switch(db, client_id, Client.disabled_at.is_(None), disabled_at=now)


def enable_client(db: Session, client_id: str) -> bool:
    """Let a client in again; False where it was not shut out, or there is none."""
    return _switch(db, client_id, Client.disabled_at.is_not(None), disabled_at=None)


def _switch(
    db: Session, client_id: str, stands: ColumnElement[bool], *, disabled_at: datetime | None
) -> bool:
    switched = db.execute(
        update(Client)
        .where(Client.client_id == client_id, stands)
        .values(disabled_at=disabled_at)
        .returning(Client)
        .execution_options(populate_existing=True)
    )
    return switched.first() is not None


def delete_client(db: Session, client_id: str) -> bool:
    """Forget a client and what it publishes.

    Its grants die with it, for nothing can present them any more.
    """
    delete_documents(db, client_id)
    gone = db.execute(delete(Client).where(Client.client_id == client_id).returning(Client))
    return gone.first() is not None
