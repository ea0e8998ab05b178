"""Cards behind a real nginx, configured by the very file that the documentation gives."""

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.architecture.imports import ROOT
from tests.cards.helpers import IssuedCard, issued_card
from tests.mtls.helpers import jwk_of, make
from tests.oauth.helpers import add_client
from tests.serving.cards import JSON, Showing, open_beside
from tests.serving.running import running_provider

pytestmark = pytest.mark.slow
SECRET = "secret-between-nginx-and-the-provider"
_NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


@pytest.fixture(scope="module")
def showing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Showing]:
    if _NGINX is None:
        pytest.skip("nginx is not installed: run `make test`, which installs it")
    folder = tmp_path_factory.mktemp("nginx")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"https://localhost:{port}"
    settings: dict[str, Any] = {
        "card_base_url": address,
        "mtls_base_url": address,
        "certificate_proxies": '["127.0.0.1/32"]',
        "certificate_proxy_secret": SECRET,
        "trusted_proxies": 1,
    }
    with running_provider(folder, **settings) as running:
        authority = next(folder.glob("*.tls"))
        written = _configuration(folder, port=port, backend=running.port_base, files=authority)
        nginx = subprocess.Popen(
            [_NGINX, "-p", str(folder), "-c", str(written), "-g", "daemon off;"]
        )
        try:
            _wait_for(port)
            provider = open_beside(running)
            yield Showing(running, provider, folder, address, authority / "ca.pem")
            provider.store.close()
        finally:
            nginx.terminate()
            nginx.wait(20)


def _configuration(folder: Path, *, port: int, backend: int, files: Path) -> Path:
    """The documented file, with its addresses filled in and nothing else changed."""
    text = (ROOT / "docs" / "nginx-certificates.conf").read_text("utf-8")
    for documented, own in {
        "/run/nginx-certificates.pid": str(folder / "nginx.pid"),
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "/etc/ssl/cartes.pem": str(files / "server.pem"),
        "/etc/ssl/cartes.key": str(files / "server.key"),
        '"change-me ': f'"{SECRET} ',
        "http://127.0.0.1:8000;": f"http://127.0.0.1:{backend};",
    }.items():
        assert documented in text, documented
        text = text.replace(documented, own)
    written = folder / "nginx.conf"
    written.write_text(text)
    return written


def _wait_for(port: int) -> None:
    pause = threading.Event()
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        pause.wait(0.1)
    raise AssertionError("nginx did not start")


@pytest.fixture(scope="module")
def card(showing: Showing) -> IssuedCard:
    return issued_card(showing.provider)


def test_the_provider_judges_what_nginx_lets_through(showing: Showing, card: IssuedCard) -> None:
    """Decision 31: `optional_no_ca`; each refusal with its own reason."""
    assert showing.code(None) == "card_missing"
    assert showing.code(showing.files(card, signature=True)) == "signature_certificate"
    assert showing.code(showing.files(issued_card(showing.provider, family="CPE"))) == (
        "family_refused"
    )


def test_a_card_signs_its_holder_in_behind_nginx(showing: Showing, card: IssuedCard) -> None:
    """CP-14."""
    handle = showing.handle()
    told = showing.get(f"/card/{handle}", showing.files(card), headers=JSON)
    assert told.status_code == 200, told.text
    assert told.json()["redirect"].startswith(f"{showing.running.base_url}/signin/{handle}/card?")


def test_a_clients_own_headers_go_no_further_than_nginx(showing: Showing, card: IssuedCard) -> None:
    """Attack 39: a forged `X-SSL-Client-Cert`, through the trusted proxy, by each of its names."""
    value = f"{SECRET} {quote(card.pem_files()[0].decode())}"
    forged = dict.fromkeys(("X-SSL-Client-Cert", "X_SSL_Client_Cert", "x-ssl_client-cert"), value)
    told = showing.get(f"/card/{showing.handle()}", headers=JSON | forged)
    assert told.json()["code"] == "card_missing"
    signature = showing.files(card, signature=True)
    told = showing.get(f"/card/{showing.handle()}", signature, headers=JSON | forged)
    assert told.json()["code"] == "signature_certificate"


