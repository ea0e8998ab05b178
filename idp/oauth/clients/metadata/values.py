"""Checks that parts of the metadata share; each raises `ValueError`, for pydantic to tell."""

from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BeforeValidator

from idp.oauth.rules.called_addresses import check_callable
from idp.oauth.rules.redirect_uris import RedirectUriRefused, check_registrable

_MOST_KEYS = 20


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Listed = BeforeValidator(_listed)
"""Takes one text where a list is meant: a file or an option names a single one so."""


def check_redirect_uri(uri: str, *, development: bool) -> None:
    """Refuse an address that no person may be sent back to."""
    try:
        check_registrable(uri, development=development)
    except RedirectUriRefused as error:
        raise ValueError(str(error)) from error


def check_called_uri(uri: str, *, development: bool) -> None:
    """Refuse an address that the provider may not call."""
    try:
        check_callable(uri, development=development)
    except RedirectUriRefused as error:
        raise ValueError(str(error)) from error


def check_public_keys(jwks: dict[str, Any]) -> None:
    """Refuse a key set that cannot be read, is too long, or holds a private key."""
    try:
        keys = KeySet.import_key_set(jwks).keys  # type: ignore[arg-type]  # checked by joserfc
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"jwks cannot be read: {error}") from error
    if len(keys) > _MOST_KEYS:
        raise ValueError(f"jwks holds more than {_MOST_KEYS} keys")
    if any(key.is_private for key in keys):
        raise ValueError("jwks holds a private key: register public keys only")
