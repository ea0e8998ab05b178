"""Where an access token is for (RFC 8707): an extension of the grants, and our resource's check.

A token that names no audience is for this provider, as Pro Santé Connect's are; one that names
others is of no use here unless the issuer is among them.
"""

from typing import Any

from idp.oauth.clients.registered import RegisteredClient
from idp.oauth.rules.resource_indicators import PARAMETER, narrowed
from idp.provider import Provider
from idp.store.grants import GrantInUse


class ResourceIndicators:
    """The extension: settles the audience before a grant issues (RFC 8707, 2.2)."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def __call__(self, grant: Any) -> None:
        """What Authlib calls with each grant it makes."""
        grant.register_hook("before_issue", self.settle_audience)

    def settle_audience(self, grant: Any, granted: GrantInUse) -> None:
        """Let the access token be for what was granted, or for the part that is asked.

        Raises:
            InvalidTarget: more is asked than was granted.
        """
        asked = grant.request.payload.datalist[PARAMETER]
        own = own_resource(self._provider)
        grant.request.audience = narrowed(asked, granted.grant.resources or (), own=own)


def own_resource(provider: Provider) -> str:
    """This provider as a resource: userinfo stands under the issuer."""
    return provider.settings.issuer


def allowed_resources(provider: Provider, client: RegisteredClient) -> frozenset[str]:
    """What a client may name as `resource`: what it registered, and this provider."""
    return frozenset({own_resource(provider), *client.resources})


def is_for_us(provider: Provider, claims: dict[str, Any]) -> bool:
    """Whether our own resource may accept an access token."""
    audience = claims.get("aud", own_resource(provider))
    return own_resource(provider) in (audience if isinstance(audience, list) else [audience])
