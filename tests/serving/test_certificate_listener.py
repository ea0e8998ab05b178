"""The listener that asks for the card's certificate, as a process, with TLS clients of others."""

import contextlib
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from idp.cards.opposition import oppose
from tests.cards.helpers import HOLDER, IssuedCard, issued_card
from tests.serving.cards import JSON, Showing, open_beside
from tests.serving.running import running_provider, start_provider
from wallet_sim.card.tls import ClientCertificate, get
from wallet_sim.card.trust import ServerTrust
from wallet_sim.errors import NoAnswer

pytestmark = pytest.mark.slow
TIMEOUT = 4
"""Seconds that the listener of these tests gives a connection."""


@pytest.fixture(scope="module")
def showing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Showing]:
    folder = tmp_path_factory.mktemp("cards")
    limits: dict[str, Any] = {
        "certificate_listener_timeout": TIMEOUT,
        "certificate_listener_threads": 4,
        "certificate_listener_connections": 40,
    }
    with running_provider(folder, **limits) as running:
        provider = open_beside(running)
        address = f"https://localhost:{running.port_base + 5}"
        authority = next(folder.glob("*.tls")) / "ca.pem"
        yield Showing(running, provider, folder, address, authority)
        provider.store.close()


@pytest.fixture(scope="module")
def card(showing: Showing) -> IssuedCard:
    return issued_card(showing.provider)


def port_of(showing: Showing) -> int:
    return showing.running.port_base + 5


@contextlib.contextmanager
def connected(showing: Showing) -> Iterator[ssl.SSLSocket]:
    with (
        socket.create_connection(("127.0.0.1", port_of(showing)), timeout=20) as raw,
        showing.context().wrap_socket(raw, server_hostname="localhost") as tls,
    ):
        yield tls


def s_client(showing: Showing, card: IssuedCard, *options: str) -> str:
    certificate, key = showing.files(card)
    done = subprocess.run(
        [
            *("openssl", "s_client", "-connect", f"localhost:{port_of(showing)}", "-ign_eof"),
            *("-CAfile", str(showing.authority), "-cert", str(certificate), "-key", str(key)),
            *options,
        ],
        input=b"GET /card/x HTTP/1.1\r\nHost: localhost\r\n\r\n",
        capture_output=True,
        timeout=30,
        check=False,
    )
    return (done.stdout + done.stderr).decode(errors="replace")


# -- what the handshake lets in ------------------------------------------------------------------


def test_without_a_certificate_the_page_is_refused_and_readable(showing: Showing) -> None:
    """Decision 31: the handshake does not fail, so that the person is told why."""
    told = showing.get(f"/card/{showing.handle()}")
    assert told.status_code == 403
    assert "Aucune carte n’a été présentée" in told.text
    for address in re.findall(r'(?:href|src)="([^"#?]+)', told.text):
        if address.startswith("/"):
            assert showing.get(address).status_code == 200, address


def test_a_card_signs_its_holder_in(showing: Showing, card: IssuedCard) -> None:
    """CP-14: identification over TLS client authentication."""
    handle = showing.handle()
    told = showing.get(f"/card/{handle}", showing.files(card))
    assert told.status_code == 303
    back = told.headers["Location"]
    assert back.startswith(f"{showing.running.base_url}/signin/{handle}/card?completion=")
    # Another browser than the one that began finishes nothing.
    assert httpx.get(back, trust_env=False).status_code == 403


def test_each_unfit_certificate_is_refused_with_its_own_reason(
    showing: Showing, card: IssuedCard
) -> None:
    """Decision 31, attack 39, CP-10, CP-13: an expired certificate passes the handshake too."""
    now = showing.provider.clock.now().replace(microsecond=0)
    life = showing.provider.settings.card_lifetime
    past: dict[str, Any] = {
        "starts_at": now - life - timedelta(days=9),
        "ends_at": now - timedelta(days=9),
    }
    expired = issued_card(showing.provider, **past)
    opposed = issued_card(showing.provider)
    with showing.provider.store.begin() as db:
        oppose(showing.provider, db, opposed.card_number, reason="perte")
    assert showing.code(showing.files(expired)) == "card_expired"
    assert showing.code(showing.files(opposed)) == "card_opposed"
    assert showing.code(showing.files(card, signature=True)) == "signature_certificate"
    cpe = issued_card(showing.provider, family="CPE")
    assert showing.code(showing.files(cpe)) == "family_refused"
    blocked = issued_card(showing.provider, state="bloquee")
    assert showing.code(showing.files(blocked)) == "card_blocked"


