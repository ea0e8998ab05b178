"""What is in a token, read by whoever received it."""

import base64
import hashlib
import json
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet

from tests.oauth.helpers import PROTOCOL, Service

Claims = dict[str, Any]
_FRESH = {"exp", "iat", "jti", "at_hash", "nonce", "session_state", "sid", "auth_time"}
"""Claims of which no two ID tokens need be alike."""


def header_of(token: str) -> dict[str, Any]:
    return dict(jws.extract_compact(token.encode()).headers())


def claims_of(token: str) -> Claims:
    payload = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(payload + "==")))


def verifies(service: Service, token: str) -> bool:
    keys = KeySet.import_key_set(service.http.get(f"{PROTOCOL}/certs").json)
    rs256 = [key for key in keys.keys if key.alg == "RS256"]
    for key in rs256:
        try:
            jwt.decode(token, key, ["RS256"])
        except BadSignatureError:
            continue
        return True
    return False


def at_hash(access_token: str) -> str:
    digest = hashlib.sha256(access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def same_but(was: Claims, told: Claims, *names: str) -> bool:
    apart = _FRESH | set(names)
    shared = {name: value for name, value in was.items() if name not in apart}
    return shared == {name: value for name, value in told.items() if name not in apart}
