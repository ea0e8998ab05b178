"""Registering clients, by command and by a file at start."""

import tomllib
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.oauth.clients.metadata import (
    ClientMetadata,
    ClientMetadataRefused,
    read_metadata,
    row_of,
)
from idp.store.clients import add_client, change_client, find_client
from idp.store.models import Client

_SHORTEST_SECRET = 32
"""Characters of a secret that a real database accepts: 128 random bits in hexadecimal."""
_LEAST_VARIETY = 8
"""Different characters below which a text that long was typed, not drawn."""


def register(db: Session, metadata: ClientMetadata, *, kind: str, now: datetime) -> bool:
    """Add a client, or change the one of that identifier; True when it is new.

    Raises:
        ClientMetadataRefused: a development client, or a secret that can be guessed, in a real
            database (decision 1).
    """
    if metadata.development and kind == "real":
        raise ClientMetadataRefused("a real database accepts no development client (decision 1)")
    if metadata.client_secret:
        check_secret(metadata.client_secret, kind=kind)
    row = row_of(metadata)
    known = find_client(db, metadata.client_id)
    if known is None:
        add_client(db, Client(client_id=metadata.client_id, created_at=now, **row))
        record(db, Event.CLIENT_ADDED, now=now, client_id=metadata.client_id)
        return True
    if any(getattr(known, name) != value for name, value in row.items()):
        change_client(db, metadata.client_id, **row)
        record(db, Event.CLIENT_CHANGED, now=now, client_id=metadata.client_id)
    return False


def check_secret(secret: str, *, kind: str) -> None:
    """Refuse a secret that can be guessed, since only its digest is kept.

    Raises:
        ClientMetadataRefused: it is short or monotonous, and the database real.
    """
    weak = len(secret) < _SHORTEST_SECRET or len(set(secret)) < _LEAST_VARIETY
    if weak and kind == "real":
        raise ClientMetadataRefused(
            f"a real database accepts client secrets of at least {_SHORTEST_SECRET} random "
            "characters: leave it out and one is made"
        )


def read_clients_file(file: Path) -> list[ClientMetadata]:
    """The registrations of a TOML file: one `[[clients]]` table each.

    Raises:
        ClientMetadataRefused: the file cannot be read, or a registration does not hold.
    """
    try:
        tables = tomllib.loads(file.read_text("utf-8")).get("clients", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ClientMetadataRefused(f"{file}: {error}") from error
    return [read_metadata(table) for table in tables]
