"""What a client signed, verified with the keys it registered: nothing is fetched (decision 40)."""

import json
from functools import lru_cache
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet
from joserfc.jwt import Token

ALGORITHMS = ["PS256", "ES256", "RS256"]


def verified(text: str, jwks: dict[str, Any], algorithms: list[str]) -> Token | None:
    """The JWT, where one of the keys verifies it by one of the algorithms; `none` never is one."""
    for key in _keys(json.dumps(jwks, sort_keys=True)):
        try:
            return jwt.decode(text, key, algorithms)
        except (JoseError, ValueError, RecursionError):
            continue
    return None


@lru_cache(maxsize=256)
def _keys(jwks: str) -> tuple[Key, ...]:
    return tuple(KeySet.import_key_set(json.loads(jwks)).keys)