@pytest.mark.parametrize("secret", ["", "wrong ", SECRET[:-1] + " "])
def test_past_nginx_nobody_is_believed_without_the_secret(
    showing: Showing, card: IssuedCard, secret: str
) -> None:
    """Attack 39: straight to the provider's own port, from an address that is a proxy's."""
    pem = quote(card.pem_files()[0].decode())
    told = httpx.get(
        f"{showing.running.base_url}/card/{showing.handle()}",
        headers=JSON | {"X-SSL-Client-Cert": secret + pem},
        trust_env=False,
    )
    assert told.json()["code"] == "card_missing"


@pytest.mark.parametrize("before", ["", "wrong "])
def test_a_name_that_looks_the_same_does_not_stand_in_for_the_proxys(
    showing: Showing, card: IssuedCard, before: str
) -> None:
    """Attack 39: behind a proxy that lets `X_SSL_Client_Cert` through, unlike nginx."""
    pem = quote(card.pem_files()[0].decode())
    of_proxy = {"X-SSL-Client-Cert": SECRET}
    told = httpx.get(
        f"{showing.running.base_url}/card/{showing.handle()}",
        headers=JSON | of_proxy | {"X_SSL_Client_Cert": before + pem},
        trust_env=False,
    )
    assert told.json()["code"] == "card_missing"


@pytest.mark.parametrize("path", ["/", "/auth", "/signin/x", "/healthz", "/dev/v1/clock", "/card"])
def test_nothing_but_the_cards_address_is_served(showing: Showing, path: str) -> None:
    assert showing.get(path).status_code in {301, 404}


def test_the_refusal_looks_like_our_pages(showing: Showing) -> None:
    told = showing.get(f"/card/{showing.handle()}")
    assert f'href="{showing.running.base_url}/"' in told.text
    assert showing.get("/design/design.css").status_code == 200


def test_no_connection_resumes_another(showing: Showing, card: IssuedCard, tmp_path: Path) -> None:
    certificate, key = showing.files(card)
    kept = str(tmp_path / "session")
    said = ""
    for option in ("-sess_out", "-sess_in"):
        done = subprocess.run(
            [
                *("openssl", "s_client", "-connect", showing.address.removeprefix("https://")),
                *("-ign_eof", "-CAfile", str(showing.authority)),
                *("-cert", str(certificate), "-key", str(key), option, kept),
            ],
            input=b"GET /card/x HTTP/1.1\r\nHost: localhost\r\n\r\n",
            capture_output=True,
            timeout=30,
            check=False,
        )
        said = (done.stdout + done.stderr).decode(errors="replace")
        if not Path(kept).exists():
            return  # no session was offered at all
    assert "Reused" not in said


# -- relying services ----------------------------------------------------------------------------


def test_a_service_authenticates_through_nginx(showing: Showing, tmp_path: Path) -> None:
    """RFC 8705, 2.2; another certificate, none, or a header authenticate nobody."""
    own = make("CN=service")
    add_client(
        showing.provider,
        "self-signed",
        token_endpoint_auth_method="self_signed_tls_client_auth",
        jwks={"keys": [jwk_of(own)]},
    )
    files, other = own.files(tmp_path), make("CN=service")
    assert introspect(showing, files).json() == {"active": False}
    forged = {"X-SSL-Client-Cert": quote(own.pem.decode(), safe="")}
    assert introspect(showing, None, forged).status_code == 401
    assert introspect(showing, other.files(tmp_path)).status_code == 401


def introspect(
    showing: Showing, files: tuple[Path, Path] | None, headers: dict[str, str] | None = None
) -> Any:
    discovery = f"{showing.running.issuer}/.well-known/openid-configuration"
    aliases = httpx.get(discovery, trust_env=False).json()["mtls_endpoint_aliases"]
    return httpx.post(
        aliases["introspection_endpoint"],
        data={"token": "t", "client_id": "self-signed"},
        headers=headers,
        verify=showing.context(files),
        trust_env=False,
        timeout=30,
    )
