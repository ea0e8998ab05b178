"""Vetting addresses given by others (decisions 27 and 40)."""

import socket
import threading
from ipaddress import ip_address
from typing import Any

import pytest

from idp.clock import monotonic
from idp.outbox.addresses import AddressRefused, AddressUnresolved, is_public, vet
from idp.outbox.outbound import Unreachable, post
from tests.outbox.servers import http_server

HOSTS = ["push.test"]


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def answer(*_args: Any, **_options: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 0)) for ip in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


@pytest.mark.parametrize(
    "url",
    [
        "http://push.test/x",
        "https://push.test:8443/x",
        "https://ailleurs.test/x",
        "https://push.test.ailleurs.test/x",
        "https://u:p@push.test/x",
        "https://push.test/x#f",
        "https://push.test:port/x",
        "https://[::1",
        "ftp://push.test/x",
        "//push.test/x",
        "https://93.184.216.34/x",
        "http://localhost/x",
        "",
    ],
)
def test_form_and_host_are_judged_before_any_look_up(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", None)
    with pytest.raises(AddressRefused):
        vet(url, hosts=HOSTS, loopback=False)


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "fec0::1",
        "64:ff9b:1::a00:1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
        "2001:db8::1",
    ],
)
def test_no_address_but_a_public_one(monkeypatch: pytest.MonkeyPatch, ip: str) -> None:
    assert not is_public(ip_address(ip))
    resolving(monkeypatch, "93.184.216.34", ip)
    with pytest.raises(AddressRefused):
        vet("https://push.test/x", hosts=HOSTS, loopback=False)


def test_a_public_address_is_named_for_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "93.184.216.34")
    vetted = vet("https://push.test/x?y", hosts=HOSTS, loopback=False)
    assert (vetted.host, vetted.port, vetted.ip) == ("push.test", 443, "93.184.216.34")


def test_a_host_without_address_may_be_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any, **_options: Any) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(AddressUnresolved):
        vet("https://push.test/x", hosts=HOSTS, loopback=False)


def test_localhost_that_resolves_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "10.0.0.1")
    with pytest.raises(AddressRefused):
        vet("http://localhost:8002/push", hosts=HOSTS, loopback=True)


def test_the_connection_goes_to_the_vetted_address_whatever_the_name_says_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rebinding a name between look-up and connection changes nothing."""
    with http_server() as server:
        vetted = vet(server.url, hosts=[], loopback=True)
        real = socket.getaddrinfo

        def rebound(host: str, *args: Any, **options: Any) -> Any:
            assert host != "localhost"
            return real(host, *args, **options)

        monkeypatch.setattr(socket, "getaddrinfo", rebound)
        assert post(vetted, content=b"x", headers={}, timeout=5) == 200
        assert server.requests[0]["headers"]["Host"] == f"localhost:{server.port}"


def test_a_server_that_drips_is_cut_at_the_deadline() -> None:
    """Bounded in time as a whole, not for each byte."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stop = threading.Event()

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                while not stop.wait(0.05):
                    try:
                        connection.sendall(b"H")
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        started = monotonic()
        with pytest.raises(Unreachable):
            post(vet(url, hosts=[], loopback=True), content=b"", headers={}, timeout=0.5)
        assert monotonic() - started < 3
        stop.set()
        thread.join()
