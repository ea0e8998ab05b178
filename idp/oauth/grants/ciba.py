"""The grant of requests without a browser (OpenID Connect CIBA Core 1.0, 10.1 and 11).

What the person answered is read with the request; of simultaneous questions one is issued to.
"""

from authlib.oauth2.rfc6749 import (
    BaseGrant,
    InvalidGrantError,
    InvalidRequestError,
    TokenEndpointMixin,
    UnauthorizedClientError,
)

from idp.oauth.ciba.pacing import keep_pace
from idp.oauth.ciba.redemption import approved_signin, redeem, refusal_of
from idp.oauth.clients.methods import CONFIDENTIAL_METHODS
from idp.oauth.clients.registered import CIBA, RegisteredClient
from idp.oauth.grants.issuing import TokenResponse, answer
from idp.store.backchannel import AskedSignIn


class CibaGrant(BaseGrant, TokenEndpointMixin):
    """Takes an `auth_req_id` in poll and ping; in push the tokens are sent."""

    GRANT_TYPE = CIBA
    TOKEN_ENDPOINT_AUTH_METHODS = CONFIDENTIAL_METHODS

    def validate_token_request(self) -> None:
        """Authenticate the client and find its request.

        Raises:
            UnauthorizedClientError: it did not register the grant, or is sent its tokens.
            InvalidRequestError: no `auth_req_id` was sent.
            InvalidGrantError: it is unknown, or another client's.
        """
        client: RegisteredClient = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError("The client is not registered for CIBA.")
        if client.backchannel_token_delivery_mode == "push":  # noqa: S105 - a mode
            raise UnauthorizedClientError("The client is sent its tokens: it may not ask.")
        if not self.request.form.get("auth_req_id"):
            raise InvalidRequestError("The auth_req_id parameter is missing.")
        asked: AskedSignIn | None = self.request.presented
        if asked is None or asked.request.client_id != client.client_id:
            raise InvalidGrantError("The auth_req_id is unknown.")
        self.request.client = client

    def create_token_response(self) -> TokenResponse:
        """Issue for an approved request; else say how things stand.

        Raises:
            SlowDownError: the client asks too often.
            AuthorizationPendingError: the person has not answered yet.
            AccessDeniedError: the person refused, or may no longer sign in.
            ExpiredTokenError: nobody answered in time.
            InvalidGrantError: it was used before.
        """
        provider, db = self.server.provider, self.server.db
        asked: AskedSignIn = self.request.presented
        refusal = refusal_of(provider, asked)
        if refusal is not None:
            if not isinstance(refusal, InvalidGrantError):
                keep_pace(provider, db, asked)
            raise refusal
        approved = approved_signin(provider, db, asked)
        # A proof that lacks our nonce is sent again at once: it is no question yet.
        self.execute_hook("before_issue", approved.granted)
        keep_pace(provider, db, asked)
        issue = redeem(
            provider,
            db,
            approved,
            confirmation=self.request.confirmation,
            audience=self.request.audience,
        )
        return answer(self, issue)
