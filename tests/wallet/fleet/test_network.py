"""The network that browsers and services share speaks HTTP/1.1, whoever is at the other end."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from wallet_sim.authority import server_certificate
from wallet_sim.clock import SystemTime
from wallet_sim.fleet import network
from wallet_sim.fleet.network import SharedNetwork
from wallet_sim.fleet.wire import trust_of

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """Answers every request with the same bytes."""

    def __init__(self, answer: bytes, *, closes: bool = False) -> None:
        self.answer = answer
        self.closes = closes
        self.connections = 0
        self.at_once = 0
        self.most_at_once = 0
        self.url = ""

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = [
                    line for line in head.split(b"\r\n") if line.startswith(b"content-length")
                ]
                if length:
                    await reader.readexactly(int(length[0].split(b":")[1]))
                self.at_once += 1
                self.most_at_once = max(self.most_at_once, self.at_once)
                await asyncio.sleep(0)
                self.at_once -= 1
                writer.write(self.answer)
                if self.closes:
                    break
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(server: Server, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    listening = await asyncio.start_server(server.converse, "127.0.0.1", 0, ssl=tls)
    scheme = "https" if tls else "http"
    server.url = f"{scheme}://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
    try:
        yield server
    finally:
        listening.close()


@asynccontextmanager
async def calling(ca: Path | None = None, connections: int = 4) -> AsyncIterator[httpx.AsyncClient]:
    shared = SharedNetwork(trust_of(ca), connections)
    yield httpx.AsyncClient(transport=shared)
    await shared.end()


def run(test: Callable[[], Coroutine[None, None, None]]) -> None:
    asyncio.run(test())


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    ],
    ids=["nothing", "no-http", "cut", "bad-chunk"],
)
def test_what_is_no_whole_answer_is_an_error_of_the_network(answer: bytes) -> None:
    async def test() -> None:
        async with serving(Server(answer, closes=True)) as server, calling() as http:
            with pytest.raises(httpx.TransportError):
                await http.get(server.url)

    run(test)


def test_a_closed_port_is_an_error_of_the_network() -> None:
    async def test() -> None:
        async with serving(Server(_OK)) as server:
            pass
        async with calling() as http:
            with pytest.raises(httpx.ConnectError):
                await http.get(server.url)

    run(test)


def test_one_connection_serves_one_exchange_after_the_other() -> None:
    async def test() -> None:
        async with serving(Server(_OK)) as server, calling() as http:
            for _ in range(5):
                assert (await http.post(server.url, data={"a": "b"})).text == "ok"
            assert server.connections == 1

    run(test)


def test_a_connection_that_the_other_side_closed_is_not_used_again() -> None:
    async def test() -> None:
        async with serving(Server(_OK, closes=True)) as server, calling() as http:
            for _ in range(3):
                assert (await http.get(server.url)).text == "ok"
                await asyncio.sleep(0.01)
            assert server.connections == 3

    run(test)


def test_no_more_connections_are_open_than_allowed() -> None:
    async def test() -> None:
        async with serving(Server(_OK)) as server, calling(connections=3) as http:
            await asyncio.gather(*(http.get(server.url) for _ in range(20)))
            assert server.connections <= 3
            assert server.most_at_once <= 3

    run(test)


def test_a_chunked_answer_is_put_together() -> None:
    async def test() -> None:
        answer = (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n"
        )
        async with serving(Server(answer)) as server, calling() as http:
            assert (await http.get(server.url)).text == "ok"
            assert (await http.get(server.url)).text == "ok"

    run(test)


def test_a_provider_elsewhere_is_believed_by_the_authority_of_the_profile_alone(
    tmp_path: Path,
) -> None:
    certificate = server_certificate(tmp_path / "tls", ["127.0.0.1"], now=SystemTime().timestamp())
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate.certificate, certificate.key)
    stranger = server_certificate(tmp_path / "other", ["127.0.0.1"], now=SystemTime().timestamp())

    async def test() -> None:
        async with serving(Server(_OK), tls) as server:
            async with calling(certificate.authority) as http:
                assert (await http.get(server.url)).text == "ok"
            async with calling(stranger.authority) as http:
                with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                    await http.get(server.url)

    run(test)


def test_what_is_for_https_never_leaves_in_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where the profile names plain HTTP, on a connection that is still open."""

    async def test() -> None:
        async with serving(Server(_OK)) as server, calling() as http:
            assert (await http.get(server.url)).text == "ok"
            # What comes now waits for a handshake that never does.
            monkeypatch.setattr(network, "_PATIENCE", 1)
            with pytest.raises(httpx.TransportError):
                await http.get(server.url.replace("http:", "https:"))

    run(test)
