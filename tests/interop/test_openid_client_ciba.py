"""An unmodified client that polls: npm's `openid-client` signs a person in without a browser.

It finds the endpoint in discovery, keeps the interval, waits through `authorization_pending`, and
verifies the ID token with the published keys.
"""

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jws

from tests.e2e.demonstration import PERSON, Demonstration, RunningPhone, wait_for
from tests.interop.test_openid_client import FOLDER, check, demonstration, node

__all__ = ["demonstration", "node"]  # fixtures

pytestmark = pytest.mark.slow

NUMBER = "07"
PATIENCE = 60


def add_client(demonstration: Demonstration, client_id: str, **metadata: Any) -> str:
    grants = ["urn:openid:params:grant-type:ciba", "refresh_token"]
    members = {"grant_types": grants} | metadata
    options = [f"{name}={json.dumps(value)}" for name, value in members.items()]
    return demonstration.add_client(
        client_id, *(part for option in options for part in ("--metadata", option))
    )


def run_client(
    node: str,
    *arguments: str,
    answer: Callable[[], None],
) -> tuple[int, dict[str, Any], dict[str, Any], str]:
    """Run the service to its end: exit status, what was begun, its report, its complaint."""
    with subprocess.Popen(
        [node, "ciba.mjs", *arguments],
        cwd=FOLDER,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as client:
        assert client.stdout is not None
        begun = client.stdout.readline()
        if begun:
            answer()
        report, complaint = client.communicate(timeout=PATIENCE)
    return client.returncode, json.loads(begun or "{}"), json.loads(report or "{}"), complaint


def approve(phone: RunningPhone) -> None:
    wait_for("the question", lambda: phone.look("pending")["challenges"])
    phone.approve(NUMBER)


def test_a_refusal_ends_the_polling(node: str, demonstration: Demonstration) -> None:
    """fapi-ciba-id1-user-rejects-authentication: the report is not written whatever happens."""

    def refuse() -> None:
        wait_for("the question", lambda: demonstration.phone.look("pending")["challenges"])
        demonstration.phone.do("refuse")

    secret = add_client(demonstration, "polling-refused")
    given = (demonstration.provider.issuer, "polling-refused", secret, PERSON, NUMBER)
    status, begun, report, complaint = run_client(node, *given, answer=refuse)
    assert begun["interval"] == 1
    assert status != 0
    assert report == {}
    assert "access_denied" in complaint


@pytest.mark.parametrize("proving", [False, True], ids=["bearer", "dpop"])
def test_a_client_polls_until_the_person_approves(
    node: str, demonstration: Demonstration, proving: bool
) -> None:
    """With a key to prove, and our nonce in each proof, as without (RFC 9449, 8)."""
    client_id = f"polling-{proving}"
    bound = {"dpop_bound_access_tokens": True, "dpop_nonce_required": True} if proving else {}
    secret = add_client(demonstration, client_id, **bound)
    given = (demonstration.provider.issuer, client_id, secret, PERSON, NUMBER)
    status, begun, report, complaint = run_client(
        node, *given, *(["dpop"] if proving else []), answer=lambda: approve(demonstration.phone)
    )
    assert status == 0, complaint
    assert begun == {"expiresIn": 120, "interval": 1}
    check(report, demonstration, client_id)
    assert report["tokenType"].lower() == ("dpop" if proving else "bearer")
    claims = json.loads(jws.extract_compact(report["accessToken"].encode()).payload or b"")
    assert claims.get("cnf") == ({"jkt": report["jkt"]} if proving else None)
    assert report["again"] == "invalid_grant"