def test_a_certificate_of_another_authority_passes_the_handshake_alone(
    showing: Showing, tmp_path: Path
) -> None:
    """Attack 39."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name.from_rfc4514_string(f"CN={HOLDER},C=FR")
    now = datetime.now(UTC)
    own = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now - timedelta(days=1))
        .sign(key, SHA256())
    )
    certificate, key_file = tmp_path / "own.pem", tmp_path / "own.key"
    certificate.write_bytes(own.public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert showing.code((certificate, key_file)) == "authority_unknown"


@pytest.mark.parametrize("signer", ["card", "copier"])
def test_a_certificate_without_its_key_does_not_pass_the_handshake(
    showing: Showing, card: IssuedCard, signer: str
) -> None:
    """Attack 39: whoever copied a certificate alone shows no card; RFC 8446, 4.4.3."""
    keys = {"card": card.authentication_key, "copier": ec.generate_private_key(ec.SECP256R1())}
    certificate = ClientCertificate(
        card.pem_files()[0].decode(),
        lambda digest: keys[signer].sign(digest, ec.ECDSA(Prehashed(SHA256()))),
    )
    address = f"{showing.address}/card/{showing.handle()}"
    shown = partial(get, address, certificate, ServerTrust(showing.authority), JSON)
    if signer == "card":
        assert shown().status == 200
        return
    with pytest.raises(NoAnswer):
        shown()


def test_a_forged_header_changes_nothing(showing: Showing, card: IssuedCard) -> None:
    """Attack 39."""
    forged = {"X-SSL-Client-Cert": "x x", "X_SSL_Client_Cert": "x", "ecps.client_certificate": "x"}
    told = showing.get(f"/card/{showing.handle()}", headers=JSON | forged)
    assert told.json()["code"] == "card_missing"


# -- TLS -----------------------------------------------------------------------------------------


def test_tls_below_1_3_is_refused(showing: Showing, card: IssuedCard) -> None:
    """CP-14: secure transmission."""
    context = showing.context(showing.files(card))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection(("127.0.0.1", port_of(showing)), timeout=10) as raw,
        pytest.raises(ssl.SSLError, match=r"(?i)protocol.version"),
    ):
        context.wrap_socket(raw, server_hostname="localhost")


def test_no_connection_resumes_another(showing: Showing, card: IssuedCard, tmp_path: Path) -> None:
    """A card that was pulled out opens nothing any more: each connection signs anew."""
    kept = str(tmp_path / "session")
    assert "HTTP/1.1 410" in s_client(showing, card, "-sess_out", kept)
    again = s_client(showing, card, "-sess_in", kept)
    assert "HTTP/1.1 410" in again
    assert "New, TLSv1.3" in again
    assert "Reused" not in again


def test_a_connection_serves_one_request(showing: Showing) -> None:
    assert showing.get("/design/design.css").headers["Connection"] == "close"


# -- addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/auth",
        "/signin/x",
        "/healthz",
        "/dev/v1/clock",
        "/wallet/v1/configuration",
        "/card",
        "/static",
        "/cards/v1/content",
        "/card/../signin/x",
        "/x/card/y",
        "/r/a/b/card/y",
    ],
)
def test_nothing_but_the_cards_address_is_served(showing: Showing, path: str) -> None:
    with connected(showing) as tls:
        tls.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        answer = tls.recv(1000).decode()
    assert answer.startswith("HTTP/1.1 404"), answer


def test_a_mounted_issuer_asks_for_certificates_too(tmp_path: Path) -> None:
    """Decision 5; RFC 8705, 5."""
    mounted = tmp_path / "second.toml"
    mounted.write_text(f'database_url = "sqlite:///{tmp_path / "second.db"}"\n')
    with running_provider(tmp_path, mounts=f'{{"second": "{mounted}"}}') as running:
        authority = str(next(tmp_path.glob("ecps.db.tls")) / "ca.pem")
        context = ssl.create_default_context(cafile=authority)
        address = f"https://localhost:{running.port_base + 5}/r/second"
        told = httpx.get(f"{address}/card/x", verify=context, headers=JSON, trust_env=False)
        style = httpx.get(f"{address}/design/design.css", verify=context, trust_env=False)
        known = f"{running.base_url}/r/second/auth/realms/esante-wallet/.well-known"
        discovery = httpx.get(f"{known}/openid-configuration", trust_env=False).json()
        revocation = discovery["mtls_endpoint_aliases"]["revocation_endpoint"]
        refused = httpx.post(revocation, data={"token": "t"}, verify=context, trust_env=False)
    assert (told.status_code, told.json()["code"]) == (410, "gone")
    assert style.status_code == 200
    assert revocation.startswith(f"{address}/auth/realms/")
    assert refused.json()["error"] == "invalid_client"


# -- clients that do not go on -------------------------------------------------------------------


@contextlib.contextmanager
def held(showing: Showing, number: int, first: bytes) -> Iterator[list[socket.socket]]:
    """Connections that were opened, said something, and say no more."""
    with contextlib.ExitStack() as stack:
        connections = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port_of(showing)), 20))
            for _ in range(number)
        ]
        for connection in connections:
            connection.sendall(first)
        yield connections


def test_idle_connections_hold_nobody_up(showing: Showing) -> None:
    """Attack 46: many more than the listener has threads."""
    with held(showing, 30, b""):
        assert showing.get("/design/design.css").status_code == 200


def test_more_connections_than_the_listener_keeps_push_out_the_oldest(showing: Showing) -> None:
    """Attack 46: their number is bounded, and whoever comes now is served."""
    with held(showing, 60, b"") as connections:
        assert showing.get("/design/design.css").status_code == 200
        assert connections[0].recv(1) == b""


def test_slow_handshakes_hold_nobody_up(showing: Showing) -> None:
    """Attack 46: more than there are threads began one; each ends at its deadline."""
    with held(showing, 12, b"\x16\x03\x01\x02\x00\x01") as connections:
        begun = time.monotonic()
        assert showing.get("/design/design.css").status_code == 200
        assert time.monotonic() - begun < TIMEOUT / 2
        assert connections[0].recv(1) == b""


def test_slow_requests_hold_nobody_up_however_they_drip(showing: Showing) -> None:
    """Attack 46: slow-loris; more than there are threads, and each ends at its deadline."""
    with contextlib.ExitStack() as stack:
        dripping = [stack.enter_context(connected(showing)) for _ in range(12)]
        for tls in dripping:
            tls.sendall(b"GET /design/design.css HTTP/1.1\r\nHost: localhost\r\nX: ")
        begun = time.monotonic()
        assert showing.get("/design/design.css").status_code == 200
        assert time.monotonic() - begun < TIMEOUT / 2
        assert all(_is_hung_up(tls) for tls in dripping)


def test_a_body_that_never_comes_holds_nobody_up(showing: Showing) -> None:
    """Attack 46: the card's address reads none."""
    with connected(showing) as tls:
        tls.sendall(
            b"POST /card/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        )
        tls.settimeout(TIMEOUT / 2)
        assert tls.recv(100).startswith(b"HTTP/1.1 410")


def test_plain_http_is_hung_up(showing: Showing) -> None:
    with held(showing, 1, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") as connections:
        connections[0].recv(100)  # at most an alert
        assert connections[0].recv(100) == b""


def _is_hung_up(tls: ssl.SSLSocket) -> bool:
    """Whether the server ends it while bytes keep dripping."""
    tls.settimeout(0.2)
    for _ in range(TIMEOUT * 10):
        try:
            tls.sendall(b"x")
            if tls.recv(100) == b"":
                return True
        except TimeoutError:
            continue
        except OSError:
            return True
    return False


# -- starting it ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--listener-key", __file__), "go together"),
        (("--listener-certificate", __file__), "go together"),
    ],
)
def test_half_a_certificate_is_refused_with_the_way_out(
    tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    started = start_provider(tmp_path, options)
    assert started.process.wait(60) != 0
    assert said in started.log.read_text()


def test_the_listener_has_the_certificate_it_was_given(showing: Showing, tmp_path: Path) -> None:
    made = showing.authority.parent
    files = ("--listener-certificate", made / "server.pem", "--listener-key", made / "server.key")
    options = ("--certificates", *map(str, files))
    with running_provider(tmp_path, options=options) as running:
        context = ssl.create_default_context(cafile=str(showing.authority))
        address = f"https://localhost:{running.port_base + 5}/design/design.css"
        assert httpx.get(address, verify=context, trust_env=False).status_code == 200
