"""A client of the FAPI-CIBA profile, and the phone of the person whom it asks for."""

import secrets
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.jwk import Key

from idp.oauth.clients.registered import CIBA
from tests.conformance.fapi import ISSUER, KEY, TOKEN, FapiClient, Variant
from tests.oauth.helpers import PERSON, PROTOCOL
from tests.wallet.helpers import PIN
from wallet_sim.phone import Phone

ASK = f"{PROTOCOL}/ext/ciba/auth"
POLL_VARIANTS = [
    Variant("private_key_jwt", "certificate"),
    Variant("self_signed_tls_client_auth", "certificate"),
]


@dataclass
class CibaClient(FapiClient):
    """Signs each request, and asks for its tokens by the certificate that they are bound to."""

    def register(self, **changes: Any) -> "CibaClient":
        options = {
            "grant_types": [CIBA, "refresh_token"],
            "redirect_uris": [],
            "backchannel_token_delivery_mode": "poll",
            "backchannel_authentication_request_signing_alg": "ES256",
        }
        super().register(**(options | changes))
        return self

    def members(self, **changes: Any) -> dict[str, Any]:
        """What a request asks, and the claims that make it this client's, now."""
        now = self.provider.clock.timestamp()
        usual = {
            "iss": self.client_id,
            "aud": ISSUER,
            "iat": now,
            "nbf": now,
            "exp": now + 300,
            "jti": secrets.token_urlsafe(16),
            "scope": "openid",
            "login_hint": PERSON,
            "binding_message": "42",
        }
        return {name: value for name, value in (usual | changes).items() if value is not None}

    def signed(self, *, key: Key = KEY, alg: str = "ES256", **changes: Any) -> str:
        """A request object; the changes are those of :meth:`members`."""
        header = {"alg": alg, "kid": key.kid}
        return jwt.encode(header, self.members(**changes), key, [alg])

    def ask(self, **changes: Any) -> Any:
        """A backchannel authentication request; the changes are those of :meth:`signed`."""
        return self.send({"request": self.signed(**changes)})

    def send(self, form: dict[str, Any], **sent: Any) -> Any:
        """The request as its form says, signed where the form says nothing of it."""
        return self.post(ASK, {"request": self.signed()} | form, **sent)

    def asked(self, **changes: Any) -> str:
        answer = self.ask(**changes)
        assert answer.status_code == 200, answer.text
        return str(answer.json["auth_req_id"])

    def poll(self, auth_req_id: str, form: dict[str, Any] | None = None, **sent: Any) -> Any:
        usual = {"grant_type": CIBA, "auth_req_id": auth_req_id}
        return self.post(TOKEN, usual | (form or {}), **sent)


def approve(phone: Phone) -> None:
    """The person approves on the phone, by PIN and the number that the client shows."""
    phone.approve(PIN, "42")
