"""A screen beyond the loopback: who is refused, and what TLS shows (decisions 2 and 4)."""

import shutil
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from werkzeug.wrappers import Request, Response

from idp.cli.demo_processes import start
from tests.serving.running import free_port_base
from wallet_sim import serving
from wallet_sim.authority import ServerCertificate, server_certificate
from wallet_sim.cli import main
from wallet_sim.cli.listening import Listening, listening
from wallet_sim.clock import SystemTime
from wallet_sim.door import COOKIE, Door
from wallet_sim.serving import PortTaken, serve

SECRET = "start-up-secret-of-the-screen"
NAMES = ("localhost", "127.0.0.1", "::1")
# Of the loopback as any other, but no name for it: it stands for an address of a network.
FOREIGN = "127.0.0.2"
DAY = 86400


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ServerCertificate:
    folder = tmp_path_factory.mktemp("home") / "tls"
    return server_certificate(folder, NAMES, now=SystemTime().timestamp())


@pytest.fixture(scope="module")
def tls_port(certificate: ServerCertificate) -> Iterator[int]:
    with serve(Application(), host="localhost", port=0, tls=certificate) as port:
        yield port


class Application:
    """A door, and what it makes of each request."""

    def __init__(self) -> None:
        self._door = Door(SECRET, frozenset(NAMES))

    def __call__(self, environ: Any, start_response: Any) -> Any:
        with Request(environ) as request:
            self._door.check_origin(request)
            response = Response(request.scheme)
            self._door.let_in(request, response)
        return response(environ, start_response)


def trusting(certificate: ServerCertificate) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate.authority))


def ask(address: str, verify: ssl.SSLContext | bool = True) -> httpx.Response:
    return httpx.get(address, verify=verify, trust_env=False, timeout=10)


def options(**given: Any) -> dict[str, Any]:
    usual = {"host": None, "port": 8002, "expose": False, "tls": False, "insecure_http": False}
    return {**usual, "allow_host": (), **given}


# -- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "phone.test"])
def test_nothing_listens_beyond_the_loopback_unasked(tmp_path: Path, host: str) -> None:
    """Decision 2."""
    done = CliRunner().invoke(main, ["--home", str(tmp_path), "serve", "--host", host])
    assert done.exit_code == 2
    assert "--expose" in done.output


@pytest.mark.parametrize("given", [[], ["--host", "0.0.0.0"], ["--host", "localhost"]])
def test_exposure_demands_tls_or_an_explicit_word_against_it(
    tmp_path: Path, given: list[str]
) -> None:
    """Decision 2."""
    done = CliRunner().invoke(main, ["--home", str(tmp_path), "serve", "--expose", *given])
    assert done.exit_code == 2
    assert "--tls" in done.output
    assert "--insecure-http" in done.output


def test_automatic_approvals_are_never_exposed(tmp_path: Path) -> None:
    given = ["serve", "--expose", "--tls", "--automatic-approvals", "--pin", "4826"]
    done = CliRunner().invoke(main, ["--home", str(tmp_path), *given])
    assert done.exit_code == 2
    assert "this machine alone" in done.output


def test_a_browser_that_knows_not_the_authority_refuses_the_screen(tls_port: int) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        ask(f"https://localhost:{tls_port}/")


def test_a_name_that_the_certificate_is_not_for_is_refused(certificate: ServerCertificate) -> None:
    with (
        serve(Application(), host=FOREIGN, port=0, tls=certificate) as port,
        pytest.raises(httpx.ConnectError, match="IP address mismatch"),
    ):
        ask(f"https://{FOREIGN}:{port}/", trusting(certificate))


