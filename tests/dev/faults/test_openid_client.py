"""npm's `openid-client`, a certified client, unmodified, against each fault."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.dev.faults.authlib_service import World, running_world
from tests.interop.test_openid_client import FOLDER, node
from tests.oauth.helpers import REDIRECT, add_client

__all__ = ["node"]  # a fixture

pytestmark = pytest.mark.slow

SECRET = "0b5f3d2c1a4e6978d9c8b7a605142332"


@dataclass
class NodeService:
    world: World
    process: subprocess.Popen[str]

    def sign_in(self) -> dict[str, Any]:
        """Whether the person was signed in, or what the client noticed."""
        begun = self._say("begin")
        if "address" not in begun:
            return begun
        asked = urlsplit(begun["address"])
        answered = self.world.browser.get(f"{asked.path}?{asked.query}")
        assert answered.status_code == 303, answered.text
        return self._say(answered.headers["Location"])

    def _say(self, line: str) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        return told


@pytest.fixture(scope="module")
def service(
    node: str,
    sqlite_template: Path,
    master_key: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[NodeService]:
    database = tmp_path_factory.mktemp("node") / "ecps.db"
    shutil.copy(sqlite_template, database)
    with running_world(database, master_key, "npm") as world:
        add_client(world.provider, "npm", client_secret=SECRET)
        command = [node, "faults.mjs", world.provider.settings.issuer, "npm", SECRET, REDIRECT]
        with subprocess.Popen(
            command, cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                yield NodeService(world, process)
            finally:
                process.kill()


NOTICED = {
    "id_token_wrong_iss": '"iss" (issuer)',
    "id_token_wrong_aud": '"aud" (audience)',
    "id_token_wrong_nonce": '"nonce" claim value',
    "id_token_missing_nonce": '"nonce" (nonce) claim missing',
    "id_token_expired": '"exp" (expiration time)',
    "id_token_missing_claim": '"iat" (issued at) claim missing',
    "id_token_bad_signature": "signature verification failed",
    "id_token_unsigned": '"alg"',
    "id_token_hs256_public_key": '"alg"',
    "id_token_hs256_client_secret": '"alg"',
    "id_token_unknown_kid": "no applicable keys found",
    "id_token_key_in_header": "no applicable keys found",
    "id_token_left_out": '"id_token"',
    "access_token_wrong": "WWW-Authenticate",
    "access_token_expired": "WWW-Authenticate",
    "token_wrong_type": "`token_type`",
    "userinfo_wrong_sub": '"sub"',
    "authorization_wrong_state": '"state"',
    "authorization_missing_state": '"state" missing',
    "authorization_wrong_iss": '"iss" (issuer) response',
    "authorization_missing_iss": '"iss" (issuer) missing',
    "authorization_missing_code": "no authorization code",
    "authorization_wrong_code": "invalid_grant",
    "authorization_error": "AUTHORIZATION_RESPONSE_ERROR",
    "discovery_wrong_issuer": "issuer does not match",
    "jwks_empty": "no applicable keys found",
    "jwks_old_keys": "no applicable keys found",
    "jwks_other_keys": "signature verification failed",
}
"""What it says of each."""
PARAMETERS = {"id_token_missing_claim": {"claim": "iat"}}


def test_without_a_fault_the_person_is_signed_in(service: NodeService) -> None:
    assert service.sign_in() == {"signedIn": True}


@pytest.mark.parametrize("name", NOTICED)
def test_a_certified_client_notices(service: NodeService, name: str) -> None:
    faults = service.world.faults
    number = faults.ask(name, parameters=PARAMETERS.get(name, {}))
    told = service.sign_in()
    committed = faults.committed(number)
    faults.withdraw()
    assert committed
    assert NOTICED[name] in told.get("noticed", ""), told
