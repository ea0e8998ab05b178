"""What a backchannel authentication request asks (OpenID Connect CIBA Core 1.0, 7.1)."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError, InvalidScopeError
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from idp.oauth.ciba.hints import HINTS, whom
from idp.oauth.ciba.user_codes import MissingUserCode, check_user_code
from idp.oauth.clients.registered import RegisteredClient
from idp.oauth.rules.binding_message import BindingMessage, read_binding_message
from idp.oauth.rules.checks import ACR_VALUES, SCOPES
from idp.oauth.rules.claims_parameter import (
    UnmetAuthenticationRequirements,
    demanded_values,
    parse_claims,
)
from idp.oauth.rules.resource_indicators import PARAMETER as RESOURCE
from idp.oauth.rules.resource_indicators import check_resources
from idp.oauth.tokens.audience import allowed_resources
from idp.provider import Provider
from idp.psc.means import DECOUPLED, MOBILE, available_means

PARAMETERS = frozenset(HINTS) | {
    "scope",
    "acr_values",
    "binding_message",
    "channel",
    "claims",
    "client_notification_token",
    "requested_expiry",
    "user_code",
    RESOURCE,
}
"""Parameters that are read; `channel` is Pro Santé Connect's own, others are ignored."""
_EXPIRY = re.compile(r"[0-9]{1,9}")
_BEARER = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
_SHORTEST_TOKEN = 22
"""Characters that can hold the 128 random bits of CIBA Core 7.1, in base64."""
_LONGEST_TOKEN = 1024


@dataclass(frozen=True)
class BackchannelRequestRead:
    """A request that passed every check."""

    national_id: str
    """Whom it is about, canonical; nobody may hold it."""
    scope: str
    claims: dict[str, Any]
    resources: list[str]
    """Where its access tokens are for (RFC 8707); empty: here."""
    message: BindingMessage
    channel: str
    """`MOBILE` or `CARD`."""
    lifetime: timedelta
    notification_token: str | None
    """`client_notification_token`, for ping and push."""


def read_request(
    provider: Provider, db: Session, client: RegisteredClient, parameters: MultiDict[str, str]
) -> BackchannelRequestRead:
    """Check the parameters of an authenticated client.

    `acr_values` are preferences: what is given is told by the tokens (decision 7).

    Raises:
        OAuth2Error: the first check that failed, named as in CIBA Core 13.
        TooManyRequests: the client sent too many wrong user codes.
    """
    _refuse_malformed(provider, parameters)
    scope = _scope(client, parameters)
    channel = _channel(provider, client, parameters)
    claims = _claims(channel, parameters)
    allowed = allowed_resources(provider, client)
    resources = check_resources(parameters.getlist(RESOURCE), allowed)
    message = _message(provider, client, parameters)
    lifetime = _lifetime(provider, parameters)
    notification_token = _notification_token(client, parameters)
    user_code = _user_code(client, parameters)
    national_id = whom(provider, db, client, parameters)
    if user_code is not None:
        check_user_code(provider, db, client.client_id, national_id, user_code)
    return BackchannelRequestRead(
        national_id=national_id,
        scope=scope,
        claims=claims,
        resources=resources,
        message=message,
        channel=channel,
        lifetime=lifetime,
        notification_token=notification_token,
    )


def _refuse_malformed(provider: Provider, parameters: MultiDict[str, str]) -> None:
    for name in PARAMETERS & parameters.keys():
        for given in parameters.getlist(name):
            if len(given) > provider.settings.max_parameter:
                raise InvalidRequestError(f"The {name} parameter is too long.")
            if "\0" in given:  # a database may refuse to keep it
                raise InvalidRequestError(f"The {name} parameter holds a NUL.")


def _scope(client: RegisteredClient, parameters: MultiDict[str, str]) -> str:
    if not parameters.get("scope"):
        raise InvalidRequestError("The scope parameter is missing.")
    asked, allowed = parameters["scope"].split(" "), client.row.scope.split()
    granted = [scope for scope in SCOPES if scope in asked and scope in allowed]
    if "openid" not in granted:
        raise InvalidScopeError("The scope must hold openid.")
    return " ".join(granted)


def _channel(provider: Provider, client: RegisteredClient, parameters: MultiDict[str, str]) -> str:
    channel = parameters.get("channel") or MOBILE
    carried = available_means(provider) & DECOUPLED
    offered = [means for means in client.row.means if means in carried]
    if channel not in offered:
        raise InvalidRequestError(f"The channel must be one of {', '.join(offered)}.")
    return channel


def _claims(channel: str, parameters: MultiDict[str, str]) -> dict[str, Any]:
    text = parameters.get("claims")
    claims = parse_claims(text) if text else {}
    acr = demanded_values(claims, "acr")
    if acr is not None and not set(ACR_VALUES) & {value for value in acr if isinstance(value, str)}:
        raise UnmetAuthenticationRequirements("No means here gives the demanded acr.")
    modes = demanded_values(claims, "authMode")
    if modes is not None and channel not in modes:
        raise UnmetAuthenticationRequirements("The channel does not give the demanded authMode.")
    return claims


def _message(
    provider: Provider, client: RegisteredClient, parameters: MultiDict[str, str]
) -> BindingMessage:
    given = parameters.get("binding_message", "")
    if not given and client.profile.binding_message_required:
        raise InvalidRequestError("The binding_message parameter is missing.")
    return read_binding_message(given, longest=provider.settings.ciba_message_length)


def _lifetime(provider: Provider, parameters: MultiDict[str, str]) -> timedelta:
    """`requested_expiry`, no longer than the settings allow; `expires_in` tells."""
    settings, text = provider.settings, parameters.get("requested_expiry")
    if not text:
        return settings.ciba_lifetime
    if not _EXPIRY.fullmatch(text) or not int(text):
        raise InvalidRequestError("requested_expiry must be a positive number of seconds.")
    return min(timedelta(seconds=int(text)), settings.ciba_longest_lifetime)


def _notification_token(client: RegisteredClient, parameters: MultiDict[str, str]) -> str | None:
    if not client.is_notified:
        return None
    token = parameters.get("client_notification_token")
    if not token:
        raise InvalidRequestError("The client_notification_token is missing.")
    if not _SHORTEST_TOKEN <= len(token) <= _LONGEST_TOKEN or not _BEARER.fullmatch(token):
        raise InvalidRequestError(
            f"The client_notification_token must be a bearer token (RFC 6750, 2.1) of "
            f"{_SHORTEST_TOKEN} to {_LONGEST_TOKEN} characters."
        )
    return token


def _user_code(client: RegisteredClient, parameters: MultiDict[str, str]) -> str | None:
    """What a client that registered for it must send; of others it is not read."""
    if not client.requires_user_code:
        return None
    user_code = parameters.get("user_code")
    if not user_code:
        raise MissingUserCode("The user_code parameter is missing.")
    return user_code
