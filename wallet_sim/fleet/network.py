"""The network of all browsers and services: HTTP/1.1 on few connections, kept open, in one loop.

httpx does everything above the connection; below it, its own pool looks through all connections at
each request, which at hundreds of them costs more than the requests themselves. Here the connection
used last is used next.
"""

import asyncio
import ssl
from contextlib import suppress

import h11
import httpx

from wallet_sim.clock import monotonic

_KEPT_IDLE = 4.0
"""Seconds that an idle connection is trusted: servers close theirs a little later."""
_PATIENCE = 30.0  # seconds for one exchange
_SECOND_ADDRESS = 0.25  # seconds until another address of the host is tried (RFC 8305)
_CHUNK = 64 * 1024


class SharedNetwork(httpx.AsyncBaseTransport):
    """How the requests of all browsers and services leave; cookies are each browser's own.

    Args:
        trust: what verifies the provider's certificate.
        connections: open at most; further requests wait for one.
    """

    def __init__(self, trust: ssl.SSLContext, connections: int) -> None:
        self._trust = trust
        self._free = asyncio.Semaphore(connections)
        self._idle: dict[tuple[str, str, int | None], list[_Connection]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request.

        Raises:
            TransportError: no connection, no answer in time, or no HTTP.
        """
        body = await request.aread()
        async with self._free:
            try:
                async with asyncio.timeout(_PATIENCE):
                    return await self._exchange(request, body)
            except TimeoutError as error:
                raise httpx.ReadTimeout("no answer in time", request=request) from error

    async def aclose(self) -> None:
        """Nothing: a browser that is closed leaves the others connected."""

    async def end(self) -> None:
        """Close the connections."""
        for waiting in self._idle.values():
            for connection in waiting:
                await connection.close()
        self._idle.clear()

    async def _exchange(self, request: httpx.Request, body: bytes) -> httpx.Response:
        connection = self._take(request) or await self._open(request)
        try:
            response = await connection.exchange(request, body)
        except (OSError, h11.ProtocolError) as error:
            connection.abandon()
            raise httpx.ReadError(f"{request.url}: {error}", request=request) from error
        except asyncio.CancelledError:
            connection.abandon()
            raise
        if connection.is_reusable:
            self._idle.setdefault(_place(request), []).append(connection)
        else:
            await connection.close()
        return response

    def _take(self, request: httpx.Request) -> "_Connection | None":
        waiting = self._idle.get(_place(request), [])
        while waiting:
            connection = waiting.pop()
            if connection.is_fresh:
                return connection
            connection.abandon()
        return None

    async def _open(self, request: httpx.Request) -> "_Connection":
        url = request.url
        secure = url.scheme == "https"
        port = url.port or (443 if secure else 80)
        try:
            reader, writer = await asyncio.open_connection(
                url.host,
                port,
                ssl=self._trust if secure else None,
                happy_eyeballs_delay=_SECOND_ADDRESS,
            )
        except OSError as error:
            raise httpx.ConnectError(f"{request.url}: {error}", request=request) from error
        return _Connection(reader, writer)


class _Connection:
    """One connection, used by one exchange after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._protocol = h11.Connection(h11.CLIENT)
        self._used_at = monotonic()

    @property
    def is_reusable(self) -> bool:
        """Whether both sides are done, and mean to go on."""
        return self._protocol.our_state is h11.IDLE

    @property
    def is_fresh(self) -> bool:
        """Whether the other side has not closed it meanwhile, nor is about to."""
        return not self._reader.at_eof() and monotonic() - self._used_at < _KEPT_IDLE

    async def exchange(self, request: httpx.Request, body: bytes) -> httpx.Response:
        """Send a request and read the whole answer."""
        self._send(
            h11.Request(
                method=request.method, target=request.url.raw_path, headers=request.headers.raw
            )
        )
        if body:
            self._send(h11.Data(data=body))
        self._send(h11.EndOfMessage())
        await self._writer.drain()
        return await self._read()

    async def close(self) -> None:
        """Close it, and wait until it is."""
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    def abandon(self) -> None:
        """Close it at once."""
        self._writer.transport.abort()

    def _send(self, event: h11.Event) -> None:
        self._writer.write(self._protocol.send(event) or b"")

    async def _read(self) -> httpx.Response:
        status, headers, content = 0, [], bytearray()
        while True:
            event = self._protocol.next_event()
            if event is h11.NEED_DATA:
                self._protocol.receive_data(await self._reader.read(_CHUNK))
            elif isinstance(event, h11.Response):
                status, headers = event.status_code, list(event.headers)
            elif isinstance(event, h11.Data):
                content += event.data
            elif isinstance(event, h11.EndOfMessage):
                break
        if self._protocol.our_state is h11.DONE and self._protocol.their_state is h11.DONE:
            self._protocol.start_next_cycle()
        self._used_at = monotonic()
        return httpx.Response(status, headers=headers, content=bytes(content))


def _place(request: httpx.Request) -> tuple[str, str, int | None]:
    return request.url.scheme, request.url.host, request.url.port
