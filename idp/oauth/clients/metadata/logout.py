"""How a client is told that a session ended (OpenID Connect Back-Channel Logout 1.0, 2.2)."""

from typing import Self

from pydantic import model_validator

from idp.oauth.clients.metadata.identity import Identity
from idp.oauth.clients.metadata.values import check_called_uri


class Logout(Identity):
    """Logout, told to the client."""

    backchannel_logout_uri: str | None = None
    """Where it is told that a session ended."""
    backchannel_logout_session_required: bool = False
    """Whether it needs `sid` there, which it is always told."""

    @model_validator(mode="after")
    def _it_can_be_told(self) -> Self:
        if self.backchannel_logout_uri is not None:
            check_called_uri(self.backchannel_logout_uri, development=self.development)
        return self
