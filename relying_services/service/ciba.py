"""Signing a person in as business software does, without a browser (OpenID Connect CIBA Core 1.0).

The software asks for a person by their identifier, shows a number to find again on the phone or at
the card reader, and asks for the outcome until there is one.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

from relying_services.service.client import read_as_json

GRANT = "urn:openid:params:grant-type:ciba"
CHANNELS = ("MOBILE", "CARD")
SLOWEST_LOOK = 2
"""Seconds between two looks of a page, where the provider would allow less."""

SLOWER_BY = 5
"""Seconds more between two questions, from the first on that came too soon (CIBA Core 11)."""
_INTERVAL = 5
"""Where the provider names none (CIBA Core 7.3)."""


class StillWaits(Exception):
    """The person has not answered yet: ask again after the interval."""


class AskedTooSoon(StillWaits):
    """The person has not answered yet, and the provider asks for longer intervals."""


@dataclass(frozen=True)
class Asked:
    """A sign-in that waits for its person."""

    auth_req_id: str
    number: str
    """What the screen shows, and the person finds again."""
    channel: str
    interval: int
    """Seconds to leave between two questions."""
    expires_in: int
    """Seconds until nobody can answer any more."""


@dataclass(frozen=True)
class Software:
    """A client that asks for people without a browser."""

    psc: Any
    """Authlib's client of the provider: discovery, and the check of ID tokens."""
    client_id: str
    client_secret: str
    timeout: float
    """Seconds that the provider may take to answer."""

    def ask(self, national_id: str, channel: str) -> Asked:
        """Ask the provider for a person (CIBA Core 7.1), with a number to match.

        Raises:
            OAuthError: the provider refuses, or knows no such request.
        """
        number = f"{secrets.randbelow(100):02}"
        with self._session() as session:
            answer = session.post(
                self._address("backchannel_authentication_endpoint"),
                data={
                    "scope": "openid scope_all",
                    "acr_values": "eidas1",
                    "login_hint": national_id,
                    "binding_message": number,
                    "channel": channel,
                },
                auth=session.client_auth("client_secret_basic"),
                withhold_token=True,
                timeout=self.timeout,
            )
        told: dict[str, Any] = answer.json()
        if not answer.ok:
            raise OAuthError(told.get("error"), told.get("error_description"))
        interval = max(SLOWEST_LOOK, int(told.get("interval", _INTERVAL)))
        return Asked(told["auth_req_id"], number, channel, interval, int(told["expires_in"]))

    def tokens(self, auth_req_id: str) -> dict[str, Any]:
        """The tokens of a sign-in that was approved, the ID token verified (CIBA Core 10.1).

        Raises:
            StillWaits: there is no answer yet.
            AskedTooSoon: neither, and the intervals are to be longer.
            OAuthError: it gives none.
            RequestException: it does not answer, or not as a token endpoint does.
            JoseError: the ID token does not verify.
        """
        try:
            with read_as_json(), self._session() as session:
                token = dict(
                    session.fetch_token(
                        self._address("token_endpoint"),
                        grant_type=GRANT,
                        auth_req_id=auth_req_id,
                        timeout=self.timeout,
                    )
                )
        except OAuthError as error:
            if error.error == "slow_down":
                raise AskedTooSoon from error
            if error.error == "authorization_pending":
                raise StillWaits from error
            raise
        return token | {"userinfo": self.psc.parse_id_token(token, nonce=None)}

    def _session(self) -> OAuth2Session:
        return OAuth2Session(self.client_id, self.client_secret)

    def _address(self, name: str) -> str:
        address: str | None = self.psc.load_server_metadata().get(name)
        if address is None:
            raise OAuthError("unsupported", f"the provider publishes no {name}")
        return address
