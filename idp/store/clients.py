"""Registered clients."""

from typing import Any

from sqlalchemy import delete, select, update
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


def delete_client(db: Session, client_id: str) -> bool:
    """Forget a client and what it publishes.

    Its grants die with it, for nothing can present them any more.
    """
    delete_documents(db, client_id)
    gone = db.execute(delete(Client).where(Client.client_id == client_id).returning(Client))
    return gone.first() is not None
