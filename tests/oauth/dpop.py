"""A client's side of DPoP, written from RFC 9449: keys, and the proofs they sign."""

import base64
import hashlib
import json
import secrets
from typing import Any

from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from idp.provider import Provider
from tests.oauth.helpers import PROTOCOL, Service

KEY = ECKey.generate_key("P-256")
OTHER_KEY = ECKey.generate_key("P-256")
ED25519_KEY = OKPKey.generate_key("Ed25519")
RSA_KEY = RSAKey.generate_key(2048)
BASE = "http://localhost:8000"
TOKEN_ADDRESS = f"{BASE}{PROTOCOL}/token"
USERINFO_ADDRESS = f"{BASE}{PROTOCOL}/userinfo"


def segment(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def signed(header: dict[str, Any], claims: Any, key: Key = KEY, *, signer: str = "ES256") -> str:
    """A compact JWS with whatever header and claims, signed by the key."""
    signing_input = f"{segment(json.dumps(header).encode())}.{segment(json.dumps(claims).encode())}"
    signature = JWSRegistry.algorithms[signer].sign(signing_input.encode(), key)
    return f"{signing_input}.{segment(signature)}"


def header_of(key: Key = KEY, **changes: Any) -> dict[str, Any]:
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}
    return {name: value for name, value in (header | changes).items() if value is not None}


def claims_at(now: float, **changes: Any) -> dict[str, Any]:
    claims = {
        "jti": secrets.token_urlsafe(16),
        "htm": "POST",
        "htu": TOKEN_ADDRESS,
        "iat": int(now),
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def ath(access_token: str) -> str:
    return segment(hashlib.sha256(access_token.encode()).digest())


def proof(provider: Provider, key: Key = KEY, **changes: Any) -> str:
    """A good proof for the token endpoint, but for the claims that are changed."""
    return signed(header_of(key), claims_at(provider.clock.timestamp(), **changes), key)


def redeem(service: Service, code: str, sent: str | None, *, basic: bool = True) -> Any:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": "https://service.test/callback",
    }
    return post(service, form, sent, basic=basic)


def refresh(service: Service, token: str, sent: str | None, *, basic: bool = True) -> Any:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return post(service, form, sent, basic=basic)


def post(service: Service, form: dict[str, Any], sent: str | None, *, basic: bool = True) -> Any:
    headers = (service.basic if basic else {}) | ({"DPoP": sent} if sent else {})
    form = form if basic else form | {"client_id": service.client_id}
    return service.http.post(f"{PROTOCOL}/token", data=form, headers=headers)


def userinfo(service: Service, access_token: str, sent: str | None, scheme: str = "DPoP") -> Any:
    headers = {"Authorization": f"{scheme} {access_token}"} | ({"DPoP": sent} if sent else {})
    return service.http.get(f"{PROTOCOL}/userinfo", headers=headers)


def userinfo_proof(provider: Provider, access_token: str, key: Key = KEY, **changes: Any) -> str:
    given = {"htm": "GET", "htu": USERINFO_ADDRESS, "ath": ath(access_token)}
    return proof(provider, key, **(given | changes))
