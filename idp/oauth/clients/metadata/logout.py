"""How a client is told that a session ended.

OpenID Connect Back-Channel Logout 1.0, 2.2; Front-Channel Logout 1.0, 2.
"""

from typing import Self

from pydantic import model_validator

from idp.oauth.clients.metadata.identity import Identity
from idp.oauth.clients.metadata.values import check_called_uri, check_redirect_uri
from idp.oauth.rules.redirect_uris import origin_of


class Logout(Identity):
    """Logout, told to the client."""

    backchannel_logout_uri: str | None = None
    """Where it is told that a session ended."""
    backchannel_logout_session_required: bool = False
    """Whether it needs `sid` there, which it is always told."""

    frontchannel_logout_uri: str | None = None
    """What the browser loads, out of sight, where its session ends."""
    frontchannel_logout_session_required: bool = False
    """Whether it needs `iss` and `sid` there, which it is always told."""

    @model_validator(mode="after")
    def _it_can_be_told(self) -> Self:
        if self.backchannel_logout_uri is not None:
            check_called_uri(self.backchannel_logout_uri, development=self.development)
        return self

    @model_validator(mode="after")
    def _it_can_be_loaded(self) -> Self:
        """On the origin of a redirect address, so that no page of anybody else is loaded (2)."""
        uri = self.frontchannel_logout_uri
        if uri is None:
            return self
        check_redirect_uri(uri, development=self.development)
        if origin_of(uri) not in {origin_of(known) for known in self.redirect_uris}:
            raise ValueError("frontchannel_logout_uri: not on the origin of a redirect_uri")
        return self
