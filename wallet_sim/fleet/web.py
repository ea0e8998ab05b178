"""A browser at a service, which sends it to the provider's pages and takes it back.

It does what a person's browser and the page's own script do; the number is read from the page.
"""

import asyncio
import base64
import re
import secrets
from hashlib import sha256
from html import unescape
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

import httpx

from wallet_sim.fleet.consequences import Seen
from wallet_sim.fleet.measures import Measures
from wallet_sim.fleet.service import SCOPE, JourneyFailed, Service

_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
_NUMBER = re.compile(r'id="challenge-number"[^>]*>\s*(\d+)')
_INTERVAL = re.compile(r'data-interval="(\d+)"')
_FORM = re.compile(r'<form[^>]* action="([^"]+/(?:proceed|abandon))"')
_MOST_PAGES = 6  # between the phone's answer and the service: a notice of wrong PINs, a way back


class WebJourney:
    """A new browser at a service, which sends it to the provider's pages.

    Args:
        service: the service.
        network: connections that all browsers share; cookies they do not.
        measures: notes how long steps took.
    """

    def __init__(
        self, service: Service, network: httpx.AsyncBaseTransport, measures: Measures
    ) -> None:
        self._service = service
        self._measures = measures
        self._browser = httpx.AsyncClient(
            transport=network, headers={"Accept-Language": "en"}, follow_redirects=False
        )
        self._verifier = secrets.token_urlsafe(32)
        self._state = secrets.token_urlsafe(16)
        self._person = ""
        self._page = ""
        self._interval = 1.0

    async def begin(self, national_id: str) -> str | None:
        """Follow the service's link, type the identifier, read the number."""
        self._person = national_id
        challenge = base64.urlsafe_b64encode(sha256(self._verifier.encode()).digest())
        parameters = {
            "client_id": self._service.client_id,
            "response_type": "code",
            "redirect_uri": self._service.redirect_uri,
            "scope": SCOPE,
            "acr_values": "eidas1",
            "state": self._state,
            "nonce": secrets.token_urlsafe(16),
            "code_challenge": challenge.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        with self._measures.timed("web: page"):
            asked = await self._browser.get(
                self._service.endpoints["authorization_endpoint"], params=parameters
            )
            self._page = _location(asked, "web: page")
            form = await self._browser.get(self._page)
        with self._measures.timed("web: identifier"):
            posted = await self._post(form, self._page, "web: page", national_id=national_id)
            waiting = await self._browser.get(_location(posted, "web: identifier"))
        number, interval = _NUMBER.search(waiting.text), _INTERVAL.search(waiting.text)
        if number is None or interval is None:
            raise JourneyFailed("web: waiting page", waiting)
        self._interval = int(interval[1]) / 1000
        return number[1]

    async def end(self) -> Seen:
        """Ask as the page's script does, then go where the page leads."""
        while True:
            with self._measures.timed("web: status"):
                told = await self._browser.get(f"{self._page}/status")
            if told.status_code != HTTPStatus.OK:
                raise JourneyFailed("web: status", told)
            match told.json()["state"]:
                case "pending":
                    await asyncio.sleep(self._interval)
                case "approved":
                    await self._take_tokens(await self._return("/finish"))
                    return "approved"
                case state:
                    await self._give_up()
                    # What lapsed may have been tidied away before the page asked again.
                    return "expired" if state in {"expired", "none"} else "refused"

    async def _return(self, below: str) -> httpx.Response:
        """Follow pages and forms until an answer sends the browser back to the service."""
        address = f"{self._page}{below}"
        with self._measures.timed("web: return"):
            for _ in range(_MOST_PAGES):
                answer = await self._browser.get(address)
                if not answer.is_redirect:
                    form = _FORM.search(answer.text)
                    if form is None:
                        raise JourneyFailed("web: return", answer)
                    answer = await self._post(answer, urljoin(address, form[1]), "web: return")
                address = urljoin(address, _location(answer, "web: return"))
                if address.startswith(self._service.redirect_uri):
                    return answer
        raise JourneyFailed("web: return", answer)

    async def _give_up(self) -> None:
        returned = await self._return("")
        if _told(returned).get("error") != "access_denied":
            raise JourneyFailed("web: given up", returned)

    async def _take_tokens(self, returned: httpx.Response) -> None:
        answer = _told(returned)
        if answer.get("state") != self._state or "code" not in answer:
            raise JourneyFailed("web: another answer than to this request", returned)
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": self._service.redirect_uri,
            "code_verifier": self._verifier,
        }
        with self._measures.timed("token"):
            given = await self._service.ask_token(self._browser, form)
        if given.status_code != HTTPStatus.OK:
            raise JourneyFailed("token", given)
        await self._service.use_token(self._browser, given.json(), self._measures, self._person)

    async def _post(
        self, page: httpx.Response, address: str, step: str, **fields: str
    ) -> httpx.Response:
        token = _CSRF.search(page.text)
        if token is None:
            raise JourneyFailed(step, page)
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(address))
        return await self._browser.post(
            address,
            data={"csrf_token": unescape(token[1]), **fields},
            headers={"Origin": origin},
        )


def _location(response: httpx.Response, step: str) -> str:
    if not response.is_redirect:
        raise JourneyFailed(step, response)
    return str(response.url.join(response.headers["Location"]))


def _told(returned: httpx.Response) -> httpx.QueryParams:
    return httpx.URL(returned.headers["Location"]).params
