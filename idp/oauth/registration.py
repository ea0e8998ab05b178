"""Registering clients, by command and by a file at start.

Metadata has the names of OpenID Connect Dynamic Client Registration 1.0 and RFC 7591, with some
of this provider's own: `profile`, `means` (decision 7), `card_families` (decision 30),
`selected_activity` (decision 15) and `dpop_nonce_required`.
"""

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.keys.sealing import sha256
from idp.oauth.registered_client import (
    DPOP_BOUND_ACCESS_TOKENS,
    DPOP_NONCE_REQUIRED,
    REQUEST_SIGNING_ALG,
    REQUIRE_PUSHED_REQUESTS,
    REQUIRE_SIGNED_REQUESTS,
)
from idp.oauth.rules.called_addresses import check_callable
from idp.oauth.rules.redirect_uris import RedirectUriRefused, check_registrable
from idp.psc.selected_activity import SELECTED_ACTIVITY
from idp.store.clients import add_client, change_client, find_client
from idp.store.models import Client

ALL_SCOPES = "openid profile email address phone scope_all"
_SHORTEST_SECRET = 32
"""Characters of a secret that a real database accepts: 128 random bits in hexadecimal."""
_LEAST_VARIETY = 8
"""Different characters below which a text that long was typed, not drawn."""
_MOST_KEYS = 20
_CLIENT_ID = r"^[\x21-\x7e]{1,200}$"  # VSCHAR of RFC 6749, A.1, without the space


class ClientMetadataRefused(Exception):
    """The registration does not hold; the message says what and why."""


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class ClientMetadata(BaseModel):
    """What is registered of a client."""

    model_config = ConfigDict(extra="allow", frozen=True)

    client_id: str = Field(pattern=_CLIENT_ID)
    client_name: str = ""
    client_secret: str | None = None
    redirect_uris: Annotated[list[str], BeforeValidator(_listed)] = Field(min_length=1)
    post_logout_redirect_uris: Annotated[list[str], BeforeValidator(_listed)] = []
    token_endpoint_auth_method: Literal[
        "client_secret_basic", "client_secret_post", "private_key_jwt", "none"
    ] = "client_secret_basic"  # noqa: S105 - the name of a method
    jwks: dict[str, Any] | None = None
    scope: str = ALL_SCOPES
    profile: Literal["psc", "strict"] = "psc"
    means: list[Literal["MOBILE", "CARD", "WEBAUTHN"]] = ["MOBILE", "CARD", "WEBAUTHN"]
    card_families: list[Literal["CPS", "CPF", "CPE", "CPA"]] | None = None
    """Families of cards it takes; as the settings say, where it names none (decision 30)."""
    backchannel_logout_uri: str | None = None
    """Where it is told that a session ended (OpenID Connect Back-Channel Logout 1.0, 2.2)."""
    backchannel_logout_session_required: bool = False
    """Whether it needs `sid` there, which it is always told."""
    selected_activity: bool = False
    """Told the activity the person chooses (CP-08, decision 15)."""
    require_pushed_authorization_requests: bool = False
    """Only pushed requests are taken from it (RFC 9126, 6)."""
    require_signed_request_object: bool = False
    """Only signed requests are taken from it (RFC 9101, 10.5)."""
    request_object_signing_alg: Literal["PS256", "ES256", "RS256"] | None = None
    """The one algorithm of its signed requests; any of these where it names none."""
    dpop_bound_access_tokens: bool = False
    """Always proves a key, and gets no other tokens (RFC 9449, 5.2)."""
    dpop_nonce_required: bool = False
    """Its proofs must hold a nonce of ours (RFC 9449, 8), as where the settings say so for all."""
    development: bool = False

    @model_validator(mode="after")
    def _credential_fits(self) -> Self:
        method = self.token_endpoint_auth_method
        if method.startswith("client_secret") and not self.client_secret:
            raise ValueError(f"{method} needs a client_secret")
        if method in {"private_key_jwt", "none"} and self.client_secret:
            raise ValueError(f"{method} has no client_secret")
        if method == "private_key_jwt" and not self.jwks:
            raise ValueError("private_key_jwt needs jwks")
        if self.require_signed_request_object and not self.jwks:
            raise ValueError("require_signed_request_object needs jwks")
        if self.jwks is not None:
            _check_public(self.jwks)
        return self

    @model_validator(mode="after")
    def _addresses_fit(self) -> Self:
        for uri in (*self.redirect_uris, *self.post_logout_redirect_uris):
            try:
                check_registrable(uri, development=self.development)
            except RedirectUriRefused as error:
                raise ValueError(str(error)) from error
        if self.backchannel_logout_uri is not None:
            try:
                check_callable(self.backchannel_logout_uri, development=self.development)
            except RedirectUriRefused as error:
                raise ValueError(str(error)) from error
        return self


def _check_public(jwks: dict[str, Any]) -> None:
    try:
        keys = KeySet.import_key_set(jwks).keys  # type: ignore[arg-type]  # checked by joserfc
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"jwks cannot be read: {error}") from error
    if len(keys) > _MOST_KEYS:
        raise ValueError(f"jwks holds more than {_MOST_KEYS} keys")
    if any(key.is_private for key in keys):
        raise ValueError("jwks holds a private key: register public keys only")


def read_metadata(values: dict[str, Any]) -> ClientMetadata:
    """Check a registration.

    Raises:
        ClientMetadataRefused: it does not hold.
    """
    try:
        return ClientMetadata(**values)
    except ValidationError as error:
        problems = (
            f"{'.'.join(str(part) for part in problem['loc']) or 'client'}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        )
        raise ClientMetadataRefused("; ".join(problems)) from error


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
    row = _row(metadata)
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


def _row(metadata: ClientMetadata) -> dict[str, Any]:
    return {
        "name": metadata.client_name or metadata.client_id,
        "secret_hash": sha256(metadata.client_secret) if metadata.client_secret else None,
        "redirect_uris": metadata.redirect_uris,
        "post_logout_redirect_uris": metadata.post_logout_redirect_uris,
        "auth_method": metadata.token_endpoint_auth_method,
        "jwks": metadata.jwks,
        "scope": metadata.scope,
        "profile": metadata.profile,
        "means": list(metadata.means),
        "options": _options(metadata),
        "development": metadata.development,
        "disabled_at": None,
    }


def _logout(metadata: ClientMetadata) -> dict[str, Any]:
    if metadata.backchannel_logout_uri is None:
        return {}
    return {
        "backchannel_logout_uri": metadata.backchannel_logout_uri,
        "backchannel_logout_session_required": metadata.backchannel_logout_session_required,
    }


def _options(metadata: ClientMetadata) -> dict[str, Any]:
    chosen = {SELECTED_ACTIVITY: True} if metadata.selected_activity else {}
    families = metadata.card_families
    taken = {} if families is None else {"card_families": list(families)}
    further = (metadata.model_extra or {}) | _logout(metadata) | _proofs(metadata)
    return further | _requests(metadata) | chosen | taken


def _requests(metadata: ClientMetadata) -> dict[str, Any]:
    names = (REQUIRE_PUSHED_REQUESTS, REQUIRE_SIGNED_REQUESTS, REQUEST_SIGNING_ALG)
    return {name: getattr(metadata, name) for name in names if getattr(metadata, name)}


def _proofs(metadata: ClientMetadata) -> dict[str, Any]:
    names = (DPOP_BOUND_ACCESS_TOKENS, DPOP_NONCE_REQUIRED)
    return {name: True for name in names if getattr(metadata, name)}
