"""Checks that parts of the metadata share; each raises `ValueError`, for pydantic to tell."""

from typing import Any, Literal

from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from idp.oauth.rules.called_addresses import check_callable
from idp.oauth.rules.redirect_uris import RedirectUriRefused, check_registrable

INVALID_REDIRECT_URI = "invalid_redirect_uri"
_MOST_KEYS = 20
_RSA_BITS = 2048
"""RFC 7518, 3.3 and 3.5; FAPI 2.0, 5.4.1."""

ContentAlgorithm = Literal[
    "A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512", "A128GCM", "A192GCM", "A256GCM"
]
"""JWE content encryption (RFC 7518, 5)."""


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Listed = BeforeValidator(_listed)
"""Takes one text where a list is meant: a file or an option names a single one so."""


def check_redirect_uri(uri: str, *, development: bool) -> None:
    """Refuse an address that no person may be sent back to."""
    try:
        check_registrable(uri, development=development)
    except RedirectUriRefused as error:
        raise invalid_redirect_uri(str(error)) from error


def invalid_redirect_uri(reason: str) -> PydanticCustomError:
    """The error that has a name of its own in a registration's answer (RFC 7591, 3.2.2)."""
    return PydanticCustomError(INVALID_REDIRECT_URI, "{reason}", {"reason": reason})


def check_called_uri(uri: str, *, development: bool) -> None:
    """Refuse an address that the provider may not call."""
    try:
        check_callable(uri, development=development)
    except RedirectUriRefused as error:
        raise ValueError(str(error)) from error


def check_link(uri: str, *, development: bool) -> None:
    """Refuse a page that people may not be offered to open."""
    try:
        check_registrable(uri, development=development)
    except RedirectUriRefused as error:
        raise ValueError(str(error)) from error
    if not development and not uri.startswith("https://"):
        raise ValueError(f"{uri!r} must be https to be linked to")


def check_public_keys(jwks: dict[str, Any]) -> None:
    """Refuse a key set that cannot be read, is too long, or holds a private or a weak key."""
    try:
        keys = KeySet.import_key_set(jwks).keys  # type: ignore[arg-type]  # checked by joserfc
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"jwks cannot be read: {error}") from error
    if len(keys) > _MOST_KEYS:
        raise ValueError(f"jwks holds more than {_MOST_KEYS} keys")
    if any(key.is_private for key in keys):
        raise ValueError("jwks holds a private key: register public keys only")
    if any(isinstance(key, RSAKey) and key.public_key.key_size < _RSA_BITS for key in keys):
        raise ValueError(f"jwks holds an RSA key of less than {_RSA_BITS} bits")
