"""Registering clients, by command and by a file at start."""

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.keys.sealing import Sealer
from idp.oauth.clients.metadata import (
    ClientMetadata,
    ClientMetadataRefused,
    read_metadata,
    row_of,
)
from idp.oauth.clients.registered import EXCHANGE_GRANT_TYPES, GRANT_TYPES
from idp.oauth.clients.secrets import is_same_secret
from idp.provider import Provider
from idp.settings import Settings
from idp.store.client_documents import keep_documents
from idp.store.clients import add_client, change_client, find_client
from idp.store.models import Client

_SHORTEST_SECRET = 32
"""Characters of a secret that a real database accepts: 128 random bits in hexadecimal."""
_LEAST_VARIETY = 8
"""Different characters below which a text that long was typed, not drawn."""


def served_grant_types(settings: Settings) -> tuple[str, ...]:
    """The grants that clients of an issuer may register: an API's exchanges, and nothing else."""
    return EXCHANGE_GRANT_TYPES if settings.is_of_an_api else GRANT_TYPES


def register(
    db: Session,
    metadata: ClientMetadata,
    *,
    kind: str,
    sealer: Sealer,
    now: datetime,
    grant_types: tuple[str, ...] = GRANT_TYPES,
) -> bool:
    """Add a client, or change the one of that identifier; True when it is new.

    Raises:
        ClientMetadataRefused: a development client, or a secret that can be guessed, in a real
            database (decision 1).
    """
    check_fits_world(metadata, kind=kind)
    return write(db, metadata, row_of(metadata, sealer), now=now, grant_types=grant_types)


def register_at(provider: Provider, db: Session, metadata: ClientMetadata) -> None:
    """Add a client of an issuer, or change it, with the grants that the issuer serves.

    Raises:
        ClientMetadataRefused: as :func:`register`, or a grant that is not served.
    """
    register(
        db,
        metadata,
        kind=provider.kind,
        sealer=provider.sealer,
        now=provider.clock.now(),
        grant_types=served_grant_types(provider.settings),
    )


def check_fits_world(metadata: ClientMetadata, *, kind: str) -> None:
    """Refuse what only a simulation may hold.

    Raises:
        ClientMetadataRefused: a development client, or a secret that can be guessed, in a real
            database (decision 1).
    """
    if metadata.development and kind == "real":
        raise ClientMetadataRefused("a real database accepts no development client (decision 1)")
    if metadata.client_secret:
        check_secret(metadata.client_secret, kind=kind)


def write(
    db: Session,
    metadata: ClientMetadata,
    row: dict[str, Any],
    *,
    now: datetime,
    actor: str | None = None,
    grant_types: tuple[str, ...] = GRANT_TYPES,
) -> bool:
    """Keep a checked registration and have its documents fetched; True when it is new.

    ``actor`` is who registered it, where that was not the operator; ``grant_types`` are those
    that this issuer serves.

    Raises:
        ClientMetadataRefused: it registers a grant that is not served here.
    """
    if not set(metadata.grant_types) <= set(grant_types):
        raise ClientMetadataRefused(f"grant_types: must be among {', '.join(grant_types)}")
    client_id = metadata.client_id
    known = find_client(db, client_id)
    if known is None:
        add_client(db, Client(client_id=client_id, created_at=now, **row))
        keep_documents(db, client_id, metadata.documents, anew=(), now=now)
        record(db, Event.CLIENT_ADDED, now=now, client_id=client_id, actor=actor)
        return True
    if metadata.jwks_uri and metadata.jwks_uri == known.options.get("jwks_uri"):
        row = row | {"jwks": known.jwks}
    if is_same_secret(known, row):
        row = row | {"secret_sealed": known.secret_sealed}
    if any(getattr(known, name) != value for name, value in row.items()):
        change_client(db, client_id, **row)
        # What the sector lists was compared with the addresses registered before.
        keep_documents(db, client_id, metadata.documents, anew=["sector_identifier"], now=now)
        record(db, Event.CLIENT_CHANGED, now=now, client_id=client_id, actor=actor)
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
