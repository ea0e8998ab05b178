"""Clients that register themselves (RFC 7591, 3; OpenID Connect Dynamic Client Registration 1.0).

Whoever holds an initial access token of the operator's may register as many clients as it has uses
left. In a simulation the operator may let anybody do so.
"""

import secrets
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from authlib.consts import default_json_headers
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc7591 import InvalidClientMetadataError, InvalidRedirectURIError
from sqlalchemy.orm import Session

from idp.keys.sealing import sha256
from idp.oauth.clients.metadata import (
    ClientMetadata,
    ClientMetadataRefused,
    read_metadata,
    row_of,
)
from idp.oauth.clients.metadata.values import INVALID_REDIRECT_URI
from idp.oauth.clients.registered import CIBA, DEVICE_CODE
from idp.oauth.clients.registration import check_fits_world, write
from idp.oauth.clients.self_metadata import STATEMENT, effective_members, own_members
from idp.oauth.clients.software_statement import verified_statement
from idp.provider import Provider
from idp.psc.addresses import client_configuration_endpoint
from idp.store.clients import known_client
from idp.store.initial_tokens import use_initial_token
from idp.store.models import Client

IMPOSED = "imposed"
"""Client option: names of the members that its initial access token imposed, for good."""
_SECRET_BYTES = 32
_NOT_DESCRIBED = str.maketrans({'"': "'", "\\": "/"})


class InvalidToken(OAuth2Error):
    """401 `invalid_token` (RFC 6750, 3.1), the same whatever is wrong (RFC 7592, 2)."""

    error = "invalid_token"
    status_code = 401
    description = "The access token does not permit this."

    def get_headers(self) -> list[tuple[str, str]]:
        """The challenge that RFC 9110 demands."""
        challenge = 'Bearer realm="registration", error="invalid_token"'
        return [*default_json_headers, ("WWW-Authenticate", challenge)]


@dataclass(frozen=True)
class _Permission:
    """Why somebody may register a client."""

    label: str | None = None
    imposed: Mapping[str, Any] = field(default_factory=dict)


def register_client(
    provider: Provider, db: Session, asked: dict[str, Any], *, bearer: str | None
) -> dict[str, Any]:
    """Register a client; gives the client information response (RFC 7591, 3.2.1).

    Raises:
        InvalidToken: nobody lets the caller register.
        OAuth2Error: what is asked does not hold, named as in RFC 7591, 3.2.2.
    """
    permission = _permission(provider, db, bearer)
    values = {"profile": provider.settings.profile} | own_values(provider, asked)
    if permission.imposed:
        values |= {**permission.imposed, IMPOSED: sorted(permission.imposed)}
    client_id, token = str(uuid.uuid4()), new_secret()
    secret = secret_for(values)
    metadata = checked(provider, values | {"client_id": client_id, "client_secret": secret})
    row = row_of(metadata, provider.sealer) | {"registration_token_hash": sha256(token)}
    client = keep(provider, db, metadata, row, actor=permission.label)
    return information(provider, client, token=token, secret=secret)


def own_values(provider: Provider, asked: dict[str, Any]) -> dict[str, Any]:
    """What the client says of itself, and over it what its software statement says (2.3).

    Raises:
        OAuth2Error: a member that is not the client's to set, or a statement that does not hold.
    """
    values = {"application_type": "web"} | own_members(asked)
    if STATEMENT in values:
        values |= verified_statement(provider, values[STATEMENT])
    return values


def checked(provider: Provider, values: dict[str, Any]) -> ClientMetadata:
    """The registration, where every member holds and its scope is within bounds.

    Raises:
        InvalidRedirectURIError, InvalidClientMetadataError: it does not hold.
    """
    if provider.settings.sub_format == "pairwise":
        values = {"subject_type": "pairwise"} | values
    with _refusals():
        metadata = read_metadata(values | {"scope": _scope(provider, values)})
        check_fits_world(metadata, kind=provider.kind)
    if metadata.subject_type == "public" and provider.settings.sub_format == "pairwise":
        raise InvalidClientMetadataError("subject_type: only pairwise is served here.")
    _check_sector_is_shown(metadata)
    return metadata


def keep(
    provider: Provider,
    db: Session,
    metadata: ClientMetadata,
    row: dict[str, Any],
    *,
    actor: str | None,
) -> Client:
    """Write a checked registration; gives the client as it then is.

    Raises:
        InvalidClientMetadataError: it registers what is not served here.
    """
    with _refusals():
        write(db, metadata, row, now=provider.clock.now(), actor=actor)
    return known_client(db, metadata.client_id)


def secret_for(values: dict[str, Any]) -> str | None:
    """A new secret, for a client that authenticates by one."""
    method = str(values.get("token_endpoint_auth_method", "client_secret_basic"))
    return new_secret() if method.startswith("client_secret") else None


def new_secret() -> str:
    """A client's secret, or a token that manages its registration."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def information(
    provider: Provider, client: Client, *, token: str, secret: str | None
) -> dict[str, Any]:
    """The client information response; a secret is in it once, when it is made."""
    credential = {"client_secret": secret, "client_secret_expires_at": 0} if secret else {}
    return {
        "client_id": client.client_id,
        "client_id_issued_at": int(client.created_at.timestamp()),
        **credential,
        "registration_access_token": token,
        "registration_client_uri": client_configuration_endpoint(
            provider.settings, client.client_id
        ),
        **effective_members(provider, client),
    }


def _permission(provider: Provider, db: Session, bearer: str | None) -> _Permission:
    if bearer is None and provider.settings.open_registration and provider.is_simulation:
        return _Permission()
    token = use_initial_token(db, sha256(bearer or ""), now=provider.clock.now())
    if token is None:
        raise InvalidToken
    return _Permission(token.label, token.imposed)


def _scope(provider: Provider, values: dict[str, Any]) -> str:
    """What is asked within the widest that is given; all of that where nothing is asked."""
    if "scope" in values.get(IMPOSED, ()):
        return str(values["scope"])
    widest = provider.settings.registration_scope.split()
    asked = str(values.get("scope", provider.settings.registration_scope)).split()
    granted = [scope for scope in widest if scope in asked]
    if not granted:
        raise InvalidClientMetadataError("scope: nothing of it is given here.")
    return " ".join(granted)


def _check_sector_is_shown(metadata: ClientMetadata) -> None:
    """Take an address for the sector only of who must hold it to be answered.

    Who gets tokens without one could name anybody's, and know people as they are known there.
    """
    answered_elsewhere = {CIBA, DEVICE_CODE} & set(metadata.grant_types)
    of_redirect_uris = metadata.redirect_uris and metadata.sector_identifier_uri is None
    if metadata.subject_type == "pairwise" and answered_elsewhere and of_redirect_uris:
        raise InvalidClientMetadataError(
            "sector_identifier_uri is needed: tokens are given without a redirect_uri too."
        )


@contextmanager
def _refusals() -> Iterator[None]:
    """Name a refusal as RFC 7591, 3.2.2 does, in the characters that RFC 6749, 5.2 permits."""
    try:
        yield
    except ClientMetadataRefused as error:
        told = str(error).translate(_NOT_DESCRIBED).encode("ascii", "replace").decode()
        told = "".join(character if character.isprintable() else "?" for character in told)
        if error.error == INVALID_REDIRECT_URI:
            raise InvalidRedirectURIError(told) from error
        raise InvalidClientMetadataError(told) from error
