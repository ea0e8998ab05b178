"""Where a browser's requests go: over HTTP, or into a service that does not listen.

A service under test is named by its address, or given as the test client of its framework: Flask's
or Werkzeug's, Django's, Starlette's and FastAPI's `TestClient`, any `httpx.Client`. Its cookies
stay in that client, so that the test goes on in it, signed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from ssl import SSLContext, create_default_context
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

import httpx

from wallet_sim.harness.errors import HarnessError

_TIMEOUT = 30.0  # seconds; an answer may be late on purpose
_FORM = "application/x-www-form-urlencoded"
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}

Headers = Mapping[str, str]


class ServiceUnknown(HarnessError):
    """What was given is neither an address nor a test client that is known."""


class ServiceUnreachable(HarnessError):
    """Nobody answered at an address of the service, or not as HTTP says."""


@dataclass(frozen=True)
class Answer:
    """What came for one request; redirects are not followed."""

    method: str
    url: str
    status: int
    headers: Headers
    """By lower-case name."""
    text: str
    set_cookies: tuple[str, ...] = ()
    """Its `Set-Cookie` headers."""

    @property
    def location(self) -> str:
        """Where it sends the browser; empty where it does not."""
        is_redirect = httpx.codes.is_redirect(self.status)
        return self.headers.get("location", "") if is_redirect else ""


class Site(Protocol):
    """Something that answers the requests of a browser, and keeps its cookies."""

    @property
    def base_url(self) -> str:
        """What an address without host is resolved against; empty where there is none."""

    def send(
        self, method: str, url: str, form: Mapping[str, str] | None, headers: Headers
    ) -> Answer:
        """Send one request and follow nothing."""


def site_of(client: Any) -> Site:
    """The site behind a test client.

    Raises:
        ServiceUnknown: no such client is known.
    """
    if hasattr(client, "aclose"):
        raise ServiceUnknown(
            "psc.login does not wait for coroutines: give it the synchronous TestClient of the "
            "application in place of an AsyncClient, or, for a service that listens, its address "
            "(in an asynchronous test: `await asyncio.to_thread(psc.login, address, person)`)"
        )
    if hasattr(client, "build_request"):  # httpx, and Starlette's, which may be another httpx
        return HttpxClientSite(client)
    if hasattr(client, "open") and hasattr(client, "application"):
        return WerkzeugClientSite(client)
    if hasattr(client, "generic") and hasattr(client, "handler"):
        return DjangoClientSite(client)
    raise ServiceUnknown(
        f"psc.login takes an address, a Playwright page, or the test client of Flask, Django, "
        f"Starlette, FastAPI or httpx, and not {type(client).__module__}.{type(client).__name__}; "
        "whatever has `base_url` and `send` of wallet_sim.harness.sites.Site will do"
    )


class Connections:
    """The connections that all browsers share.

    Args:
        ca: an authority to believe besides the system's, PEM.
    """

    def __init__(self, ca: Path | None = None) -> None:
        self._ca = ca
        self._transports: dict[bool, httpx.HTTPTransport] = {}

    def transport(self, url: str) -> httpx.HTTPTransport:
        """How HTTP leaves for an address."""
        is_secure = url.startswith("https:")
        if is_secure not in self._transports:
            trust: SSLContext | bool = _trust(self._ca) if is_secure else False
            self._transports[is_secure] = httpx.HTTPTransport(verify=trust)
        return self._transports[is_secure]

    def close(self) -> None:
        """Close them."""
        for transport in self._transports.values():
            transport.close()


class Web:
    """Everything that listens, as one browser sees it: with a cookie jar an origin."""

    base_url = ""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._clients: dict[str, httpx.Client] = {}

    def send(
        self, method: str, url: str, form: Mapping[str, str] | None, headers: Headers
    ) -> Answer:
        """Send one request.

        Raises:
            ServiceUnreachable: no answer came.
        """
        client = self._client(url)
        try:
            response = client.request(method, url, data=form, headers=dict(headers))
        except httpx.HTTPError as error:
            host = origin_of(url)
            raise ServiceUnreachable(f"{method} {url}: {error}: is {host} up?") from error
        return _answer(method, url, response)

    def _client(self, url: str) -> httpx.Client:
        origin = origin_of(url)
        if origin not in self._clients:
            # httpx keeps a jar that it is given as it is.
            self._clients[origin] = httpx.Client(
                transport=self._connections.transport(url), timeout=_TIMEOUT, cookies=_jar(url)
            )
        return self._clients[origin]


class HttpxClientSite:
    """An `httpx.Client`, or Starlette's and FastAPI's `TestClient`."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.base_url = str(client.base_url).rstrip("/")

    def send(
        self, method: str, url: str, form: Mapping[str, str] | None, headers: Headers
    ) -> Answer:
        """Send one request."""
        response = self._client.request(
            method, url, data=form, headers=dict(headers), follow_redirects=False
        )
        return _answer(method, url, response)


