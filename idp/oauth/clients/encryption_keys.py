"""To which of its keys what a client is sent is encrypted (RFC 7516; OpenID Connect Core 10.2)."""

from typing import Any

from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from idp.oauth.clients.signatures import keys_of

ALGORITHMS = ["RSA-OAEP", "RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"]
"""RSA1_5 is not among them: it cannot be decrypted without an oracle (RFC 8725, 3.2)."""
CONTENT_ALGORITHMS = [
    "A256GCM",
    "A192GCM",
    "A128GCM",
    "A128CBC-HS256",
    "A192CBC-HS384",
    "A256CBC-HS512",
]
USUAL_CONTENT_ALGORITHM = "A128CBC-HS256"
"""Where a client registered none (OpenID Connect Dynamic Client Registration 1.0, 2)."""
_SHORTEST_RSA = 2048
_CURVES = {"P-256", "P-384", "P-521", "X25519"}
_RSA_OPERATION = "encrypt"
_AGREEMENTS = {"deriveKey", "deriveBits"}


def encryption_key(jwks: dict[str, Any] | None, alg: str) -> Key | None:
    """The key that fits the algorithm best; nothing where none does.

    A key says itself whether it fits (`use`, `alg`, `key_ops`; RFC 7517, 4); one that names
    encryption, or this very algorithm, goes before one that says nothing.
    """
    if jwks is None:
        return None
    fitting = [key for key in keys_of(jwks) if _fits(key, alg)]
    return max(fitting, key=lambda key: _preference(key, alg), default=None)


def registered_kid(key: Key) -> str | None:
    """The `kid` under which the client knows the key; the library gives one to each other too."""
    kid: str | None = key.original_value.get("kid")
    return kid


def _preference(key: Key, alg: str) -> tuple[bool, bool]:
    return key.get("alg") == alg, key.get("use") == "enc"


def _fits(key: Key, alg: str) -> bool:
    if key.get("use", "enc") != "enc" or key.get("alg", alg) != alg:
        return False
    operations = key.get("key_ops")
    if alg.startswith("RSA"):
        return (
            isinstance(key, RSAKey)
            and key.public_key.key_size >= _SHORTEST_RSA
            and (operations is None or _RSA_OPERATION in operations)
        )
    return (
        isinstance(key, ECKey | OKPKey)
        and key.curve_name in _CURVES
        and (operations is None or bool(_AGREEMENTS & set(operations)))
    )
