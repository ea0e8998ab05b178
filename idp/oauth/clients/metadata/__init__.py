"""What is registered of a client: one documented object, a module a part.

Names are those of OpenID Connect Dynamic Client Registration 1.0, RFC 7591 and the specification
of each part; this provider's own stand in `people.py`, `possession.py` and `identity.py`. A new
member is a line in its part: what is neither a column nor its default is kept in the row's
`options`, under its own name.
"""

from typing import Any

from pydantic import ConfigDict, ValidationError

from idp.keys.sealing import sha256
from idp.oauth.clients.metadata.identity import ALL_SCOPES, Identity
from idp.oauth.clients.metadata.logout import Logout
from idp.oauth.clients.metadata.people import People
from idp.oauth.clients.metadata.possession import Possession
from idp.oauth.clients.metadata.requests import Requests

__all__ = ["ALL_SCOPES", "ClientMetadata", "ClientMetadataRefused", "read_metadata", "row_of"]

_COLUMNS = frozenset({*Identity.model_fields, "means"}) - {"grant_types"}


class ClientMetadataRefused(Exception):
    """The registration does not hold; the message says what and why."""


class ClientMetadata(Requests, Possession, Logout, People):
    """What is registered of a client."""

    model_config = ConfigDict(extra="allow", frozen=True)


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


def row_of(metadata: ClientMetadata) -> dict[str, Any]:
    """The columns of a client's row, but for its identifier and the date of its registration."""
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


def _options(metadata: ClientMetadata) -> dict[str, Any]:
    """What stands in no column of its own; what was left at its default is left out."""
    chosen = metadata.model_dump(mode="json", exclude_defaults=True)
    return {name: value for name, value in chosen.items() if name not in _COLUMNS}
