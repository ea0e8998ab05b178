"""The client of the provider: Authlib's, strict where Authlib leaves a check to who uses it.

Stock Authlib takes an ID token that was made for another service, never reads `iss` of the
authorization response, and asks nobody why there is no ID token at all.
"""

from typing import Any

from authlib.integrations.base_client import MismatchingStateError, OAuthError
from authlib.integrations.flask_client import FlaskOAuth2App
from flask import request, session

_LEEWAY = 60
"""Seconds by which the clocks of provider and service may differ."""


class StrictClient(FlaskOAuth2App):  # type: ignore[misc]  # Authlib is not typed
    """An application that is a client of the provider."""

    def authorize_access_token(self, **more: Any) -> dict[str, Any]:
        """Redeem the code of the authorization response; what was verified is in `userinfo`.

        Raises:
            MismatchingStateError: it answers no sign-in that this browser began.
            OAuthError: the provider refuses, or the answer is not its own, or not whole.
            JoseError: the ID token does not verify.
        """
        self._hold_to_state(request.args.get("state"))
        self._hold_to_issuer(request.args.get("iss"))
        if "error" not in request.args and not request.args.get("code"):
            raise OAuthError("invalid_request", "the answer holds neither a code nor an error")
        token: dict[str, Any] = super().authorize_access_token(**more)
        if token.get("userinfo") is None:
            raise OAuthError("invalid_token", "the provider gave no ID token")
        return token

    def parse_id_token(self, token: Any, nonce: str | None, **more: Any) -> dict[str, Any] | None:
        """The claims of an ID token (OpenID Connect Core 3.1.3.7); none where there is no token.

        Raises:
            OAuthError: it is for others too.
            JoseError: it does not verify.
        """
        expected = {
            "iss": {"essential": True, "value": self.load_server_metadata()["issuer"]},
            "aud": {"essential": True, "value": self.client_id},
        }
        claims: dict[str, Any] | None = super().parse_id_token(
            token, nonce, **{"leeway": _LEEWAY, **more, "claims_options": expected}
        )
        if claims is not None and claims["aud"] not in (self.client_id, [self.client_id]):
            raise OAuthError("invalid_token", "the ID token is for others, too")
        return claims

    def _hold_to_state(self, state: str | None) -> None:
        """First of all, and of refusals too: anybody can write one into a link (RFC 9700, 4.7)."""
        if not self.framework.get_state_data(session, state):
            raise MismatchingStateError

    def _hold_to_issuer(self, issuer: str | None) -> None:
        """Whose answer it is, where the provider says so in each (RFC 9207, 2.4)."""
        metadata = self.load_server_metadata()
        is_told = metadata.get("authorization_response_iss_parameter_supported")
        if is_told and issuer != metadata["issuer"]:
            raise OAuthError("invalid_request", "the answer names another issuer, or none")
