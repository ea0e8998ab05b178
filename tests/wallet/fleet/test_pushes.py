"""The one ear of all phones believes the provider alone (RFC 8030, 8291, 8292)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest

from tests.wallet.test_push import NOW, Sender, StoppedClock, encrypt
from wallet_sim.fleet.pushes import Ear, PushServer


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[PushServer, Ear]]:
    server = PushServer()
    await server.start()
    try:
        yield server, server.ear(7, StoppedClock())
    finally:
        await server.stop()


async def send(address: str, body: bytes, headers: dict[str, str], method: str = "POST") -> bytes:
    """The first line of the answer; empty where the connection was closed instead."""
    url = urlsplit(address)
    assert url.port is not None
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    lines = [f"{method} {url.path} HTTP/1.1", "Host: here", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode() + body)
    line = await reader.readline()
    writer.close()
    return line.strip()


def run(test: Callable[[], Coroutine[None, None, None]]) -> None:
    asyncio.run(test())


def _address(ear: Ear) -> str:
    return str(ear.subscription.as_json()["endpoint"])


def _headers(ear: Ear, sender: Sender) -> dict[str, str]:
    return sender.headers(aud=ear.subscription.origin, exp=NOW + 60)


def test_a_push_of_somebody_else_wakes_nobody() -> None:
    async def test() -> None:
        async with listening() as (server, ear):
            ear.vapid = Sender().vapid
            stranger = Sender()
            told = await send(
                _address(ear),
                encrypt(ear.subscription, {"h": "x"}),
                _headers(ear, stranger),
            )
            assert told.startswith(b"HTTP/1.1 403")
            assert server.refused == 1
            assert not await ear.wait(0)

    run(test)


def test_an_address_of_no_phone_is_gone() -> None:
    async def test() -> None:
        async with listening() as (_, ear):
            assert (await send(_address(ear) + "x", b"", {})).startswith(b"HTTP/1.1 410")

    run(test)


@pytest.mark.parametrize(
    ("method", "body"), [("GET", b""), ("POST", b"x" * 4097)], ids=["get", "too-large"]
)
def test_what_is_no_push_is_cut(method: str, body: bytes) -> None:
    async def test() -> None:
        async with listening() as (_, ear):
            assert await send(_address(ear), body, {}, method) == b""

    run(test)


def test_a_genuine_push_wakes_its_phone_alone() -> None:
    async def test() -> None:
        async with listening() as (server, ear):
            other = server.ear(8, StoppedClock())
            sender = Sender()
            ear.vapid = other.vapid = sender.vapid
            ear.listen()
            told = await send(
                _address(ear), encrypt(ear.subscription, {"h": "x"}), _headers(ear, sender)
            )
            assert told.startswith(b"HTTP/1.1 201")
            assert await ear.wait(1)
            assert not await other.wait(0)
            ear.listen()
            assert not await ear.wait(0), "what came before is not waited for"

    run(test)
