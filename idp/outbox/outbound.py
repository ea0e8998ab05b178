"""One bounded exchange with a vetted address: no redirect, no proxy, no second name look-up."""

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpcore

from idp.clock import monotonic
from idp.outbox.addresses import VettedAddress


class Unreachable(Exception):
    """No answer within the time allowed; the text names the kind of failure only."""


class TooLong(Exception):
    """The answer is longer than what is read of one."""


@dataclass(frozen=True)
class Fetched:
    """What an address answered."""

    status: int
    content_type: str
    """Media type, without parameters, in lower case."""
    cache_control: str
    """As the header says it; empty where there is none (RFC 9111, 5.2)."""
    body: bytes


def post(address: VettedAddress, *, content: bytes, headers: dict[str, str], timeout: float) -> int:
    """Send a body and give the status of the answer, whose body is not read.

    Args:
        address: what :func:`idp.outbox.addresses.vet` allowed.
        content: the body.
        headers: the headers, but Host and Content-Length.
        timeout: seconds for the whole exchange, however slowly the other side drips.

    Raises:
        Unreachable: no connection, a broken one, or none of an answer in time.
    """
    with _exchange("POST", address, content=content, headers=headers, timeout=timeout) as answer:
        return int(answer.status)


def fetch(address: VettedAddress, *, accept: str, longest: int, timeout: float) -> Fetched:
    """Read a document of at most ``longest`` bytes; ``timeout`` in seconds is for all of it.

    Raises:
        Unreachable: no connection, a broken one, or no whole answer in time.
        TooLong: there is more of it.
    """
    headers = {"Accept": accept, "Accept-Encoding": "identity"}
    with _exchange("GET", address, content=b"", headers=headers, timeout=timeout) as answer:
        return _read(answer, longest)


def ask(
    address: VettedAddress,
    *,
    content: bytes,
    headers: dict[str, str],
    longest: int,
    timeout: float,
) -> Fetched:
    """Send a body and read an answer of at most ``longest`` bytes, as :func:`fetch` does.

    Raises:
        Unreachable: no connection, a broken one, or no whole answer in time.
        TooLong: there is more of it.
    """
    headers = headers | {"Accept-Encoding": "identity"}
    with _exchange("POST", address, content=content, headers=headers, timeout=timeout) as answer:
        return _read(answer, longest)


def _read(answer: httpcore.Response, longest: int) -> Fetched:
    body = bytearray()
    for chunk in answer.iter_stream():
        body += chunk
        if len(body) > longest:
            raise TooLong
    told = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
    return Fetched(
        status=int(answer.status),
        content_type=told.get(b"content-type", "").partition(";")[0].strip().lower(),
        cache_control=told.get(b"cache-control", ""),
        body=bytes(body),
    )


@contextmanager
def _exchange(
    method: str,
    address: VettedAddress,
    *,
    content: bytes,
    headers: dict[str, str],
    timeout: float,
) -> Iterator[httpcore.Response]:
    backend = _PinnedBackend(address.ip, monotonic() + timeout)
    limits = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), timeout)}
    try:
        with (
            httpcore.ConnectionPool(
                ssl_context=ssl.create_default_context(), network_backend=backend
            ) as pool,
            pool.stream(
                method,
                address.url,
                headers=list(headers.items()),
                content=content,
                extensions=limits,
            ) as answer,
        ):
            yield answer
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        ssl.SSLError,
    ) as error:
        raise Unreachable(type(error).__name__) from error


class _PinnedBackend(httpcore.SyncBackend):
    """Connects to one IP address, whatever host is asked for, and keeps to a deadline."""

    def __init__(self, ip: str, deadline: float) -> None:
        self._ip = ip
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        del host
        stream = super().connect_tcp(self._ip, port, timeout, local_address, socket_options)
        return _DeadlineStream(stream, self._deadline)


class _DeadlineStream(httpcore.NetworkStream):
    """A stream whose reads and writes together end at a deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def _left(self) -> float:
        left = self._deadline - monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        del timeout
        return self._stream.read(max_bytes, self._left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        del timeout
        self._stream.write(buffer, self._left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        del timeout
        stream = self._stream.start_tls(ssl_context, server_hostname, self._left())
        return _DeadlineStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)
