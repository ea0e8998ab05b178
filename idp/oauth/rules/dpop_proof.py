"""DPoP proofs, judged alone (RFC 9449, 4.2 and 4.3): no request, no database, no key of ours.

What a proof cannot say by itself is asked elsewhere: whether its `jti` is new, its nonce ours, and
its key the one a grant or token is bound to (`idp/oauth/possession/dpop.py`).
"""

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from authlib.oauth2 import OAuth2Error
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from idp.oauth.rules.target_uri import same_target

TYP = "dpop+jwt"
ALGORITHMS = ["ES256", "PS256", "Ed25519", "EdDSA"]
"""Asymmetric only, as FAPI 2.0 (5.4) lists them; `EdDSA` is the older name of `Ed25519`."""
THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")
"""A SHA-256 thumbprint of a JWK (RFC 7638)."""

_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_MAX_JTI = 256
_RSA_BITS = range(2048, 4097)
_RSA_EXPONENT = 5
"""Longest public exponent, in characters: larger ones only cost time."""


@dataclass(frozen=True)
class _Kind:
    """The keys of one algorithm: its type, its curve, the members that are its public key."""

    key: type[ECKey] | type[OKPKey] | type[RSAKey]
    kty: str
    crv: str | None
    members: tuple[str, ...]
    verified_as: str


_ED25519 = _Kind(OKPKey, "OKP", "Ed25519", ("crv", "x"), "Ed25519")
_KINDS = {
    "ES256": _Kind(ECKey, "EC", "P-256", ("crv", "x", "y"), "ES256"),
    "PS256": _Kind(RSAKey, "RSA", None, ("n", "e"), "PS256"),
    "Ed25519": _ED25519,
    "EdDSA": _ED25519,
}


class InvalidDPoPProof(OAuth2Error):
    """The proof is missing where it is needed, or does not hold (RFC 9449, 5)."""

    error = "invalid_dpop_proof"


@dataclass(frozen=True)
class Expected:
    """The request that a proof has to be for."""

    method: str
    addresses: tuple[str, ...]
    """The public addresses of the endpoint, from the settings: never from `Host`."""
    now: float
    """Seconds since the epoch."""
    lifetime: timedelta
    """How old a proof may be."""
    skew: timedelta
    """How far a client's clock may be ahead of ours."""
    max_length: int
    access_token: str | None = None
    """The token beside the proof, at a protected resource."""


@dataclass(frozen=True)
class Proof:
    """A proof that holds by itself."""

    jkt: str
    """Thumbprint of the key that signed."""
    jti: str
    nonce: str | None


def check_proof(text: str, expected: Expected) -> Proof:
    """Judge the value of a DPoP header (RFC 9449, 4.3).

    Raises:
        InvalidDPoPProof: the first thing that does not hold.
    """
    header, claims, signed, signature = _parsed(text, expected.max_length)
    if header.get("typ") != TYP:
        raise InvalidDPoPProof("The typ of the proof must be dpop+jwt.")
    if "crit" in header:
        raise InvalidDPoPProof("The proof has a critical header that is not understood.")
    algorithm = header.get("alg")
    kind = _KINDS.get(algorithm) if isinstance(algorithm, str) else None
    if kind is None:
        raise InvalidDPoPProof("The alg of the proof is not supported.")
    key = _public_key(header.get("jwk"), kind)
    if not _is_signed(signed, signature, key, kind):
        raise InvalidDPoPProof("The signature of the proof is not that of its jwk.")
    _check_request(claims, expected)
    _check_times(claims, expected)
    _check_access_token(claims, expected.access_token)
    nonce = claims.get("nonce")
    if nonce is not None and not isinstance(nonce, str):
        raise InvalidDPoPProof("The nonce of the proof must be a string.")
    return Proof(key.thumbprint(), _jti(claims), nonce)


