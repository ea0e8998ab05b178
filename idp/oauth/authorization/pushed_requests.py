"""Pushed authorization requests (RFC 9126): kept, found at the authorization endpoint, spent.

The address a client gets holds a random handle, kept as a digest. It opens pages as often as the
person reloads them, and is spent where the client is answered: of the pages it opened one alone
gives a code (RFC 9126, 4 and 7.3; FAPI 2.0 demands that a page may be reloaded).
"""

import secrets
from dataclasses import replace
from http import HTTPStatus

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from idp.keys.sealing import sha256
from idp.oauth.clients.registered import RegisteredClient
from idp.oauth.rules.authorization_request import AuthorizationRequest
from idp.provider import Provider
from idp.store.models import PushedRequest
from idp.store.pushed_requests import (
    add_pushed_request,
    find_pushed_request,
    spend_pushed_request,
)
from idp.web.errors import Told

REQUEST_URI_PREFIX = "urn:ietf:params:oauth:request_uri:"
_HANDLE_BYTES = 32


class InvalidRequestURI(Told):
    """`invalid_request_uri` (RFC 9101, 7): unknown, lapsed, used, or another client's.

    What the client asked is then not known, nor its address: the person sees a page.
    """

    error = "invalid_request_uri"

    def __init__(self) -> None:
        text = _(
            "Cette demande de connexion n’est plus valable : retournez au service et "
            "recommencez la connexion."
        )
        super().__init__(HTTPStatus.BAD_REQUEST, text)


def keep_pushed(provider: Provider, db: Session, request: AuthorizationRequest) -> str:
    """Keep a valid request; gives its `request_uri`, which is nowhere kept as such."""
    request_uri = REQUEST_URI_PREFIX + secrets.token_urlsafe(_HANDLE_BYTES)
    add_pushed_request(
        db,
        PushedRequest(
            request_uri_hash=sha256(request_uri),
            client_id=request.client_id,
            request=request.to_json(),
            expires_at=provider.clock.now() + provider.settings.par_lifetime,
        ),
    )
    return request_uri


def is_of_pushed_request(request_uri: str) -> bool:
    """Whether it is one of ours; others would name a request object elsewhere (RFC 9101)."""
    return request_uri.startswith(REQUEST_URI_PREFIX)


def find_pushed(
    provider: Provider, db: Session, client: RegisteredClient, request_uris: list[str]
) -> AuthorizationRequest:
    """The request that the client pushed, as it was found valid then.

    Raises:
        InvalidRequestURI: there is none, several are named, or its address is registered no more.
    """
    if len(request_uris) != 1:
        raise InvalidRequestURI
    digest = sha256(request_uris[0])
    now = provider.clock.now()
    row = find_pushed_request(db, digest, client_id=client.client_id, now=now)
    if row is None:
        raise InvalidRequestURI
    request = AuthorizationRequest.from_json(row.request)
    if not client.check_redirect_uri(request.redirect_uri):
        raise InvalidRequestURI
    return replace(request, pushed_as=digest.hex())


def spend_pushed(db: Session, request: AuthorizationRequest) -> None:
    """Let a pushed request be answered by a code once; others have nothing to spend.

    Raises:
        InvalidRequestURI: it was answered before.
    """
    if request.pushed_as and not spend_pushed_request(db, bytes.fromhex(request.pushed_as)):
        raise InvalidRequestURI
