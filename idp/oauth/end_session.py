"""What a logout request asks (OpenID Connect RP-Initiated Logout 1.0).

The view and its pages are `idp/signin`'s: it asks the person where `needs_confirmation`, ends the
session of the browser or of the hint, and answers. `logout_hint` proves nothing, since anybody can
write one: it is held to the form of a parameter, and the person is asked as without it.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from authlib.oauth2.rfc6749 import InvalidRequestError
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from idp.oauth.clients.registered import RegisteredClient, active_client
from idp.oauth.responses import add_to_query
from idp.oauth.tokens.id_token import read_id_token_hint
from idp.provider import Provider

PARAMETERS = (
    "id_token_hint",
    "logout_hint",
    "client_id",
    "post_logout_redirect_uri",
    "state",
    "ui_locales",
)


class Parameters(Protocol):
    """A MultiDict of request parameters."""

    def getlist(self, key: str) -> list[str]: ...  # noqa: D102 - as in werkzeug


class LogoutPageError(Exception):
    """The request is refused with a page: nothing ends, and nobody is sent anywhere."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(error)
        self.error = error
        """OAuth error code."""
        still = _("Rien n’a été fermé : déconnectez-vous par la page de déconnexion.")
        self.message = f"{message} {still}"
        """What the page says, in the person's language."""


@dataclass(frozen=True)
class LogoutRequest:
    """A logout request that is in order."""

    client_id: str | None
    sid: str | None
    """Session of the ID token that came as a hint; it may be over."""
    redirect_uri: str | None
    """Where to send the browser afterwards, `state` included; None for our own page."""
    needs_confirmation: bool
    """No ID token proves that the client has a part in the session: ask the person first."""
    ui_locales: str


def validate_logout(provider: Provider, db: Session, parameters: Parameters) -> LogoutRequest:
    """Check a logout request, by GET or POST.

    Raises:
        LogoutPageError: a hint that is not our ID token, a client that does not fit it, or an
            address that is not registered.
    """
    values = _single_values(provider, parameters)
    hint = _claims_of_hint(provider, values["id_token_hint"])
    client = _client_of(db, values["client_id"], hint)
    return LogoutRequest(
        client_id=client.client_id if client else None,
        sid=hint["sid"] if hint else None,
        redirect_uri=_redirect_uri(client, values),
        needs_confirmation=hint is None,
        ui_locales=values["ui_locales"],
    )


def _single_values(provider: Provider, parameters: Parameters) -> dict[str, str]:
    values = {}
    for name in PARAMETERS:
        given = parameters.getlist(name)
        if len(given) > 1 or (given and len(given[0]) > provider.settings.max_parameter):
            raise LogoutPageError("invalid_request", _("La demande de déconnexion est mal formée."))
        values[name] = given[0] if given else ""
    return values


def _claims_of_hint(provider: Provider, hint: str) -> dict[str, Any] | None:
    if not hint:
        return None
    try:
        return read_id_token_hint(provider, hint)
    except InvalidRequestError as error:
        raise LogoutPageError(
            "invalid_request",
            _("La demande de déconnexion porte un jeton que nous n’avons pas émis."),
        ) from error


def _client_of(db: Session, client_id: str, hint: dict[str, Any] | None) -> RegisteredClient | None:
    audience = hint["aud"] if hint else None
    if client_id and audience and client_id != audience:
        raise LogoutPageError(
            "invalid_request", _("La demande de déconnexion mêle deux services différents.")
        )
    return active_client(db, client_id or audience)


def _redirect_uri(client: RegisteredClient | None, values: dict[str, str]) -> str | None:
    uri = values["post_logout_redirect_uri"]
    if not uri:
        return None
    if client is None or uri not in client.row.post_logout_redirect_uris:
        raise LogoutPageError(
            "invalid_request",
            _("L’adresse de retour après déconnexion n’est pas enregistrée pour ce service."),
        )
    return add_to_query(uri, {"state": values["state"]}) if values["state"] else uri
