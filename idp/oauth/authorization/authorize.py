"""The authorization endpoint: what is asked, and what is answered.

RFC 6749 (4.1.1, 4.1.2), OpenID Connect Core (3.1.2), Form Post Response Mode, RFC 7636, RFC 9101,
RFC 9126 (4), RFC 9207.
The pages between question and answer are `idp/signin`'s.
"""

import secrets
from datetime import UTC, datetime

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import Response
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.keys.sealing import sha256
from idp.oauth.authorization.pushed_requests import find_pushed, is_of_pushed_request, spend_pushed
from idp.oauth.authorization.request_by_reference import with_object
from idp.oauth.authorization.request_examination import Parameters, examine, registered_redirect_uri
from idp.oauth.authorization.request_object import parameters_that_count
from idp.oauth.clients.published import SectorNotHeld, check_sector
from idp.oauth.clients.registered import RegisteredClient, active_client
from idp.oauth.grants.issuing import note
from idp.oauth.responses import ReturnAddress, answer_client
from idp.oauth.rules.authorization_request import AuthorizationRequest
from idp.oauth.rules.checks import RESPONSE_MODES, mode_of_answer
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
        self,
        error: str,
        description: str,
        *,
        client_id: str,
        redirect_uri: str,
        response_mode: str,
        state: str,
    ) -> None:
        super().__init__(error)
        self.error = error
        """OAuth error code."""
        self.description = description
        self.client_id = client_id
        self.redirect_uri = redirect_uri
        self.response_mode = response_mode
        self.state = state


def validate(provider: Provider, db: Session, parameters: Parameters) -> AuthorizationRequest:
    """Check a request, first whom it would be answered to, then all it asks.

    Beside the `request_uri` of a pushed request nothing else counts (RFC 9126, 4).

    Raises:
        AuthorizationPageError: unknown client, one whose sector is not known, or an address that
            is not registered.
        InvalidRequestURI: a pushed request that cannot be used.
        AuthorizationRedirectError: anything else that is wrong.
    """
    client = _client_of(db, parameters)
    request_uris = parameters.getlist("request_uri")
    if any(is_of_pushed_request(uri) for uri in request_uris):
        return find_pushed(provider, db, client, request_uris)
    try:
        parameters = with_object(db, client, parameters)
        parameters = parameters_that_count(provider, client, parameters)
    except OAuth2Error as error:
        raise _told_to_client(error, client, parameters) from error
    redirect_uri = _redirect_uri_of(client, parameters)
    try:
        if client.requires_pushed_requests:
            raise InvalidRequestError("This client pushes its authorization requests.")
        return examine(provider, client, parameters, redirect_uri=redirect_uri)
    except OAuth2Error as error:
        raise _told_to_client(error, client, parameters) from error


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

    Raises:
        InvalidRequestURI: it was pushed, and another page of it was answered before.
    """
    spend_pushed(db, request)
    now = provider.clock.now()
    code = secrets.token_urlsafe(32)
    grant = new_grant(provider, request, session, means, activity_id=activity_id)
    authorization_code = AuthorizationCode(
        code_hash=sha256(code),
        grant_id=grant.grant_id,
        client_id=request.client_id,
        redirect_uri=request.redirect_uri,
        code_challenge=request.code_challenge,
        expires_at=now + provider.settings.code_lifetime,
    )
    add_grant(db, grant, authorization_code)
    note(db, Event.CODE_ISSUED, grant, now=now, means=means, scope=grant.scope)
    return answer_client(provider, request, {"code": code, "session_state": session.sid})


def new_grant(
    provider: Provider,
    request: AuthorizationRequest,
    session: BrowserSession,
    means: str,
    *,
    activity_id: str | None,
) -> Grant:
    """What one person lets one client have, under the session in which they were asked."""
    return Grant(
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
        resources=request.resources or None,
        dpop_jkt=request.dpop_jkt,
        auth_time=_auth_time(session, means),
        created_at=provider.clock.now(),
        expires_at=session.expires_at,
    )


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
            _(
                "Le service qui vous envoie n’est pas enregistré auprès de ce fournisseur : "
                "signalez-le à ce service."
            ),
        )
    try:
        check_sector(db, client)
    except SectorNotHeld as error:
        raise AuthorizationPageError(str(error.error), _words_of(error)) from error
    return client


def _words_of(error: SectorNotHeld) -> str:
    if error.is_pending:
        text = _(
            "Le service qui vous envoie publie la liste de ses adresses "
            "(sector_identifier_uri), que nous n’avons pas encore lue : réessayez dans une minute."
        )
    else:
        text = _(
            "La liste d’adresses que publie le service qui vous envoie (sector_identifier_uri) "
            "ne peut pas être lue, ou ne contient pas toutes ses adresses de retour : prévenez "
            "ce service."
        )
    return str(text)


def _redirect_uri_of(client: RegisteredClient, parameters: Parameters) -> str:
    redirect_uri = registered_redirect_uri(client, parameters)
    if redirect_uri is None:
        raise AuthorizationPageError(
            "invalid_request",
            _(
                "L’adresse de retour demandée n’est pas enregistrée pour ce service : "
                "signalez-le à ce service."
            ),
        )
    return redirect_uri


def _told_to_client(
    error: OAuth2Error, client: RegisteredClient, parameters: Parameters
) -> AuthorizationRedirectError:
    """The refusal, in the mode that was asked first, where it is one."""
    mode = (parameters.getlist("response_mode") or [""])[0]
    return AuthorizationRedirectError(
        str(error.error),
        str(error.description),
        client_id=client.client_id,
        redirect_uri=_redirect_uri_of(client, parameters),
        response_mode=mode_of_answer(mode) or RESPONSE_MODES[0],
        state=(parameters.getlist("state") or [""])[0],
    )


def _auth_time(session: BrowserSession, means: str) -> datetime:
    used_at = session.means.get(means)
    return session.auth_time if used_at is None else datetime.fromtimestamp(used_at, UTC)
