"""The phone's HTTP: one origin, bounded answers, no redirects (docs/phone-protocol.md, 1 and 2)."""

import os
import ssl
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx

from wallet_sim.encoding import parse_object
from wallet_sim.errors import AddressRefused, NoAnswer, PhoneError, from_problem

BASE_PATH = "/wallet/v1"

_AUTHORITIES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_LARGEST_ANSWER = 256 * 1024  # bytes
_TIMEOUT = 10.0  # seconds
_SENDINGS = 2  # of a phone's same bytes: a provider carries them out once
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_FIRST_ERROR = 400
_FIRST_FAILURE = 500


def require_safe_address(base_url: str, *, insecure_http: bool) -> str:
    """The provider's address without a closing slash.

    Raises:
        AddressRefused: it is none, or neither TLS nor this machine, and `insecure_http` was not
            asked for.
    """
    try:
        parts = urlsplit(base_url)
        (parts.hostname or "").encode("idna")
        httpx.URL(base_url)
    except (ValueError, httpx.InvalidURL) as error:
        raise AddressRefused(f"{base_url!r} is no address of a provider") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise AddressRefused(f"{base_url!r} is no address of a provider")
    if parts.username or parts.password:
        raise AddressRefused("the provider's address carries no credentials")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK and not insecure_http:
        raise AddressRefused(f"{base_url} is not TLS; ask for insecure HTTP to allow it")
    return base_url.rstrip("/")


def direct_transport() -> httpx.BaseTransport:
    """How HTTP leaves where nothing stands in between."""
    named = tuple(os.environ.get(variable) for variable in _AUTHORITIES)
    return httpx.HTTPTransport(verify=_trusted(named), trust_env=False)


@cache
def _trusted(named: tuple[str | None, ...]) -> ssl.SSLContext:
    """One for all phones of this process: reading the machine's authorities takes long."""
    del named  # read by OpenSSL itself; another value must not find the context of the one before
    return ssl.create_default_context()


class Channel:
    """A connection to the one provider that this phone, or card, belongs to."""

    def __init__(
        self,
        base_url: str,
        *,
        transport: httpx.BaseTransport | None,
        language: str,
        base_path: str = BASE_PATH,
        sendings: int = _SENDINGS,
    ) -> None:
        secure = base_url.startswith("https:")
        self.base_url = base_url
        self.base_path = base_path
        self._sendings = sendings
        self._client = httpx.Client(
            transport=transport,
            verify=ssl.create_default_context() if secure and transport is None else False,
            headers={"Accept-Language": language, "User-Agent": "ecps-wallet"},
            timeout=_TIMEOUT,
            follow_redirects=False,
            # A proxy of the environment would see every request.
            trust_env=False,
        )

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def fetch_configuration(self) -> str:
        """The provider's signed configuration, not verified yet.

        Raises:
            NoAnswer: the provider could not be reached.
        """
        status, content = self._send("GET", f"{BASE_PATH}/configuration", b"")
        if status >= _FIRST_ERROR:
            raise _refusal(status, content)
        return content.decode("ascii", "replace").strip()

    def post(self, path: str, body: str) -> dict[str, Any]:
        """Send a signed request below the base path, as often as allowed until an answer comes.

        Raises:
            NoAnswer: there was none, or the provider failed (5xx).
            ProviderRefusal: the problem document that came, as the class of its code.
        """
        status, content = self._send("POST", f"{self.base_path}{path}", body.encode("ascii"))
        if status >= _FIRST_ERROR:
            raise _refusal(status, content)
        try:
            return parse_object(content)
        except ValueError as error:
            raise NoAnswer("the provider's answer is not readable") from error

    def _send(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/jose"} if body else {}
        address = f"{self.base_url}{path}"
        for attempt in range(1, self._sendings + 1):
            try:
                return self._send_once(method, address, body, headers)
            except httpx.TransportError as error:
                if attempt == self._sendings:
                    raise NoAnswer(f"no answer from {self.base_url}: {error}") from error
        raise AssertionError("unreachable")

    def _send_once(
        self, method: str, address: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        with self._client.stream(method, address, content=body, headers=headers) as response:
            content = bytearray()
            for part in response.iter_bytes():
                content += part
                if len(content) > _LARGEST_ANSWER:
                    raise NoAnswer("the provider's answer is too large")
            if response.is_redirect:
                raise NoAnswer("the provider redirects; a phone follows no redirect")
            return response.status_code, bytes(content)


def _refusal(status: int, content: bytes) -> PhoneError:
    if status >= _FIRST_FAILURE:
        # It may have failed after the try and the roll were taken: nothing is known of the answer.
        return NoAnswer(f"the provider failed with status {status}")
    try:
        members = parse_object(content)
    except ValueError:
        return NoAnswer(f"the provider failed with status {status}")
    if "code" not in members:
        return NoAnswer(f"the provider failed with status {status}: {members.get('title', '')}")
    return from_problem(status, members)
