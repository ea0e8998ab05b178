"""The network that all phones of a fleet share: few connections, kept open, and every call timed.

A connection a phone would be thousands of sockets for requests that last milliseconds; the provider
tells phones apart by their signatures, never by their connection.
"""

import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from wallet_sim.clock import monotonic
from wallet_sim.transport import BASE_PATH

_KEPT_IDLE = 4.0
"""Seconds that an idle connection is trusted: servers close theirs a little later."""
_VARIABLE = re.compile(r"/(enrolments|challenges)/[^/]+")


@dataclass(frozen=True)
class Call:
    """One request of a phone that was answered."""

    step: str
    """Its address below the phone's base path, ids left out: `/challenges/…/answer`."""
    began: float
    ended: float
    """Both by `wallet_sim.clock.monotonic`."""


class Wire(httpx.BaseTransport):
    """How the requests of all phones leave; closed by its owner, not by a phone that is.

    Args:
        trust: what verifies the provider's certificate.
        connections: kept open at most.
    """

    def __init__(self, trust: ssl.SSLContext, connections: int) -> None:
        self._beyond = httpx.HTTPTransport(
            verify=trust,
            trust_env=False,
            limits=httpx.Limits(
                max_connections=connections,
                max_keepalive_connections=connections,
                keepalive_expiry=_KEPT_IDLE,
            ),
        )
        self._noting = threading.local()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request."""
        began = monotonic()
        response = self._beyond.handle_request(request)
        calls: list[Call] | None = getattr(self._noting, "calls", None)
        if calls is not None:
            calls.append(Call(_step(request.url.path), began, monotonic()))
        return response

    @contextmanager
    def noting(self) -> Iterator[list[Call]]:
        """Note the calls of this thread while the block runs."""
        calls: list[Call] = []
        self._noting.calls = calls
        try:
            yield calls
        finally:
            self._noting.calls = None

    def close(self) -> None:
        """Nothing: a phone that is put away leaves the others connected."""

    def end(self) -> None:
        """Close the connections."""
        self._beyond.close()


def trust_of(ca: Path | None) -> ssl.SSLContext:
    """What verifies the provider: the profile's authorities, or the machine's.

    One that is called by plain HTTP may have its issuer behind TLS, and is verified there.
    """
    return ssl.create_default_context(cafile=ca)


def _step(path: str) -> str:
    below = path.partition(BASE_PATH)[2] or path
    return _VARIABLE.sub(r"/\1/…", below)
