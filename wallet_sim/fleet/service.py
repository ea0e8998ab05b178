"""What both ways of signing in share: the relying service, its calls, and how they fail."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import quote

import httpx

from wallet_sim.fleet.consequences import Seen
from wallet_sim.fleet.measures import Measures

SCOPE = "openid scope_all"


class JourneyFailed(Exception):
    """A page or an endpoint gave something else than a sign-in goes on with."""

    def __init__(self, step: str, response: httpx.Response) -> None:
        self.kind = f"{step}: status {response.status_code} {error_of(response)}".rstrip()
        super().__init__(f"{self.kind}: {' '.join(response.text.split())[:200]}")


@dataclass(frozen=True)
class Service:
    """The relying service whose people sign in."""

    issuer: str
    endpoints: dict[str, Any]
    """The provider's discovery document."""
    client_id: str
    client_secret: str
    redirect_uri: str
    userinfo: bool
    """Whether the person's data is asked for with each token."""

    @property
    def credentials(self) -> tuple[str, str]:
        """For HTTP Basic, encoded as RFC 6749 wants it (section 2.3.1)."""
        return quote(self.client_id, safe=""), quote(self.client_secret, safe="")

    async def ask_token(self, http: httpx.AsyncClient, form: dict[str, str]) -> httpx.Response:
        """The token endpoint's answer, good or bad."""
        return await http.post(self.endpoints["token_endpoint"], data=form, auth=self.credentials)

    async def use_token(
        self, http: httpx.AsyncClient, tokens: dict[str, Any], measures: Measures, whom: str
    ) -> None:
        """Ask who signed in, as services do, and make sure that it is the person who did.

        Raises:
            JourneyFailed: the tokens do not open the person's data, or open somebody else's.
        """
        if not self.userinfo:
            return
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        with measures.timed("userinfo"):
            answer = await http.get(self.endpoints["userinfo_endpoint"], headers=bearer)
        if answer.status_code != HTTPStatus.OK:
            raise JourneyFailed("userinfo", answer)
        if answer.json().get("SubjectNameID") != whom:
            raise JourneyFailed("userinfo: another person's data", answer)


class Journey(Protocol):
    """A sign-in, seen from where it was asked for."""

    async def begin(self, national_id: str) -> str | None:
        """Ask for the sign-in; gives the number that the person reads.

        Raises:
            JourneyFailed: the provider did not go on with it.
            TransportError: it gave no answer.
        """

    async def end(self) -> Seen:
        """Wait until the question is over, take what the service is given. Raises as `begin`."""


def error_of(response: httpx.Response) -> str:
    """The OAuth error of an answer; empty where it has none."""
    if "json" not in response.headers.get("content-type", ""):
        return ""
    return str(response.json().get("error", ""))
