"""Reading, replacing and removing a registration of one's own (RFC 7592)."""

import hmac
from typing import Any

from authlib.oauth2.rfc7591 import InvalidClientMetadataError
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.keys.sealing import sha256
from idp.oauth.clients.dynamic_registration import (
    IMPOSED,
    InvalidToken,
    checked,
    information,
    keep,
    own_values,
    secret_for,
)
from idp.oauth.clients.metadata import ClientMetadata, row_of
from idp.oauth.clients.registered import RegisteredClient, active_client
from idp.oauth.clients.self_metadata import OWN_MEMBERS, STATEMENT, registered_members
from idp.oauth.clients.software_statement import stated_members
from idp.provider import Provider
from idp.psc.subject import is_pairwise, sector_of
from idp.store.clients import delete_client
from idp.store.models import Client

ACTOR = "client"
_ANSWERED_ONLY = (
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
)
_NO_TOKEN = bytes(32)


def managed_client(db: Session, client_id: str, bearer: str | None) -> Client:
    """The client that the token manages.

    Raises:
        InvalidToken: it manages none, or another one; whether the client exists is not told.
    """
    client = active_client(db, client_id)
    expected = client.row.registration_token_hash if client else None
    holds = hmac.compare_digest(expected or _NO_TOKEN, sha256(bearer or ""))
    if client is None or expected is None or not holds:
        raise InvalidToken
    return client.row


def read_client(provider: Provider, client: Client, token: str) -> dict[str, Any]:
    """The client information response (2.1), without the secret, of which a digest is kept."""
    return information(provider, client, token=token, secret=None)


def replace_client(
    provider: Provider, db: Session, client: Client, asked: dict[str, Any], token: str
) -> dict[str, Any]:
    """Replace a registration by what is asked (2.2); what the operator imposed stays.

    The secret and the token stay too, so that a lost answer locks nobody out; a client that comes
    to need a secret is given one.

    Raises:
        OAuth2Error: what is asked does not hold; then nothing is changed.
    """
    _check_identity(client, asked)
    values = _stated(provider, client, asked) | _kept(client)
    secret = secret_for(values)
    metadata = checked(provider, values | {"client_secret": secret})
    row = row_of(metadata, provider.sealer)
    _check_sector_stays(provider, client, row)
    signs = row["secret_sealed"] is not None
    if secret and client.secret_hash and (client.secret_sealed or not signs):
        sealed = client.secret_sealed if signs else None
        row |= {"secret_hash": client.secret_hash, "secret_sealed": sealed}
        secret = None
    changed = keep(provider, db, metadata, row, actor=ACTOR)
    return information(provider, changed, token=token, secret=secret)


def remove_client(provider: Provider, db: Session, client: Client) -> None:
    """Forget a client by its own wish (2.3): its grants and tokens are worth nothing any more."""
    delete_client(db, client.client_id)
    record(
        db,
        Event.CLIENT_REMOVED,
        now=provider.clock.now(),
        client_id=client.client_id,
        actor=ACTOR,
    )


def _check_identity(client: Client, asked: dict[str, Any]) -> None:
    """A replacement names its client, by its secret too where it tells one (2.2)."""
    answered = [name for name in _ANSWERED_ONLY if name in asked]
    if answered:
        raise InvalidClientMetadataError(f"{', '.join(answered)}: only ever answered.")
    if asked.get("client_id") != client.client_id:
        raise InvalidClientMetadataError("client_id must be that of the client.")
    secret = asked.get("client_secret")
    if secret is not None and not RegisteredClient(client).check_client_secret(str(secret)):
        raise InvalidClientMetadataError("client_secret is not that of the client.")


def _check_sector_stays(provider: Provider, client: Client, row: dict[str, Any]) -> None:
    """A pairwise client keeps its sector, and none becomes pairwise.

    What it was granted lives on: it would at once know these people as another sector does.
    """
    after = Client(client_id=client.client_id, **row)
    if not is_pairwise(provider, after):
        return
    if not is_pairwise(provider, client) or sector_of(client) != sector_of(after):
        raise InvalidClientMetadataError(
            "subject_type: pairwise holds from the beginning, in one sector: register anew."
        )


def _kept(client: Client) -> dict[str, Any]:
    """What is not the client's to change: the operator's members, and what was imposed.

    What was imposed and is the default stands nowhere in the row.
    """
    registered, fields = registered_members(client), ClientMetadata.model_fields
    imposed = {
        name: registered.get(name, fields[name].get_default(call_default_factory=True))
        for name in client.options.get(IMPOSED, ())
        if name in fields
    }
    operators = {name: value for name, value in registered.items() if name not in OWN_MEMBERS}
    return operators | imposed


def _stated(provider: Provider, client: Client, asked: dict[str, Any]) -> dict[str, Any]:
    """What is asked under the software statement: the one registered, where it names no other.

    That one was verified then, and may have expired since.
    """
    known: str | None = client.options.get(STATEMENT)
    if known is None or asked.get(STATEMENT) not in (None, known):
        return own_values(provider, asked)
    unstated = {name: value for name, value in asked.items() if name != STATEMENT}
    return own_values(provider, unstated) | stated_members(known) | {STATEMENT: known}
