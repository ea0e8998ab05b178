"""What a client signed, verified with the keys it registered: nothing is fetched (decision 40)."""

import json
from copy import copy
from functools import lru_cache
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import Key, KeySet
from joserfc.jws import JWSRegistry
from joserfc.jwt import Token

from idp.oauth.rules.jws_headers import CheckedHeaders

ALGORITHMS = ["PS256", "ES256", "RS256"]
ED25519_NAMES = ["Ed25519", "EdDSA"]
"""The later is the older name (RFC 9864)."""
ASSERTION_ALGORITHMS = [*ALGORITHMS, *ED25519_NAMES]
"""Of assertions that authenticate a client by a key of its own."""


def verified(text: str, jwks: dict[str, Any], algorithms: list[str]) -> Token | None:
    """The JWT, where one of the keys verifies it by one of the algorithms; `none` never is one."""
    for key in keys_of(jwks):
        try:
            return jwt.decode(text, key, algorithms, _Registry(algorithms=algorithms))
        except (JoseError, ValueError, RecursionError):
            continue
    return None


def _by_older_name() -> JWSAlgModel:
    model = copy(JWSRegistry.algorithms["Ed25519"])
    model.name = "EdDSA"
    return model


class _Registry(CheckedHeaders):
    """joserfc's, where the older name of Ed25519 is another and nothing to warn of (RFC 9864)."""

    algorithms = {**JWSRegistry.algorithms, "EdDSA": _by_older_name()}  # noqa: RUF012 - as the class it extends has it


def keys_of(jwks: dict[str, Any]) -> tuple[Key, ...]:
    """The keys of a registered set, imported once."""
    return _keys(json.dumps(jwks, sort_keys=True))


@lru_cache(maxsize=256)
def _keys(jwks: str) -> tuple[Key, ...]:
    return tuple(KeySet.import_key_set(json.loads(jwks)).keys)
