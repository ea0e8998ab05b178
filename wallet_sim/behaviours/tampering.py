"""Fields of a signed answer that a network, or a thief of the device key, may alter."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey

from wallet_sim.encoding import b64url, from_b64url, parse_object

FIELDS: Mapping[str, str] = {
    "number": "nonce_stale",
    "decision": "malformed",
    "roll": "clone_suspected",
    "counter": "malformed",
    "path": "not_recognised",
    "aud": "not_recognised",
    "iat": "not_recognised",
    "request_id": "approved",
    "posture.rooted": "posture_refused",
    "assertion.id": "malformed",
    "assertion.response.signature": "wrong_pin",
    "assertion.response.authenticatorData": "malformed",
    "assertion.response.clientDataJSON": "malformed",
}
"""Members of the signed payload of an answer (docs/phone-protocol.md, 2 and 6), and what becomes of
an answer in which one was altered and which was signed anew with the device key."""
TIMES = ("after_signing", "before_signing")


def alter_after_signing(body: bytes, field: str) -> bytes:
    """The signed request with one field changed, under the signature of what it was."""
    head, payload, signature = body.decode("ascii").split(".")
    changed = _changed(parse_object(from_b64url(payload)), field)
    return f"{head}.{b64url(json.dumps(changed).encode())}.{signature}".encode("ascii")


def alter_before_signing(body: bytes, field: str, device_key: dict[str, Any]) -> bytes:
    """The request with one field changed, signed anew by who has the device key."""
    signed = jws.extract_compact(body)
    changed = _changed(parse_object(signed.payload), field)
    key = ECKey.import_key(device_key)
    header = dict(signed.headers())
    return jws.serialize_compact(header, json.dumps(changed), key, ["ES256"]).encode("ascii")


def _changed(members: dict[str, Any], field: str) -> dict[str, Any]:
    *outer, last = field.split(".")
    inner = members
    for name in outer:
        inner = inner[name]
    inner[last] = _OTHER.get(last, _other_bytes)(inner[last])
    return members


def _other_number(shown: str | None) -> str:
    return "00" if shown != "00" else "01"


def _other_bytes(text: str) -> str:
    # The last byte: a form is kept, a signature or an identifier is another.
    content = bytearray(from_b64url(text))
    content[-1] ^= 1
    return b64url(bytes(content))


_OTHER: dict[str, Callable[[Any], Any]] = {
    "number": _other_number,
    "decision": lambda _: "register",
    "counter": lambda counter: counter + 1,
    "path": lambda path: f"{path}x",
    "aud": lambda issuer: f"{issuer}/elsewhere",
    "iat": lambda instant: instant - 3600,
    "rooted": lambda rooted: not rooted,
}
