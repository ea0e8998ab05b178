"""The examination of an authorization request: one for the browser's, and for the pushed.

RFC 9126, 2.1 demands that a pushed request is validated as the authorization endpoint would.
"""

from collections.abc import Mapping
from typing import Protocol

from authlib.oauth2.rfc6749 import InvalidRequestError

from idp.oauth.clients.registered import RegisteredClient
from idp.oauth.rules.authorization_request import AuthorizationRequest
from idp.oauth.rules.checks import PARAMETERS, Draft, check_all
from idp.oauth.rules.resource_indicators import PARAMETER as RESOURCE
from idp.oauth.tokens.audience import allowed_resources
from idp.oauth.tokens.id_token import read_id_token_hint
from idp.provider import Provider


class Parameters(Protocol):
    """A MultiDict of request parameters."""

    def getlist(self, key: str) -> list[str]:
        """Every value of a parameter, in the order sent."""
        ...


def registered_redirect_uri(client: RegisteredClient, parameters: Parameters) -> str | None:
    """The address to answer to; nothing where it is missing, repeated or not registered."""
    given = parameters.getlist("redirect_uri")
    return given[0] if len(given) == 1 and client.check_redirect_uri(given[0]) else None


def examine(
    provider: Provider, client: RegisteredClient, parameters: Parameters, *, redirect_uri: str
) -> AuthorizationRequest:
    """All that a request asks, once its client and address are known.

    Raises:
        OAuth2Error: the first check that failed.
    """
    sent = {name: parameters.getlist(name) for name in PARAMETERS}
    _refuse_malformed(provider, sent)
    draft = Draft(
        parameters={name: given[0] for name, given in sent.items() if given and given[0]},
        allowed_scope=frozenset(client.row.scope.split()),
        allowed_means=tuple(client.row.means),
        pkce_required=_requires_pkce(provider, client),
        read_id_token_hint=lambda hint: read_id_token_hint(provider, hint),
        asked_resources=tuple(parameters.getlist(RESOURCE)),
        allowed_resources=allowed_resources(provider, client),
        default_max_age=client.default_max_age,
    )
    found = check_all(draft)
    return AuthorizationRequest(client_id=client.client_id, redirect_uri=redirect_uri, **found)


def _requires_pkce(provider: Provider, client: RegisteredClient) -> bool:
    """Decision 10: public and strict clients; others where the operator says so."""
    return provider.settings.pkce_required or client.is_public or client.profile.pkce_required


def _refuse_malformed(provider: Provider, sent: Mapping[str, list[str]]) -> None:
    for name, given in sent.items():
        if len(given) > 1:
            raise InvalidRequestError(f"The {name} parameter stands more than once.")
        if given and len(given[0]) > provider.settings.max_parameter:
            raise InvalidRequestError(f"The {name} parameter is too long.")
        if given and "\0" in given[0]:  # no text of RFC 6749, A; a database may refuse to keep it
            raise InvalidRequestError(f"The {name} parameter holds a NUL.")
