"""Listening on ::1 as well as on 127.0.0.1 (decision 4).

The server takes one address, and a second server for each worker would double the processes of a
development machine. Browsers and programs that try ::1 first are handed on, byte by byte, to
127.0.0.1; TLS passes through untouched. Only the loopback is relayed.
"""

import asyncio
import threading

_CHUNK = 64 * 1024


class LoopbackRelay:
    """Hands connections to one port of ::1 on to the same port of 127.0.0.1."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._run, name=f"relay-{port}", daemon=True)

    def start(self) -> None:
        """Listen, in a thread of its own. Raises OSError when the port is taken."""
        self._server = self._loop.run_until_complete(
            asyncio.start_server(self._hand_on, "::1", self._port)
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and drop what is open."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        self._loop.run_forever()
        if self._server is not None:
            self._server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:
        pass  # either end went away: the other is closed below
    finally:
        writer.close()
