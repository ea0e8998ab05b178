"""A client with keys of its own, and what it makes of what it is sent."""

import base64
import json
from typing import Any

from joserfc import jwe, jws, jwt
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey

from tests.oauth.helpers import PROTOCOL, Service, add_client

SIGNING = ["RS256", "PS256", "ES256"]
ENCRYPTION = ["RSA-OAEP", "RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"]
CONTENT = ["A256GCM", "A192GCM", "A128GCM", "A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512"]
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "enc"})
EC = ECKey.generate_key("P-256", {"kid": "ec", "use": "enc"})
OKP = OKPKey.generate_key("X25519", {"kid": "okp", "use": "enc"})
SIGNER = ECKey.generate_key("P-256", {"kid": "signer", "use": "sig"})
KEYS: dict[str, Any] = dict(KeySet([RSA, EC, SIGNER]).as_dict(private=False))


def public(*keys: Key) -> dict[str, Any]:
    return dict(KeySet(list(keys)).as_dict(private=False))


def key_for(alg: str) -> Key:
    return RSA if alg.startswith("RSA") else EC


def with_keys(service: Service, client_id: str = "keys", **metadata: Any) -> Service:
    add_client(service.provider, client_id, **({"jwks": KEYS} | metadata))
    return service.as_client(client_id)


def published(service: Service) -> list[dict[str, Any]]:
    keys: list[dict[str, Any]] = service.http.get(f"{PROTOCOL}/certs").json["keys"]
    return keys


def header(text: str) -> dict[str, Any]:
    """The first part, read without looking at the rest."""
    part = text.partition(".")[0]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def verified(service: Service, text: str, alg: str) -> dict[str, Any]:
    """The claims, as a client verifies them: by the published key of the `kid`, and one `alg`."""
    assert header(text)["alg"] == alg
    (found,) = (key for key in published(service) if key["kid"] == header(text)["kid"])
    assert (found["use"], found["alg"]) == ("sig", alg)
    return dict(jwt.decode(text, KeySet.import_key_set({"keys": [found]}), [alg]).claims)


def decrypted(text: str, key: Key, alg: str, enc: str) -> str:
    opened = jwe.decrypt_compact(text, key, [alg, enc])
    assert (opened.headers()["alg"], opened.headers()["enc"]) == (alg, enc)
    assert "zip" not in opened.headers()
    return (opened.plaintext or b"").decode()


def payload(text: str) -> dict[str, Any]:
    return dict(json.loads(jws.extract_compact(text.encode()).payload or b""))
