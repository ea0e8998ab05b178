"""The addresses at which clients register themselves (RFC 7591, RFC 7592).

Answers hold credentials: nothing here is cached, and no other site's page may read it.
"""

import json
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc7591 import InvalidClientMetadataError
from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.networks import factor_of, site_of
from idp.oauth.clients.client_configuration import (
    managed_client,
    read_client,
    remove_client,
    replace_client,
)
from idp.oauth.clients.dynamic_registration import InvalidToken, register_client
from idp.oauth.rules.json_text import read_object
from idp.provider import Provider, current_provider
from idp.psc.addresses import REGISTRATION
from idp.store.throttle import count_event

bp = Blueprint("client_registration", __name__)
_WINDOW = timedelta(hours=1)
_CLIENT = f"{REGISTRATION}/<client_id>"


class TooManyRegistrations(OAuth2Error):
    """This address registered too often: wait."""

    error = "temporarily_unavailable"
    status_code = 429
    description = "Too many registrations: try again later."

    def get_headers(self) -> list[tuple[str, str]]:
        """Tells how long to wait, in seconds."""
        headers: list[tuple[str, str]] = super().get_headers()
        return [*headers, ("Retry-After", str(int(_WINDOW.total_seconds())))]


@bp.post(REGISTRATION)
def register() -> ResponseReturnValue:
    """Client registration endpoint (RFC 7591, 3).

    What was refused leaves its mark in the count and in the journal, and takes no use of a token.
    """
    provider = current_provider()
    with provider.store.begin() as db:
        try:
            _count(provider, db)
            with db.begin_nested():
                registered = register_client(provider, db, _asked(), bearer=_bearer())
        except OAuth2Error as error:
            if isinstance(error, InvalidToken):
                now = provider.clock.now()
                record(db, Event.CLIENT_REGISTRATION_REFUSED, now=now, success=False)
            return _refused(error)
    return _answer(HTTPStatus.CREATED, registered)


@bp.get(_CLIENT)
def read(client_id: str) -> ResponseReturnValue:
    """Client configuration endpoint: reading (RFC 7592, 2.1)."""
    provider, token = current_provider(), _bearer()
    try:
        with provider.store.read() as db:
            client = managed_client(db, client_id, token)
    except OAuth2Error as error:
        return _refused(error)
    return _answer(HTTPStatus.OK, read_client(provider, client, token or ""))


@bp.put(_CLIENT)
def replace(client_id: str) -> ResponseReturnValue:
    """Client configuration endpoint: replacing (RFC 7592, 2.2).

    It counts as a registration does: each may have documents fetched from wherever it says.
    """
    provider, token = current_provider(), _bearer()
    with provider.store.begin() as db:
        try:
            client = managed_client(db, client_id, token)
            _count(provider, db)
            with db.begin_nested():
                replaced = replace_client(provider, db, client, _asked(), token or "")
        except OAuth2Error as error:
            return _refused(error)
    return _answer(HTTPStatus.OK, replaced)


@bp.delete(_CLIENT)
def remove(client_id: str) -> ResponseReturnValue:
    """Client configuration endpoint: removing (RFC 7592, 2.3)."""
    provider = current_provider()
    try:
        with provider.store.begin() as db:
            remove_client(provider, db, managed_client(db, client_id, _bearer()))
    except OAuth2Error as error:
        return _refused(error)
    return Response(status=HTTPStatus.NO_CONTENT)


def _bearer() -> str | None:
    """The token of the request (RFC 6750, 2.1)."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    return credentials.strip() if scheme.lower() == "bearer" else None


def _asked() -> dict[str, Any]:
    if request.mimetype != "application/json":
        raise InvalidClientMetadataError("The metadata must be sent as application/json.")
    try:
        return read_object(request.get_data())
    except ValueError as error:
        raise InvalidClientMetadataError(str(error)) from error


def _count(provider: Provider, db: Session) -> None:
    settings = provider.settings
    if not settings.registrations_per_address:
        return
    allowed = settings.registrations_per_address * factor_of(
        settings.address_limits, request.remote_addr
    )
    key = f"registration:{site_of(request.remote_addr)}"
    if count_event(db, key, window=_WINDOW, now=provider.clock.now()) > allowed:
        raise TooManyRegistrations


def _refused(error: OAuth2Error) -> Response:
    status, body, headers = error()
    response = _answer(status, dict(body))
    for name, value in headers:
        response.headers[name] = value
    return response


def _answer(status: int, members: dict[str, Any]) -> Response:
    body = json.dumps(members, ensure_ascii=False)
    return Response(body, status=status, content_type="application/json")
