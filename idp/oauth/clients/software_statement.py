"""Software statements: what an authority says of a software, signed (RFC 7591, 2.3).

The operator names the authorities and their keys; nothing is fetched.
"""

import json
from pathlib import Path
from typing import Any

import structlog
from authlib.oauth2.rfc7591 import (
    InvalidSoftwareStatementError,
    UnapprovedSoftwareStatementError,
)
from joserfc import jws
from joserfc.errors import JoseError

from idp.oauth.clients.self_metadata import OWN_MEMBERS, STATEMENT
from idp.oauth.clients.signatures import ALGORITHMS, verified
from idp.oauth.rules.json_text import read_object
from idp.provider import Provider

log = structlog.get_logger(__name__)


def verified_statement(provider: Provider, statement: Any) -> dict[str, Any]:
    """The members that a statement gives, once it is known to be an authority's.

    Raises:
        UnapprovedSoftwareStatementError: the operator named no such authority.
        InvalidSoftwareStatementError: it is no JWT, its signature does not hold, or it lapsed.
    """
    issuer = _claims(statement).get("iss")
    file = provider.settings.software_statement_issuers.get(str(issuer))
    if file is None:
        raise UnapprovedSoftwareStatementError("The iss of the software statement is not approved.")
    token = verified(statement, _keys(file), ALGORITHMS)
    if token is None:
        raise InvalidSoftwareStatementError("The signature of the software statement fails.")
    _check_time(token.claims, provider.clock.now().timestamp())
    _check_audience(token.claims, provider.settings.issuer)
    return stated_members(statement)


def stated_members(statement: str) -> dict[str, Any]:
    """The members that a statement gives; it was verified when it was registered."""
    claims = _claims(statement)
    stated = {name: claims[name] for name in OWN_MEMBERS - {STATEMENT} if name in claims}
    return {name: value for name, value in stated.items() if value is not None}


def _claims(statement: Any) -> dict[str, Any]:
    try:
        return read_object(jws.extract_compact(str(statement).encode()).payload or b"")
    except (JoseError, ValueError, RecursionError) as error:
        raise InvalidSoftwareStatementError("The software statement is not a JWT.") from error


def _keys(file: str) -> dict[str, Any]:
    try:
        keys: dict[str, Any] = json.loads(Path(file).read_text("utf-8"))
    except (OSError, ValueError) as error:
        log.exception("keys of an authority cannot be read", file=file)
        raise UnapprovedSoftwareStatementError("The keys of its iss are missing here.") from error
    return keys


def _check_time(claims: dict[str, Any], now: float) -> None:
    expires, begins = claims.get("exp", now + 1), claims.get("nbf", now)
    if not isinstance(expires, int | float) or expires <= now:
        raise InvalidSoftwareStatementError("The software statement has expired.")
    if not isinstance(begins, int | float) or begins > now:
        raise InvalidSoftwareStatementError("The software statement does not hold yet.")


def _check_audience(claims: dict[str, Any], issuer: str) -> None:
    """One that says whom it is for is for nobody else (RFC 7519, 4.1.3)."""
    if "aud" not in claims:
        return
    named = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if issuer not in named:
        raise InvalidSoftwareStatementError("The software statement is for another server.")
