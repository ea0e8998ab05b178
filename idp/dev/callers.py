"""Which client a request is from, by what it says: for the faults and the recorder alone.

Nothing is verified here and nothing granted by it: a request with a wrong secret or a lapsed token
is its client's as well.
"""

import base64
from typing import Any
from urllib.parse import unquote_plus

from flask import g, request

from idp.keys.sealing import sha256
from idp.oauth.clients.registered import active_client
from idp.oauth.rules.json_text import read_object
from idp.provider import current_provider
from idp.store.interactions import find_interaction

_NAMED_BY = {"client_assertion": ("sub", "iss"), "id_token_hint": ("aud", "azp")}
"""Parameters that hold a JWT, and its claims that name the client."""
_OF_TOKENS = ("azp", "client_id", "aud")
_PARTS_OF_JWS = 3
_MOST_BRACKETS = 200
"""Objects and lists in the claims of a JWT: several times what any client sends."""


def client_of_request() -> str | None:
    """The client of the running request; None where nothing in it names one.

    By Basic credentials, `client_id`, an assertion, an ID token as hint, the access token, or the
    sign-in that a page belongs to. What ends a sign-in ends that trace: ask first before the view
    runs; later questions get the same answer.
    """
    if "dev_caller" not in g:
        g.dev_caller = _named_in_request()
    caller: str | None = g.dev_caller
    return caller


def secret_of_request() -> str | None:
    """The secret by which the client of the running request proved itself, where it sent one.

    As it is registered: in Basic credentials it comes encoded as a form, or, often, as it is.
    """
    basic = _basic_credentials()
    sent = basic[1] if basic else request.form.get("client_secret", "")
    with current_provider().store.read() as db:
        client = active_client(db, client_of_request())
    if client is None:
        return None
    given = (unquote_plus(sent), sent)
    return next((secret for secret in given if client.check_client_secret(secret)), None)


def unverified_claims(token: str) -> dict[str, Any]:
    """The claims that a JWT says it has; none where it is no JWT that can be read.

    None either where they nest so that whoever walks through them might not come back.
    """
    parts = token.split(".")
    if len(parts) != _PARTS_OF_JWS:
        return {}
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        if payload.count(b"[") + payload.count(b"{") > _MOST_BRACKETS:
            return {}
        return read_object(payload)
    except ValueError:
        return {}


def _named_in_request() -> str | None:
    if (request.content_length or 0) > current_provider().settings.max_body:
        return None  # refused unread
    basic = _basic_credentials()
    named = basic[0] if basic else _of_parameters() or _of_access_token() or _of_address()
    # What no database can hold names nobody.
    return named if named and named.isprintable() else None


def _basic_credentials() -> tuple[str, str] | None:
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded, validate=True).decode()
    except ValueError:
        return None
    client_id, separator, secret = decoded.partition(":")
    return (unquote_plus(client_id), secret) if separator else None


def _of_parameters() -> str | None:
    given = request.values
    if given.get("client_id"):
        return given["client_id"]
    for parameter, claims in _NAMED_BY.items():
        named = _first_text(unverified_claims(given.get(parameter, "")), claims)
        if named:
            return named
    return None


def _of_access_token() -> str | None:
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    is_token = scheme.lower() in {"bearer", "dpop"}
    token = credentials if is_token else request.form.get("access_token", "")
    return _first_text(unverified_claims(token.strip()), _OF_TOKENS)


def _of_address() -> str | None:
    """Pages of a sign-in name it by their handle, a client's own registration by its identifier."""
    path = request.view_args or {}
    if "client_id" in path:
        return str(path["client_id"])
    if "handle" not in path:
        return None
    provider = current_provider()
    with provider.store.read() as db:
        found = find_interaction(db, sha256(path["handle"]), now=provider.clock.now())
    return found[0].client_id if found else None


def _first_text(claims: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((claims[name] for name in names if isinstance(claims.get(name), str)), None)
