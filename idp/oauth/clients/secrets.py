"""What is kept of a client's secret: its digest, and the secret itself only where it signs."""

import hmac
from typing import Any

from joserfc.jwk import OctKey

from idp.keys.sealing import Sealer, sha256
from idp.store.models import Client

CLIENT_SECRET_JWT = "client_secret_jwt"  # noqa: S105 - the name of a method
SEAL = "client-secret"
SHORTEST_SIGNING_SECRET = 32
"""Bytes of a secret that signs with HS256 (OpenID Connect Core 16.19; RFC 7518, 3.2)."""


def secret_columns(auth_method: str, secret: str | None, sealer: Sealer) -> dict[str, Any]:
    """The columns of a secret. It is kept sealed for `client_secret_jwt` alone."""
    signs = secret is not None and auth_method == CLIENT_SECRET_JWT
    return {
        "secret_hash": sha256(secret) if secret else None,
        "secret_sealed": sealer.seal(secret.encode(), purpose=SEAL) if signs and secret else None,
    }


def signing_key(client: Client, sealer: Sealer) -> OctKey | None:
    """The secret as a key, of a client that signs with it."""
    if client.secret_sealed is None:
        return None
    return OctKey.import_key(sealer.open(client.secret_sealed, purpose=SEAL))


def is_same_secret(client: Client, row: dict[str, Any]) -> bool:
    """Whether a row to be written holds the secret that is kept: sealed anew, it looks another."""
    kept, written = client.secret_hash, row["secret_hash"]
    if kept is None or written is None:
        return kept is written
    signs = row["secret_sealed"] is not None
    return hmac.compare_digest(kept, written) and signs == (client.secret_sealed is not None)
