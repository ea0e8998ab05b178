"""What is registered of a client: one documented object, a module a part.

Names are those of OpenID Connect Dynamic Client Registration 1.0, RFC 7591 and the specification
of each part; this provider's own stand in `people.py`, `possession.py` and `identity.py`. A new
member is a line in its part: what is neither a column nor its default is kept in the row's
`options`, under its own name.
"""

from typing import Any

from pydantic import ConfigDict, ValidationError

from idp.keys.sealing import Sealer
from idp.oauth.clients.metadata.ciba import Ciba
from idp.oauth.clients.metadata.documents import Documents
from idp.oauth.clients.metadata.identity import ALL_SCOPES, Identity
from idp.oauth.clients.metadata.logout import Logout
from idp.oauth.clients.metadata.people import People
from idp.oauth.clients.metadata.profile import Profile
from idp.oauth.clients.metadata.resources import Resources
from idp.oauth.clients.metadata.software import Software
from idp.oauth.clients.metadata.tokens import Tokens
from idp.oauth.clients.metadata.values import INVALID_REDIRECT_URI
from idp.oauth.clients.secrets import secret_columns

__all__ = ["ALL_SCOPES", "ClientMetadata", "ClientMetadataRefused", "read_metadata", "row_of"]

_COLUMNS = frozenset({*Identity.model_fields, "means"}) - {"grant_types", "jwks_uri"}


class ClientMetadataRefused(Exception):
    """The registration does not hold; the message says what and why."""

    def __init__(self, message: str, error: str = "invalid_client_metadata") -> None:
        super().__init__(message)
        self.error = error
        """The code of RFC 7591, 3.2.2."""


class ClientMetadata(Profile, Ciba, Tokens, Documents, Software, Resources, Logout, People):
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
        problems = error.errors(include_input=False, include_url=False)
        texts = (
            ": ".join((*(str(part) for part in problem["loc"]), _reason(problem["msg"])))
            for problem in problems
        )
        named = {problem["type"] for problem in problems} & {INVALID_REDIRECT_URI}
        raise ClientMetadataRefused("; ".join(texts), *named) from error


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ")


def row_of(metadata: ClientMetadata, sealer: Sealer) -> dict[str, Any]:
    """The columns of a client's row, but for its identifier and the date of its registration."""
    return {
        "name": metadata.client_name or metadata.client_id,
        **secret_columns(metadata.token_endpoint_auth_method, metadata.client_secret, sealer),
        "redirect_uris": metadata.redirect_uris,
        "post_logout_redirect_uris": metadata.post_logout_redirect_uris,
        "auth_method": metadata.token_endpoint_auth_method,
        "jwks": metadata.jwks,
        "scope": metadata.scope,
        "profile": metadata.profile,
        "means": list(metadata.means),
        "options": _options(metadata),
        "development": metadata.development,
    }


def _options(metadata: ClientMetadata) -> dict[str, Any]:
    """What stands in no column of its own; what was left at its default is left out."""
    chosen = metadata.model_dump(mode="json", exclude_defaults=True)
    return {name: value for name, value in chosen.items() if name not in _COLUMNS}
