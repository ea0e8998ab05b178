"""What of a request and of an answer is kept: what a check needs, and no secret.

What may be kept in clear is listed; anything else that comes is a fingerprint, so that a secret
under an unexpected name is none the less kept from the record.
"""

import json
import re
from typing import Any

from flask import Response

from idp.keys.sealing import sha256

HIDDEN = "(hidden)"
_FINGERPRINT = 32
"""Hexadecimal digits of a fingerprint: enough to tell that two secrets are one."""
_GUESSABLE = frozenset({"client_secret", "password", "user_code", "pin"})
"""Short enough to be found from a fingerprint."""
_CLEAR = frozenset(
    {
        "acr_values",
        "audience",
        "backchannel_token_delivery_mode",
        "binding_message",
        "channel",
        "claims",
        "claims_locales",
        "client_assertion_type",
        "client_id",
        "code_challenge",
        "code_challenge_method",
        "display",
        "dpop_jkt",
        "grant_type",
        "kc_idp_hint",
        "login_hint",
        "logout_hint",
        "max_age",
        "nonce",
        "post_logout_redirect_uri",
        "prompt",
        "redirect_uri",
        "requested_expiry",
        "resource",
        "response_mode",
        "response_type",
        "scope",
        "state",
        "token_type_hint",
        "ui_locales",
    }
)
_CLEAR_ANSWERS = frozenset(
    {
        "active",
        "client_id",
        "error",
        "error_description",
        "expires_in",
        "interval",
        "refresh_expires_in",
        "scope",
        "session_state",
        "token_type",
    }
)
_FINGERPRINTED_ANSWERS = frozenset(
    {"access_token", "auth_req_id", "code", "device_code", "id_token", "refresh_token"}
)
_NAME = re.compile(r"[A-Za-z][a-z]*([_A-Z][a-z]+)*")
_LONGEST_NAME = 50
_SCHEMES = frozenset({"basic", "bearer", "dpop"})
_UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"
_PUSHED = "urn:ietf:params:oauth:request_uri:"


def fingerprint(secret: str) -> str:
    """By which two uses of one secret are known, and which gives nothing away of a random one."""
    return f"sha256:{sha256(secret).hex()[:_FINGERPRINT]}"


def told_parameter(name: str, value: str, *, longest: int) -> str:
    """A parameter as it is kept; ``longest`` in characters."""
    if name in _GUESSABLE and value:
        return HIDDEN
    is_address = name == "request_uri" and not value.startswith(_PUSHED)
    if name in _CLEAR or is_address or not value:
        return value if len(value) <= longest else f"{value[:longest]}…"
    return fingerprint(value)


def told_name(name: str) -> str:
    """The name of a parameter as it is kept.

    What is sent as a form and is none, or in an address without a name, stands where names do.
    """
    is_name = len(name) <= _LONGEST_NAME and _NAME.fullmatch(name)
    return name if is_name else HIDDEN


def told_scheme(authorization: str) -> str:
    """The scheme of an `Authorization` header; without one, credentials stand in its place."""
    scheme, _, credentials = authorization.partition(" ")
    return scheme if scheme.lower() in _SCHEMES and credentials else HIDDEN


def told_object(claims: dict[str, Any], *, longest: int) -> dict[str, Any]:
    """The members of a request object as they are kept, each a text."""
    return {
        told_name(name): told_parameter(name, _as_text(value), longest=longest)
        for name, value in claims.items()
    }


def told_answer(response: Response) -> dict[str, Any]:
    """What a JSON answer says, as far as a check needs it; which members it had."""
    if response.mimetype != "application/json" or response.is_streamed:
        return {}
    body = response.get_json(silent=True)
    if not isinstance(body, dict):
        return {}
    told: dict[str, Any] = {name: body[name] for name in sorted(_CLEAR_ANSWERS & body.keys())}
    for name in sorted(_FINGERPRINTED_ANSWERS & body.keys()):
        told[name] = fingerprint(str(body[name]))
    if str(body.get("request_uri", "")).startswith(_PUSHED):
        told["request_uri"] = fingerprint(body["request_uri"])
    return told | {"members": list(body)}


def storable(value: Any) -> Any:
    """The same, as every database can hold it: without NUL and half characters."""
    if isinstance(value, str):
        return value.replace("\0", _UNPRINTABLE).encode(errors="replace").decode()
    if isinstance(value, dict):
        return {storable(name): storable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [storable(inner) for inner in value]
    return value


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