class WerkzeugClientSite:
    """The test client of Flask, or of any WSGI application by Werkzeug."""

    def __init__(self, client: Any) -> None:
        self._client = client
        config = getattr(client.application, "config", {})
        scheme = config.get("PREFERRED_URL_SCHEME", "http")
        self.base_url = f"{scheme}://{config.get('SERVER_NAME') or 'localhost'}"

    def send(
        self, method: str, url: str, form: Mapping[str, str] | None, headers: Headers
    ) -> Answer:
        """Send one request."""
        parts = urlsplit(url)
        response = self._client.open(
            parts.path or "/",
            base_url=origin_of(url),
            query_string=parts.query,
            method=method,
            data=None if form is None else urlencode(form),
            content_type=None if form is None else _FORM,
            headers=dict(headers),
            follow_redirects=False,
        )
        told = {name.lower(): value for name, value in response.headers.items()}
        set_cookies = tuple(response.headers.getlist("Set-Cookie"))
        text = response.get_data(as_text=True)
        return Answer(method, url, response.status_code, told, text, set_cookies)


class DjangoClientSite:
    """Django's test client."""

    base_url = "http://testserver"

    def __init__(self, client: Any) -> None:
        self._client = client

    def send(
        self, method: str, url: str, form: Mapping[str, str] | None, headers: Headers
    ) -> Answer:
        """Send one request."""
        parts = urlsplit(url)
        is_secure = parts.scheme == "https"
        response = self._client.generic(
            method,
            f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/",
            data="" if form is None else urlencode(form),
            content_type=_FORM,
            secure=is_secure,
            headers=dict(headers),
            SERVER_NAME=parts.hostname or "testserver",
            SERVER_PORT=str(parts.port or (443 if is_secure else 80)),
        )
        told = {name.lower(): value for name, value in response.headers.items()}
        text = response.content.decode(response.charset, "replace")
        set_cookies = tuple(morsel.OutputString() for morsel in response.cookies.values())
        return Answer(method, url, response.status_code, told, text, set_cookies)


def is_address(url: str) -> bool:
    """Whether a browser could open an address over HTTP."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna")
        httpx.URL(url)
        return parts.scheme in {"http", "https"} and bool(host) and parts.port != 0
    except (ValueError, httpx.InvalidURL):
        return False


def origin_of(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _answer(method: str, url: str, response: Any) -> Answer:
    told = {name.lower(): value for name, value in response.headers.items()}
    set_cookies = tuple(response.headers.get_list("set-cookie"))
    return Answer(method, url, response.status_code, told, response.text, set_cookies)


def _jar(url: str) -> CookieJar:
    # Browsers hold the loopback for secure: a service may keep its Secure cookies there.
    if urlsplit(url).hostname in _LOOPBACK:
        policy = DefaultCookiePolicy(secure_protocols=("https", "wss", "http"))
        return CookieJar(policy)
    return CookieJar()


def _trust(ca: Path | None) -> SSLContext:
    made = create_default_context()
    if ca is not None:
        made.load_verify_locations(ca)
    return made
