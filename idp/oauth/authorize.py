"""The authorization endpoint: what is asked, and what is answered.

RFC 6749 (4.1.1, 4.1.2), OpenID Connect Core (3.1.2), Form Post Response Mode, RFC 7636, RFC 9207.
The pages between question and answer are `idp/signin`'s.
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from authlib.oauth2 import OAuth2Error
from flask import Response
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.keys.sealing import sha256
from idp.oauth.id_token import read_id_token_hint
from idp.oauth.issuing import activity_trace
from idp.oauth.registered_client import RegisteredClient, active_client
from idp.oauth.responses import ReturnAddress, answer_client
from idp.oauth.rules.authorization_request import AuthorizationRequest
from idp.oauth.rules.checks import PARAMETERS, Draft, check_all
from idp.provider import Provider
from idp.psc.tokens import new_grant_id
from idp.store.grants import add_grant
from idp.store.models import AuthorizationCode, BrowserSession, Grant

__all__ = [
    "AuthorizationPageError",
    "AuthorizationRedirectError",
    "AuthorizationRequest",
    "fail",
    "succeed",
    "validate",
]


class Parameters(Protocol):
    """A MultiDict of request parameters."""

    def getlist(self, key: str) -> list[str]: ...

    def keys(self) -> Any: ...


class AuthorizationPageError(Exception):
    """The client or its address is not known: the person sees a page, and is sent nowhere."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(error)
        self.error = error
        """OAuth error code."""
        self.message = message
        """What the page says, in the person's language."""


class AuthorizationRedirectError(Exception):
    """The request is refused, and the client is told at its registered address."""

    def __init__(
        self, error: str, description: str, *, redirect_uri: str, response_mode: str, state: str
    ) -> None:
        super().__init__(error)
        self.error = error
        """OAuth error code."""
        self.description = description
        self.redirect_uri = redirect_uri
        self.response_mode = response_mode
        self.state = state


def validate(provider: Provider, db: Session, parameters: Parameters) -> AuthorizationRequest:
    """Check a request, first whom it would be answered to, then all it asks.

    Raises:
        AuthorizationPageError: unknown client, or an address that is not registered.
        AuthorizationRedirectError: anything else that is wrong.
    """
    client = _client_of(db, parameters)
    redirect_uri = _redirect_uri_of(client, parameters)
    sent = {name: parameters.getlist(name) for name in PARAMETERS}
    values = {name: given[0] for name, given in sent.items() if given and given[0]}
    draft = Draft(
        parameters=values,
        allowed_scope=frozenset(client.row.scope.split()),
        allowed_means=tuple(client.row.means),
        pkce_required=_requires_pkce(provider, client),
        read_id_token_hint=lambda hint: read_id_token_hint(provider, hint),
    )
    try:
        _refuse_malformed(provider, sent)
        found = check_all(draft)
    except OAuth2Error as error:
        mode = "form_post" if values.get("response_mode") == "form_post" else "query"
        raise AuthorizationRedirectError(
            str(error.error),
            str(error.description),
            redirect_uri=redirect_uri,
            response_mode=mode,
            state=values.get("state", ""),
        ) from error
    return AuthorizationRequest(client_id=client.client_id, redirect_uri=redirect_uri, **found)


def succeed(
    provider: Provider,
    db: Session,
    request: AuthorizationRequest,
    session: BrowserSession,
    means: str,
    *,
    activity_id: str | None = None,
) -> Response:
    """Grant what was asked to the client: a code, kept as its digest, in this transaction.

    ``activity_id`` names the activity of a client that asks for one (CP-08).
    """
    now = provider.clock.now()
    code = secrets.token_urlsafe(32)
    grant = Grant(
        grant_id=new_grant_id(),
        client_id=request.client_id,
        national_id=session.national_id,
        account_id=session.account_id,
        sid=session.sid,
        scope=request.scope,
        nonce=request.nonce,
        claims=request.claims,
        means=means,
        selected_activity=activity_id,
        auth_time=_auth_time(session, means),
        created_at=now,
        expires_at=session.expires_at,
    )
    authorization_code = AuthorizationCode(
        code_hash=sha256(code),
        grant_id=grant.grant_id,
        client_id=request.client_id,
        redirect_uri=request.redirect_uri,
        code_challenge=request.code_challenge,
        expires_at=now + provider.settings.code_lifetime,
    )
    add_grant(db, grant, authorization_code)
    record(
        db,
        Event.CODE_ISSUED,
        now=now,
        person=session.national_id,
        client_id=request.client_id,
        sid=session.sid,
        means=means,
        scope=request.scope,
        **activity_trace(grant),
    )
    return answer_client(provider, request, {"code": code, "session_state": session.sid})


def fail(
    provider: Provider, request: ReturnAddress, error_code: str, description: str = ""
) -> Response:
    """Tell the client that it gets nothing (RFC 6749, 4.1.2.1; Core 3.1.2.6)."""
    members = {"error": error_code}
    if description:
        members["error_description"] = description
    return answer_client(provider, request, members)


def _client_of(db: Session, parameters: Parameters) -> RegisteredClient:
    given = parameters.getlist("client_id")
    client = active_client(db, given[0]) if len(given) == 1 else None
    if client is None:
        raise AuthorizationPageError(
            "invalid_client",
            _("Le service qui vous envoie n’est pas enregistré auprès de ce fournisseur."),
        )
    return client


def _redirect_uri_of(client: RegisteredClient, parameters: Parameters) -> str:
    given = parameters.getlist("redirect_uri")
    if len(given) != 1 or not client.check_redirect_uri(given[0]):
        raise AuthorizationPageError(
            "invalid_request",
            _("L’adresse de retour demandée n’est pas enregistrée pour ce service."),
        )
    return given[0]


def _requires_pkce(provider: Provider, client: RegisteredClient) -> bool:
    """Decision 10: public and strict clients; others where the operator says so."""
    return provider.settings.pkce_required or client.is_public or client.profile.pkce_required


def _refuse_malformed(provider: Provider, sent: Mapping[str, list[str]]) -> None:
    for name, given in sent.items():
        if len(given) > 1:
            raise _invalid_request(f"The {name} parameter stands more than once.")
        if given and len(given[0]) > provider.settings.max_parameter:
            raise _invalid_request(f"The {name} parameter is too long.")


def _invalid_request(description: str) -> OAuth2Error:
    return OAuth2Error(error="invalid_request", description=description)


def _auth_time(session: BrowserSession, means: str) -> datetime:
    used_at = session.means.get(means)
    return session.auth_time if used_at is None else datetime.fromtimestamp(used_at, UTC)
