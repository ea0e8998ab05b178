"""An unmodified client that is sent JWTs: signed responses, encrypted ID tokens and userinfo.

npm's `openid-client` verifies each with the published keys, or stops.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, KeySet, RSAKey

from tests.e2e.callback import Callback
from tests.e2e.demonstration import PERSON, Demonstration
from tests.interop.test_openid_client import callback, demonstration, node, run_client

__all__ = ["callback", "demonstration", "node"]  # fixtures

pytestmark = pytest.mark.slow

SECRET = "0b5f3d2c1a4e6978d9c8b7a605142332"


@pytest.fixture(scope="module")
def registered(
    demonstration: Demonstration,
    callback: Callback,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Registers the client; gives the file of its private keys."""
    folder = tmp_path_factory.mktemp("keys")
    ec = ECKey.generate_key("P-256", {"kid": "ec", "use": "enc"})
    rsa = RSAKey.generate_key(2048, {"kid": "rsa", "use": "enc"})
    private = {"ec": ec.as_dict(private=True), "rsa": rsa.as_dict(private=True)}
    (folder / "private.json").write_text(json.dumps(private))
    (folder / "jwks.json").write_text(json.dumps(KeySet([ec, rsa]).as_dict(private=False)))
    metadata = {
        "id_token_signed_response_alg": "PS256",
        "id_token_encrypted_response_alg": "ECDH-ES+A256KW",
        "userinfo_signed_response_alg": "ES256",
        "userinfo_encrypted_response_alg": "RSA-OAEP-256",
        "userinfo_encrypted_response_enc": "A256GCM",
        "authorization_signed_response_alg": "ES256",
    }
    demonstration.provider.command(
        *("client", "add", "jwt", "--redirect-uri", callback.url, "--secret", SECRET),
        *("--jwks-file", str(folder / "jwks.json")),
        *(part for name, value in metadata.items() for part in ("--metadata", f"{name}={value}")),
    )
    return folder / "private.json"


def run(
    node: str,
    demonstration: Demonstration,
    callback: Callback,
    keys: Path,
    tamper: str = "",
) -> tuple[int, dict[str, Any], str]:
    arguments = ("jwt", SECRET, callback.url, str(keys))
    return run_client(node, demonstration, *arguments, tamper=tamper, program="jwt.mjs")


def test_an_altered_response_is_noticed(
    node: str,
    demonstration: Demonstration,
    callback: Callback,
    registered: Path,
) -> None:
    """JARM, 2.4: the report is not written whatever happens."""
    status, report, complaint = run(node, demonstration, callback, registered, tamper="AAAA")
    assert status != 0
    assert report == {}
    assert "signature" in complaint


def test_every_answer_is_a_jwt_that_the_client_reads(
    node: str,
    demonstration: Demonstration,
    callback: Callback,
    registered: Path,
) -> None:
    status, report, complaint = run(node, demonstration, callback, registered)
    assert status == 0, complaint
    assert (report["mode"], report["returned"]) == ("jwt", ["response"])
    claims = report["claims"]
    assert (claims["iss"], claims["aud"]) == (demonstration.provider.issuer, "jwt")
    assert report["userinfo"]["SubjectNameID"] == PERSON
    assert report["userinfo"]["aud"] == "jwt"
    assert report["refreshedClaims"]["sub"] == claims["sub"]