def _parsed(text: str, max_length: int) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    parts = _COMPACT.fullmatch(text) if len(text) <= max_length else None
    if parts is None:
        raise InvalidDPoPProof("There must be one DPoP header, and it one compact JWS.")
    try:
        header, claims, signature = (_decoded(part) for part in parts.groups())
        members = json.loads(header), json.loads(claims)
    except (ValueError, RecursionError) as error:
        raise InvalidDPoPProof("The proof is not a JWT.") from error
    if not all(isinstance(given, dict) for given in members):
        raise InvalidDPoPProof("The proof is not a JWT.")
    return *members, text.rpartition(".")[0].encode(), signature


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _public_key(jwk: Any, kind: _Kind) -> Key:
    """The public key of the header, and nothing else of it."""
    if not isinstance(jwk, dict) or jwk.get("kty") != kind.kty or jwk.get("crv") != kind.crv:
        raise InvalidDPoPProof("The jwk of the proof is not a key of its alg.")
    if _PRIVATE & jwk.keys():
        raise InvalidDPoPProof("The jwk of the proof holds private members.")
    given = {name: jwk.get(name) for name in kind.members}
    members = {name: value for name, value in given.items() if isinstance(value, str)}
    if len(members) < len(kind.members):
        raise InvalidDPoPProof("The jwk of the proof is not complete.")
    if kind.kty == "RSA":
        _check_rsa(members)
    try:
        return kind.key.import_key({"kty": kind.kty, **members})
    except (JoseError, ValueError, TypeError) as error:
        raise InvalidDPoPProof("The jwk of the proof is not a key.") from error


def _check_rsa(members: dict[str, str]) -> None:
    try:
        bits = int.from_bytes(_decoded(members["n"])).bit_length()
    except ValueError as error:
        raise InvalidDPoPProof("The jwk of the proof is not a key.") from error
    if bits not in _RSA_BITS or len(members["e"]) > _RSA_EXPONENT:
        raise InvalidDPoPProof("The RSA key of the proof is not of an accepted size.")


def _is_signed(signed: bytes, signature: bytes, key: Key, kind: _Kind) -> bool:
    try:
        return JWSRegistry.algorithms[kind.verified_as].verify(signed, signature, key)
    except (JoseError, ValueError, TypeError):
        return False


def _check_request(claims: dict[str, Any], expected: Expected) -> None:
    if claims.get("htm") != expected.method:
        raise InvalidDPoPProof("The htm of the proof is not the method of the request.")
    htu = claims.get("htu")
    if not isinstance(htu, str) or not _is_one_of(htu, expected.addresses):
        raise InvalidDPoPProof("The htu of the proof is not the address of the request.")


def _is_one_of(htu: str, addresses: tuple[str, ...]) -> bool:
    return any(same_target(htu, address) for address in addresses)


def _check_times(claims: dict[str, Any], expected: Expected) -> None:
    """`iat` always; `exp` and `nbf` where a client sends them (RFC 7519, 4.1.4 and 4.1.5)."""
    now, skew = expected.now, expected.skew.total_seconds()
    oldest = now - expected.lifetime.total_seconds()
    if not oldest <= _time(claims, "iat") <= now + skew:
        raise InvalidDPoPProof("The iat of the proof is too far from the time here.")
    if "exp" in claims and _time(claims, "exp") <= now - skew:
        raise InvalidDPoPProof("The proof has expired.")
    if "nbf" in claims and _time(claims, "nbf") > now + skew:
        raise InvalidDPoPProof("The proof is not valid yet.")


def _time(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise InvalidDPoPProof(f"The {name} of the proof must be a number.")
    return value


def _check_access_token(claims: dict[str, Any], access_token: str | None) -> None:
    if access_token is None:
        return
    digest = hashlib.sha256(access_token.encode()).digest()
    if claims.get("ath") != base64.urlsafe_b64encode(digest).rstrip(b"=").decode():
        raise InvalidDPoPProof("The ath of the proof is not that of the access token.")


def _jti(claims: dict[str, Any]) -> str:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _MAX_JTI or not jti.isprintable():
        raise InvalidDPoPProof("The jti of the proof is missing, too long or not printable.")
    return jti
