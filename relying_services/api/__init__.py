"""An API that takes the tokens of its own authorization server, and of nobody else (RFC 8693).

It asks that server about every token (RFC 7662), and holds whoever presents one to the certificate
that the token is bound to (RFC 8705, 3): a token that was stolen opens nothing.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

import requests
from flask import Flask, current_app, jsonify, request
from flask.typing import ResponseReturnValue

CERTIFICATE = "api.client_certificate"
"""DER in a WSGI environ: what ended TLS puts it there, and nothing else can."""


@dataclass(frozen=True)
class ApiSettings:
    """What an API must know to trust its authorization server."""

    introspection_endpoint: str
    name: str
    """Its `client_id` there, and the `aud` of its tokens."""
    secret: str
    timeout: float = 10.0
    """Seconds that the authorization server may take to answer."""


class TokenRefused(Exception):
    """The token opens nothing here; the message says why (RFC 6750, 3.1)."""


def create_app(settings: ApiSettings) -> Flask:
    """The API: one address, which tells who asks."""
    app = Flask(__name__)
    app.extensions["api"] = settings
    app.get("/records")(records)
    app.register_error_handler(TokenRefused, refused)
    app.register_error_handler(requests.RequestException, unreachable)
    return app


def records() -> ResponseReturnValue:
    """The records of the professional who asks, here only their name."""
    told = checked_token()
    acting = told.get("act", {}).get("client_id", told["client_id"])
    return jsonify(professional=told.get("username"), client=acting)


def checked_token() -> dict[str, Any]:
    """What the authorization server says of the token, once all of it was checked.

    Raises:
        TokenRefused: a check failed.
    """
    settings: ApiSettings = current_app.extensions["api"]
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenRefused("there is no Bearer token")
    told = _introspected(settings, token)
    if told.get("active") is not True:
        raise TokenRefused("the token is not active")
    if settings.name not in told.get("aud", []):
        raise TokenRefused("the token is for another API")
    if not _is_shown(told.get("cnf", {}).get("x5t#S256")):
        raise TokenRefused("the token is bound to another certificate")
    return told


def refused(error: TokenRefused) -> ResponseReturnValue:
    """The challenge of RFC 6750, 3."""
    challenge = f'Bearer error="invalid_token", error_description="{error}"'
    return jsonify(error="invalid_token"), 401, {"WWW-Authenticate": challenge}


def unreachable(_error: requests.RequestException) -> ResponseReturnValue:
    """Nothing is given out while nobody can say whether a token is good."""
    return jsonify(error="temporarily_unavailable"), 503


def _introspected(settings: ApiSettings, token: str) -> dict[str, Any]:
    answer = requests.post(
        settings.introspection_endpoint,
        data={"token": token},
        auth=(settings.name, settings.secret),
        timeout=settings.timeout,
        allow_redirects=False,
    )
    answer.raise_for_status()
    told: dict[str, Any] = answer.json()
    return told


def _is_shown(named: object) -> bool:
    """Whether the caller's certificate is the one named, in either encoding that is in use."""
    der = request.environ.get(CERTIFICATE)
    if not isinstance(der, bytes) or not isinstance(named, str):
        return False
    digest = hashlib.sha256(der)
    plain = base64.urlsafe_b64encode(digest.digest()).rstrip(b"=")
    hexadecimal = base64.b64encode(digest.hexdigest().encode())
    return any(hmac.compare_digest(named.encode(), each) for each in (plain, hexadecimal))
