"""An unmodified library of single steps, each strictly judged: npm's `oauth4webapi`.

What `openid-client` leaves out beside it: signed requests, by a browser and by CIBA, from a client
that authenticates by its key, whose ID token's signature is verified though the library need not.
"""

import json
import subprocess
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import ECKey, KeySet

from tests.e2e.callback import Callback
from tests.e2e.demonstration import PERSON, Demonstration, wait_for
from tests.interop.test_openid_client import FOLDER, callback, demonstration, node, sign_in

__all__ = ["callback", "demonstration", "node"]  # fixtures

pytestmark = pytest.mark.slow

NUMBER = "42"
CIBA = "urn:openid:params:grant-type:ciba"


@pytest.fixture(scope="module")
def keys(
    demonstration: Demonstration, callback: Callback, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Registers the services `strict` and `strict-ciba`; gives the file of their private key."""
    folder = tmp_path_factory.mktemp("strict")
    key = ECKey.generate_key("P-256", {"kid": "own", "use": "sig", "alg": "ES256"})
    (folder / "private.json").write_text(json.dumps(key.as_dict(private=True)))
    (folder / "jwks.json").write_text(json.dumps(KeySet([key]).as_dict(private=False)))
    metadata: dict[str, dict[str, Any]] = {
        "strict": {
            "require_pushed_authorization_requests": True,
            "require_signed_request_object": True,
            "dpop_bound_access_tokens": True,
            "dpop_nonce_required": True,
            "id_token_signed_response_alg": "ES256",
            "userinfo_signed_response_alg": "ES256",
        },
        "strict-ciba": {
            "grant_types": [CIBA],
            "backchannel_authentication_request_signing_alg": "ES256",
        },
    }
    for client_id, members in metadata.items():
        options = [f"{name}={json.dumps(value)}" for name, value in members.items()]
        demonstration.provider.command(
            *("client", "add", client_id, "--auth-method", "private_key_jwt"),
            *("--redirect-uri", callback.url, "--post-logout-redirect-uri", callback.url),
            *("--jwks-file", str(folder / "jwks.json")),
            *(part for option in options for part in ("--metadata", option)),
        )
    return folder / "private.json"


def run(
    node: str, demonstration: Demonstration, callback: Callback, *more: str
) -> tuple[int, str, dict[str, Any], str]:
    """Run the service to its end: exit status, the address it gave, its report, its complaint."""
    issuer = demonstration.provider.issuer
    with subprocess.Popen(
        [node, "strict.mjs", issuer, "strict", callback.url, *more],
        cwd=FOLDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as client:
        assert client.stdout is not None
        address = client.stdout.readline().strip()
        arrived = sign_in(demonstration, address) if address else ""
        report, complaint = client.communicate(f"{arrived}\n", timeout=60)
    return client.returncode, address, json.loads(report or "{}"), complaint


def test_a_request_signed_by_another_is_refused(
    node: str, demonstration: Demonstration, callback: Callback, keys: Path
) -> None:
    """RFC 9101, 10.1: the client's own key authenticates it, another signs for it."""
    status, address, report, complaint = run(node, demonstration, callback, str(keys), "forged")
    assert status != 0
    assert (address, report) == ("", {})
    assert "invalid_request_object" in complaint


def test_a_signed_and_pushed_request_completes_a_login(
    node: str, demonstration: Demonstration, callback: Callback, keys: Path
) -> None:
    """RFC 9101, 9126, 9449 and 7636 together; and out again at the address discovery names."""
    status, address, report, complaint = run(node, demonstration, callback, str(keys))
    assert status == 0, complaint
    assert parse_qs(urlsplit(address).query) == {
        "client_id": ["strict"],
        "request_uri": [report["requestUri"]],
    }
    assert report["challenges"] == ["pushed request"]
    assert report["tokenType"] == "dpop"
    claims = report["claims"]
    assert (claims["iss"], claims["aud"]) == (demonstration.provider.issuer, "strict")
    assert report["userinfo"]["SubjectNameID"] == PERSON
    assert report["userinfo"]["aud"] == "strict"
    assert report["again"] == "invalid_grant"
    assert report["left"] == [HTTPStatus.SEE_OTHER, f"{callback.url}?state={report['state']}"]


def test_a_signed_request_signs_somebody_in_without_a_browser(
    node: str, demonstration: Demonstration, keys: Path
) -> None:
    """CIBA, 7.1.1: poll, the request and the client both by its key."""
    issuer = demonstration.provider.issuer
    with subprocess.Popen(
        [node, "strict_ciba.mjs", issuer, "strict-ciba", str(keys), PERSON, NUMBER],
        cwd=FOLDER,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as client:
        assert client.stdout is not None
        begun = client.stdout.readline()
        if begun:
            wait_for("the question", lambda: demonstration.phone.look("pending")["challenges"])
            demonstration.phone.approve(NUMBER)
        report, complaint = client.communicate(timeout=60)
    assert client.returncode == 0, complaint
    told = json.loads(report)
    assert told["tokenType"] == "bearer"
    assert (told["claims"]["aud"], told["claims"]["acr"]) == ("strict-ciba", "eidas1")
    assert told["userinfo"]["SubjectNameID"] == PERSON
