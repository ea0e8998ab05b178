"""The recipes of docs/howto/hosts-and-tls.md make each client trust the development authority.

Each line is run as the page shows it, with a client that knows nothing else of the authority.
"""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.architecture.imports import ROOT
from tests.docs.blocks import blocks
from wallet_sim.harness.running import RunningProvider

pytestmark = pytest.mark.slow

PAGE = ROOT / "docs" / "howto" / "hosts-and-tls.md"
_SHOWN = "https://localhost:8004/readyz"
_DISCOVERY = "auth/realms/esante-wallet/.well-known/wallet-openid-configuration"
_PYTHON = shlex.quote(sys.executable)
_ASK_BY_CURL = "exit(curl_exec(curl_init(getenv('ADDRESS'))) === false ? 1 : 0);"

CLIENTS = {
    "curl": ("curl --cacert", "curl -sS $ADDRESS"),
    "httpx": (
        "export SSL_CERT_FILE",
        f"{_PYTHON} -c 'import httpx, os; httpx.get(os.environ[\"ADDRESS\"])'",
    ),
    "requests": (
        "export REQUESTS_CA_BUNDLE",
        f"{_PYTHON} -c 'import requests, os; requests.get(os.environ[\"ADDRESS\"])'",
    ),
    "node": ("export NODE_EXTRA_CA_CERTS", "node -e 'fetch(process.env.ADDRESS)'"),
    "php": ("php -d", f'php -r "{_ASK_BY_CURL}"'),
}
"""Client → how its line begins on the page, and a command that asks without any recipe."""


@pytest.fixture(scope="module")
def folder(psc_server: RunningProvider, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the page is followed: the authority lies as it does beside a database."""
    assert psc_server.ca is not None
    made = tmp_path_factory.mktemp("tls")
    (made / "ecps.db.tls").mkdir()
    shutil.copy(psc_server.ca, made / "ecps.db.tls" / "ca.pem")
    return made


@pytest.fixture(scope="module")
def address(psc_server: RunningProvider) -> str:
    """Something that is served under a certificate of that authority."""
    document = httpx.get(f"{psc_server.base_url}/{_DISCOVERY}", trust_env=False).json()
    listener = urlsplit(document["mtls_endpoint_aliases"]["token_endpoint"])
    return f"https://{listener.netloc}/"


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if name in {"curl", "node", "php"} and shutil.which(name) is None:
        pytest.skip(f"{name} is not installed: `make test` installs it where it can")
    return name


def line_of(client: str) -> str:
    """The line of the page that is for a client."""
    begins, _ = CLIENTS[client]
    lines = [line for block in blocks(PAGE) for line in block.shown.splitlines()]
    (found,) = [line for line in lines if line.startswith(begins)]
    return found


def status_of(script: str, address: str, folder: Path) -> int:
    ours = {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE"}
    clean = {name: value for name, value in os.environ.items() if name not in ours}
    return subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=clean | {"ADDRESS": address, "no_proxy": "localhost"},
        capture_output=True,
        check=False,
    ).returncode


def test_without_a_recipe_the_authority_is_trusted_by_nobody(
    client: str, address: str, folder: Path
) -> None:
    _, ask = CLIENTS[client]
    assert status_of(ask, address, folder) != 0


def test_a_client_trusts_the_authority_by_its_recipe(
    client: str, address: str, folder: Path
) -> None:
    shown, (_, ask) = line_of(client), CLIENTS[client]
    recipes = {
        "curl": shown.replace(_SHOWN, "$ADDRESS"),
        "php": shown.replace(" …", f' -r "{_ASK_BY_CURL}"'),
    }
    assert status_of(recipes.get(client, f"{shown}\n{ask}"), address, folder) == 0
