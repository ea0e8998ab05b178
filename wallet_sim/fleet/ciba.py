"""A service that knows the identifier and asks without a browser (CIBA Core 1.0, poll)."""

import asyncio
import secrets
from http import HTTPStatus

import httpx

from wallet_sim.clock import monotonic
from wallet_sim.fleet.consequences import Seen
from wallet_sim.fleet.measures import Measures
from wallet_sim.fleet.service import SCOPE, JourneyFailed, Service, error_of

GRANT = "urn:openid:params:grant-type:ciba"
_USUAL_INTERVAL = 5  # seconds, where the provider names none (CIBA Core, 7.3)
_SLOWER = 5  # seconds that each `slow_down` adds (CIBA Core, 11)


class CibaJourney:
    """A service that knows the identifier and asks without a browser (GRANT, poll)."""

    def __init__(
        self, service: Service, network: httpx.AsyncBaseTransport, measures: Measures
    ) -> None:
        self._service = service
        self._measures = measures
        self._http = httpx.AsyncClient(transport=network, follow_redirects=False)
        self._person = ""
        self._auth_req_id = ""
        self._interval = 1.0

    async def begin(self, national_id: str) -> str | None:
        """Ask, with two digits for the person to match."""
        self._person = national_id
        number = f"{secrets.randbelow(100):02d}"
        form = {
            "scope": SCOPE,
            "acr_values": "eidas1",
            "login_hint": national_id,
            "binding_message": number,
        }
        with self._measures.timed("ciba: request"):
            answer = await self._http.post(
                self._service.endpoints["backchannel_authentication_endpoint"],
                data=form,
                auth=self._service.credentials,
            )
        if answer.status_code != HTTPStatus.OK:
            raise JourneyFailed("ciba: request", answer)
        members = answer.json()
        self._auth_req_id = members["auth_req_id"]
        self._interval = float(members.get("interval", _USUAL_INTERVAL))
        return number

    async def end(self) -> Seen:
        """Poll at the interval that the provider gave."""
        form = {"grant_type": GRANT, "auth_req_id": self._auth_req_id}
        while True:
            await asyncio.sleep(self._interval)
            began = monotonic()
            answer = await self._service.ask_token(self._http, form)
            if answer.status_code == HTTPStatus.OK:
                self._measures.add("token", monotonic() - began)
                await self._service.use_token(
                    self._http, answer.json(), self._measures, self._person
                )
                return "approved"
            self._measures.add("ciba: poll", monotonic() - began)
            match error_of(answer):
                case "authorization_pending":
                    continue
                case "slow_down":
                    self._interval += _SLOWER
                case "access_denied":
                    return "refused"
                case "expired_token":
                    return "expired"
                case _:
                    raise JourneyFailed("ciba: poll", answer)
