"""An unmodified certified client: npm's `openid-client` completes a login.

It discovers, asks with PKCE, redeems, verifies the ID token against the published keys, reads
userinfo, refreshes, introspects and revokes; it would stop at the first thing amiss.
"""

import fcntl
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws

from idp.cli.demo_browser import Browser
from tests.e2e.callback import Callback, running_callback
from tests.e2e.demonstration import PERSON, Demonstration, running_demonstration

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parent / "node"
_LIBRARY = FOLDER / "node_modules" / "openid-client" / "package.json"
_LOCK = Path(tempfile.gettempdir()) / "ecps-interop-packages.lock"


@pytest.fixture(scope="module")
def node() -> str:
    """Node, with the locked packages beside the program; test processes install them in turn."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if found is None or npm is None:
        pytest.skip("node and npm are not installed: `make test` installs them where it can")
    with _LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _LIBRARY.exists():
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=FOLDER, check=True, capture_output=True)
    return found


@pytest.fixture(scope="module")
def demonstration(node: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    with running_demonstration(tmp_path_factory.mktemp("interop"), services=0) as running:
        yield running


@pytest.fixture(scope="module")
def callback(demonstration: Demonstration) -> Iterator[Callback]:
    with running_callback(demonstration) as listening:
        yield listening


def sign_in(demonstration: Demonstration, address: str) -> str:
    """Sign in by the phone at the address the client asks for; gives where the browser ends."""
    browser = Browser()
    try:
        page = browser.visit(address)
        form = page.form_with("national_id")
        assert form is not None, page.heading
        page = browser.submit(page, form, national_id=PERSON)
        demonstration.phone.approve(page.texts["challenge-number"])
        return browser.visit(page.url).url
    finally:
        browser.close()


def run_client(
    node: str,
    demonstration: Demonstration,
    *arguments: str,
    tamper: str = "",
    program: str = "login.mjs",
) -> tuple[int, dict[str, Any], str]:
    """Run the service to its end: exit status, report, and what it complained about."""
    command = [node, program, demonstration.provider.issuer, *arguments]
    with subprocess.Popen(
        command,
        cwd=FOLDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as client:
        assert client.stdout is not None
        address = client.stdout.readline().strip()
        arrived = sign_in(demonstration, address) if address else ""
        report, complaint = client.communicate(f"{arrived}{tamper}\n", timeout=60)
    return client.returncode, json.loads(report) if report else {}, complaint


def test_an_answer_of_another_issuer_is_noticed(
    node: str, demonstration: Demonstration, callback: Callback
) -> None:
    """The report is not written whatever happens: RFC 9207 holds on both sides."""
    status, report, complaint = run_client(
        node, demonstration, "rappel", callback.secret, callback.url, tamper="&iss=http://evil.test"
    )
    assert status != 0
    assert report == {}
    assert "iss" in complaint


@pytest.mark.parametrize("discovery", ["standard", "wallet"])
def test_a_confidential_client_completes_a_login(
    node: str, demonstration: Demonstration, callback: Callback, discovery: str
) -> None:
    """client_secret_basic, by `openid-configuration` and by `wallet-openid-configuration`."""
    status, report, complaint = run_client(
        node, demonstration, "rappel", callback.secret, callback.url, discovery
    )
    assert status == 0, complaint
    check(report, demonstration, "rappel")
    assert report["introspection"]["active"] is True
    assert report["introspection"]["client_id"] == "rappel"


def test_a_public_client_completes_a_login_with_pkce(
    node: str, demonstration: Demonstration, callback: Callback
) -> None:
    """Decision 10."""
    demonstration.provider.command(
        *("client", "add", "public", "--auth-method", "none", "--redirect-uri", callback.url)
    )
    status, report, complaint = run_client(node, demonstration, "public", "-", callback.url)
    assert status == 0, complaint
    check(report, demonstration, "public")


@pytest.mark.parametrize("method", ["none", "client_secret_basic"])
def test_a_client_proves_its_key_everywhere(
    node: str, demonstration: Demonstration, callback: Callback, method: str
) -> None:
    """RFC 9449 with nonces, beside RFC 9126; the library retries with the nonce by itself."""
    secret = "-" if method == "none" else "d4f0c1b2a3958677e8f9a0b1c2d3e4f5"
    client_id = f"dpop-{method}"
    demonstration.provider.command(
        *("client", "add", client_id, "--auth-method", method, "--redirect-uri", callback.url),
        *(() if method == "none" else ("--secret", secret)),
        *("--metadata", "dpop_bound_access_tokens=true"),
        *("--metadata", "dpop_nonce_required=true"),
    )
    status, report, complaint = run_client(
        node, demonstration, client_id, secret, callback.url, program="dpop.mjs"
    )
    assert status == 0, complaint
    check(report, demonstration, client_id)
    assert [given.lower() for given in report["tokenTypes"]] == ["dpop", "dpop"]
    claims = json.loads(jws.extract_compact(report["accessToken"].encode()).payload or b"")
    assert claims["cnf"] == {"jkt": report["jkt"]}
    assert report["asBearer"] == HTTPStatus.UNAUTHORIZED
    assert report["byOtherKey"] == ("invalid_grant" if method == "none" else "dpop")


def check(report: dict[str, Any], demonstration: Demonstration, client_id: str) -> None:
    claims, issuer = report["claims"], demonstration.provider.issuer
    assert claims["iss"] == issuer
    assert claims["aud"] == client_id
    assert claims["acr"] == "eidas1"
    assert report["userinfo"]["sub"] == claims["sub"]
    assert report["userinfo"]["SubjectNameID"] == PERSON
    assert report["refreshedClaims"]["sub"] == claims["sub"]
    assert report["endSession"].startswith(f"{issuer}/protocol/openid-connect/logout?")
