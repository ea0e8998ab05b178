"""What an operator changes of a registered client, on the one path of every registration.

``actor`` is who does it, where the journal does not know it from the request.
"""

from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.oauth.clients.dynamic_registration import new_secret, secret_for
from idp.oauth.clients.metadata import (
    ClientMetadata,
    ClientMetadataRefused,
    read_metadata,
    row_of,
)
from idp.oauth.clients.registration import check_fits_world, served_grant_types, write
from idp.oauth.clients.secrets import CLIENT_SECRET_JWT, secret_columns
from idp.oauth.clients.self_metadata import registered_members
from idp.provider import Provider
from idp.store import clients as store
from idp.store.models import Client


class ClientUnknown(LookupError):
    """There is no such client."""


def change_members(
    provider: Provider,
    db: Session,
    client_id: str,
    changes: dict[str, Any],
    *,
    actor: str | None = None,
) -> None:
    """Change some members of a registration; the others, and the secret, stay as they are.

    A member that becomes None goes back to its default.

    Raises:
        ClientUnknown: there is no such client.
        ClientMetadataRefused: what it would become does not hold, or it would need a secret that
            it does not have.
    """
    client = _known(db, client_id)
    members = registered_members(client) | changes
    values = {name: value for name, value in members.items() if value is not None}
    metadata = read_metadata(values | {"client_secret": secret_for(values)})
    check_fits_world(metadata, kind=provider.kind)
    write(
        db,
        metadata,
        row_of(metadata, provider.sealer) | _kept_secret(client, metadata),
        now=provider.clock.now(),
        actor=actor,
        grant_types=served_grant_types(provider.settings),
    )


def renew_secret(
    provider: Provider, db: Session, client_id: str, *, actor: str | None = None
) -> str:
    """A new secret; the one before ends at once.

    Raises:
        ClientUnknown: there is no such client.
        ClientMetadataRefused: it authenticates without a secret.
    """
    client = _known(db, client_id)
    if client.secret_hash is None:
        raise ClientMetadataRefused(f"client {client_id} authenticates without a secret")
    fresh = new_secret()
    columns = secret_columns(client.auth_method, fresh, provider.sealer)
    store.change_client(db, client_id, **columns)
    now = provider.clock.now()
    record(db, Event.CLIENT_CHANGED, now=now, client_id=client_id, actor=actor, renewed=True)
    return fresh


def disable(provider: Provider, db: Session, client_id: str, *, actor: str | None = None) -> bool:
    """Shut a client out: from then on its requests, codes and tokens are worth nothing.

    False where it was shut out already.

    Raises:
        ClientUnknown: there is no such client.
    """
    _known(db, client_id)
    now = provider.clock.now()
    if not store.disable_client(db, client_id, now=now):
        return False
    record(db, Event.CLIENT_DISABLED, now=now, client_id=client_id, actor=actor)
    return True


def enable(provider: Provider, db: Session, client_id: str, *, actor: str | None = None) -> bool:
    """Let a client in again; False where it was not shut out.

    Raises:
        ClientUnknown: there is no such client.
    """
    _known(db, client_id)
    if not store.enable_client(db, client_id):
        return False
    now = provider.clock.now()
    record(db, Event.CLIENT_ENABLED, now=now, client_id=client_id, actor=actor)
    return True


def remove(provider: Provider, db: Session, client_id: str, *, actor: str | None = None) -> None:
    """Forget a client: its tokens and codes are worth nothing from then on.

    Raises:
        ClientUnknown: there is no such client.
    """
    _known(db, client_id)
    store.delete_client(db, client_id)
    now = provider.clock.now()
    record(db, Event.CLIENT_REMOVED, now=now, client_id=client_id, actor=actor)


def _known(db: Session, client_id: str) -> Client:
    client = store.find_client(db, client_id)
    if client is None:
        raise ClientUnknown(client_id)
    return client


def _kept_secret(client: Client, metadata: ClientMetadata) -> dict[str, Any]:
    """The columns of the secret that it has; another one stood in for it while it was checked."""
    method = metadata.token_endpoint_auth_method
    if metadata.client_secret is None:
        return {}
    signs = method == CLIENT_SECRET_JWT
    if client.secret_hash is None or (signs and client.secret_sealed is None):
        raise ClientMetadataRefused(
            f"token_endpoint_auth_method: {method} needs a secret that this client does not have"
        )
    sealed = client.secret_sealed if signs else None
    return {"secret_hash": client.secret_hash, "secret_sealed": sealed}