def test_plain_http_from_another_machine_gets_no_answer(
    certificate: ServerCertificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is typed there would be read on the way."""
    # No other machine is at hand: none of this one's addresses counts as its own here.
    monkeypatch.setattr("wallet_sim.serving.ipaddress.ip_address", _Distant)
    with serve(Application(), host="localhost", port=0, tls=certificate) as port:
        with pytest.raises(httpx.TransportError):
            ask(f"http://localhost:{port}/")
        assert ask(f"https://localhost:{port}/", trusting(certificate)).text == "https"


class _Distant:
    is_loopback = False

    def __init__(self, address: str) -> None:
        assert address


@pytest.mark.parametrize("sent", [b"", b"\x16", b"\x16\x03\x01\x00", b"SSH-2.0-x\r\n"])
def test_whoever_speaks_nothing_known_holds_up_nobody(
    tls_port: int, certificate: ServerCertificate, sent: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", tls_port)) as silent:
        silent.sendall(sent)
        assert ask(f"https://localhost:{tls_port}/", trusting(certificate)).text == "https"


def test_connections_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_MOST_CONNECTIONS", 2)
    with serve(Application(), host="127.0.0.1", port=0) as port:
        silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]
        with socket.create_connection(("127.0.0.1", port), timeout=10) as third:
            assert third.recv(1) == b""  # closed at once
        for each in silent:
            each.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert each.makefile("rb").readline().startswith(b"HTTP/1.1 200")
            each.close()


def test_an_address_of_another_machine_is_told() -> None:
    with (
        pytest.raises(PortTaken, match=r"192\.0\.2\.7"),
        serve(Application(), host="192.0.2.7", port=0),
    ):
        pass


# -- what is served --------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_the_screen_speaks_tls_under_each_of_its_names(
    tls_port: int, certificate: ServerCertificate, host: str
) -> None:
    answer = ask(f"https://{host}:{tls_port}/", trusting(certificate))
    assert answer.text == "https"


def test_a_cookie_of_tls_is_for_tls_alone(tls_port: int, certificate: ServerCertificate) -> None:
    given = ask(f"https://localhost:{tls_port}/", trusting(certificate)).headers["Set-Cookie"]
    assert given.startswith(f"{COOKIE}=")
    for part in ("; Secure", "; HttpOnly", "; SameSite=Strict"):
        assert part in given


def test_this_machine_reaches_the_screen_in_plain_http_too(tls_port: int) -> None:
    """The provider's pushes and its link to the reader know no authority of ours."""
    answer = ask(f"http://localhost:{tls_port}/")
    assert answer.text == "http"
    assert "Secure" not in answer.headers["Set-Cookie"]


def test_whatever_is_listened_on_the_loopback_answers_as_well() -> None:
    for host in ("0.0.0.0", FOREIGN):
        with serve(Application(), host=host, port=0) as port:
            assert ask(f"http://127.0.0.1:{port}/").text == "http"


# -- the certificate -------------------------------------------------------------------------------


def test_the_certificate_is_kept_until_it_is_near_its_end(tmp_path: Path) -> None:
    first = server_certificate(tmp_path, NAMES, now=0).certificate.read_bytes()
    assert server_certificate(tmp_path, NAMES, now=80 * DAY).certificate.read_bytes() == first
    assert server_certificate(tmp_path, NAMES, now=84 * DAY).certificate.read_bytes() != first


@pytest.mark.parametrize("lost", ["server.pem", "server.key", "ca.pem"])
def test_a_certificate_that_lost_a_file_is_made_anew(tmp_path: Path, lost: str) -> None:
    first = server_certificate(tmp_path, NAMES, now=0).authority.read_bytes()
    (tmp_path / lost).unlink()
    assert server_certificate(tmp_path, NAMES, now=0).authority.read_bytes() != first


def test_a_certificate_for_other_names_is_made_anew(tmp_path: Path) -> None:
    first = server_certificate(tmp_path, NAMES, now=0).certificate.read_bytes()
    more = (*NAMES, "192.0.2.7")
    assert server_certificate(tmp_path, more, now=0).certificate.read_bytes() != first


def test_the_key_is_the_owners_alone_and_the_authoritys_is_kept_nowhere(tmp_path: Path) -> None:
    made = server_certificate(tmp_path / "tls", NAMES, now=0)
    assert made.key.stat().st_mode & 0o777 == 0o600
    assert {file.name for file in (tmp_path / "tls").iterdir()} == {
        "ca.pem",
        "server.key",
        "server.pem",
    }


# -- what a person is told -------------------------------------------------------------------------


def test_the_address_is_drawn_for_another_device_without_the_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever films the terminal learns where, and not how to come in."""
    where = listening(tmp_path, **options(expose=True, tls=True, allow_host=("phone.test",)))
    where.tell_other_devices()
    told = capsys.readouterr().out
    assert where.address == "https://phone.test:8002"
    assert "https://phone.test:8002/" in told
    assert _drawn(told)
    assert str(tmp_path / "tls" / "ca.pem") in told


def test_nothing_is_told_of_other_devices_on_the_loopback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = listening(tmp_path, **options(tls=True))
    where.tell_other_devices()
    assert capsys.readouterr().out == ""
    assert where.address == "https://localhost:8002"


def test_pushes_come_by_the_loopback_wherever_the_screen_listens(tmp_path: Path) -> None:
    exposed: Listening = listening(tmp_path, **options(expose=True, insecure_http=True))
    assert exposed.push_origin == "http://localhost:8002"
    assert exposed.host == "0.0.0.0"


def _drawn(told: str) -> bool:
    """Whether a QR stands there, as wide as the terminal allows."""
    lines = [line for line in told.splitlines() if set(line) & set("▄▀█")]
    return len(lines) > 10 and max(map(len, lines)) <= shutil.get_terminal_size().columns


@pytest.mark.slow
def test_an_exposed_screen_is_opened_by_its_address_and_the_secret_alone(tmp_path: Path) -> None:
    """Decision 2: over the network, with real TLS, as another device sees it."""
    port = free_port_base() + 2
    command = ["--home", str(tmp_path), "screen", "--port", str(port), "--expose", "--tls"]
    program = start(
        "screen",
        ["wallet_sim.cli", *command, "--allow-host", "localhost"],
        folder=tmp_path,
        environment={"ECPS_CONTROL_SECRET": SECRET},
    )
    try:
        program.wait_until(f"http://localhost:{port}/")
        context = ssl.create_default_context(cafile=str(tmp_path / "tls" / "ca.pem"))
        site = f"https://localhost:{port}"
        with httpx.Client(verify=context, trust_env=False, timeout=20) as browser:
            assert "Secret de démarrage" in browser.get(f"{site}/").text
            foreign = browser.get(f"{site}/", headers={"Host": "rebound.test"})
            assert foreign.status_code == 403
            assert browser.get(f"{site}/control/v1/card-status").status_code == 403
            assert browser.post(f"{site}/login", data={"secret": "wrong"}).status_code == 403
            entered = browser.post(f"{site}/login", data={"secret": SECRET})
            assert "; Secure" in entered.headers["Set-Cookie"]
            assert "Secret de démarrage" not in browser.get(f"{site}/").text
        assert SECRET not in program.log.read_text()
    finally:
        program.stop()
