"""The one ear of all phones: an HTTP server of the event loop, at which every push arrives.

It speaks as much of HTTP/1.1 as RFC 8030 (section 5) needs of a push service: POST with a length,
answered 201. Whatever else comes is refused, and the connection closed.
"""

import asyncio
from http import HTTPStatus

from wallet_sim.clock import TimeSource, monotonic
from wallet_sim.errors import PushRefused
from wallet_sim.push import PushSubscription

_LARGEST_HEAD = 16 * 1024  # bytes
_LARGEST_BODY = 4096  # bytes; RFC 8030, section 7.2


class _NotHttp(Exception):
    """What came is no request that this server reads."""


class Ear:
    """The subscription of one phone, and when it was last called."""

    def __init__(self, subscription: PushSubscription) -> None:
        self.subscription = subscription
        self.vapid: str | None = None
        """The provider's key that signs pushes; None until the provider was told of this ear."""
        self.heard_at = 0.0
        """When the last genuine push came, by `wallet_sim.clock.monotonic`."""
        self._heard = asyncio.Event()

    def listen(self) -> None:
        """Forget what was heard: what is waited for comes after this."""
        self._heard.clear()

    async def wait(self, seconds: float) -> bool:
        """Wait for a push since `listen`; False when none came in time."""
        try:
            async with asyncio.timeout(seconds):
                await self._heard.wait()
        except TimeoutError:
            return False
        return True

    def hear(self, body: bytes, headers: dict[str, str]) -> None:
        """Open a push.

        Raises:
            PushRefused: it is not the provider's, or cannot be opened.
        """
        if self.vapid is None:
            raise PushRefused("this phone has no provider yet")
        self.subscription.open(body, headers, self.vapid)
        self.heard_at = monotonic()
        self._heard.set()


class PushServer:
    """Where the provider's pushes arrive, for every phone of a fleet."""

    def __init__(self) -> None:
        self.refused = 0
        """Pushes that the phone they were for could not open."""
        self._ears: dict[str, Ear] = {}
        self._server: asyncio.Server | None = None
        self._origin = ""

    async def start(self) -> None:
        """Listen on a free port of the loopback."""
        self._server = await asyncio.start_server(
            self._converse, "127.0.0.1", 0, limit=_LARGEST_HEAD
        )
        self._origin = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Listen no more, and close what is open."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def ear(self, phone: int, clock: TimeSource) -> Ear:
        """A new ear for a phone, at an address of its own."""
        ear = Ear(PushSubscription(self._origin, clock, f"/{phone}"))
        self._ears[ear.subscription.path] = ear
        return ear

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                status = await self._take(reader)
                writer.write(_answer(status))
                await writer.drain()
        except (_NotHttp, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            pass
        finally:
            writer.close()

    async def _take(self, reader: asyncio.StreamReader) -> HTTPStatus:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *lines = head.rstrip("\r\n").split("\r\n")
        method, _, rest = line.partition(" ")
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (each.partition(":") for each in lines)
        }
        length = headers.get("content-length", "")
        if method != "POST" or not length.isdigit() or int(length) > _LARGEST_BODY:
            raise _NotHttp(line)
        body = await reader.readexactly(int(length))
        return self._tell(self._ears.get(rest.partition(" ")[0]), body, headers)

    def _tell(self, ear: Ear | None, body: bytes, headers: dict[str, str]) -> HTTPStatus:
        if ear is None:
            return HTTPStatus.GONE
        try:
            ear.hear(body, headers)
        except PushRefused:
            self.refused += 1
            return HTTPStatus.FORBIDDEN
        return HTTPStatus.CREATED


def _answer(status: HTTPStatus) -> bytes:
    return f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Length: 0\r\n\r\n".encode()
