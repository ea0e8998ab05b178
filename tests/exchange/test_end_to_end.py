"""From the phone to the API, with real servers: sign-in, exchange, call, logout, refusal.

The provider and the API's issuer are mounted in one server, as they are run; the API is a process
of its own; the client shows its certificate to both.
"""

import contextlib
import json
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from idp.clock import monotonic
from tests.e2e.callback import CLIENT, Callback, running_callback
from tests.e2e.demonstration import PATIENCE, PERSON, Demonstration, running_demonstration
from tests.exchange.helpers import ACCESS_TOKEN, GRANT
from tests.interop.test_openid_client import sign_in
from tests.serving.running import free_port_base

pytestmark = pytest.mark.slow

REALM = "/auth/realms/esante-wallet"
PROTOCOL = f"{REALM}/protocol/openid-connect"
API = "dossiers"
SECRET = "a-secret-of-the-end-to-end-test"
_LISTENER, _API = 5, 8


@dataclass
class World:
    demonstration: Demonstration
    folder: Path
    callback: Callback
    """The service at the provider."""

    @property
    def authority(self) -> Path:
        return next(self.folder.glob("ecps.db.tls")) / "ca.pem"

    @property
    def base(self) -> int:
        return self.demonstration.provider.port_base

    def sign_in(self) -> dict[str, Any]:
        """By the phone, in a browser; gives the tokens of the provider."""
        arrived = sign_in(self.demonstration, self.callback.request(self.demonstration))
        form = {
            "grant_type": "authorization_code",
            "code": parse_qs(urlsplit(arrived).query)["code"][0],
            "redirect_uri": self.callback.url,
        }
        told: dict[str, Any] = self.at_provider("token", form).json()
        return told

    def at_provider(self, path: str, form: dict[str, str]) -> httpx.Response:
        address = f"{self.demonstration.provider.base_url}{PROTOCOL}/{path}"
        answer = httpx.post(
            address, data=form, auth=(CLIENT, self.callback.secret), trust_env=False
        )
        assert answer.is_success, answer.text
        return answer

    def exchange(self, token: str, *, files: str = "logiciel") -> httpx.Response:
        form = {
            "grant_type": GRANT,
            "subject_token": token,
            "subject_token_type": ACCESS_TOKEN,
            "subject_issuer": "psc",
        }
        address = f"https://localhost:{self.base + _LISTENER}/r/api{PROTOCOL}/token"
        return httpx.post(
            address,
            data=form,
            auth=("logiciel", SECRET),
            verify=self.context(files),
            trust_env=False,
        )

    def call(self, token: str, *, files: str = "logiciel") -> httpx.Response:
        return httpx.get(
            f"https://localhost:{self.base + _API}/records",
            headers={"Authorization": f"Bearer {token}"},
            verify=self.context(files),
            trust_env=False,
        )

    def context(self, files: str) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.authority))
        context.load_cert_chain(self.folder / f"{files}.pem", self.folder / f"{files}.key")
        return context


def wait_for(what: str, look: Any) -> Any:
    pause, until = threading.Event(), monotonic() + PATIENCE
    while monotonic() < until:
        found = look()
        if found is not None:
            return found
        pause.wait(0.2)
    raise AssertionError(f"it never came to this: {what}")


def write_certificate(folder: Path, name: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .issuer_name(subject)
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, SHA256())
    )
    (folder / f"{name}.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / f"{name}.key").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )


def write_settings(folder: Path, base: int) -> None:
    (folder / "provider-clients.toml").write_text(
        f'[[clients]]\nclient_id = "api-issuer"\nclient_secret = "{SECRET}"\n'
        'grant_types = ["refresh_token"]\nsession_introspection = true\n',
        "utf-8",
    )
    grants = json.dumps([GRANT, "refresh_token"])
    (folder / "api-clients.toml").write_text(
        "".join(
            f'[[clients]]\nclient_id = "{name}"\nclient_secret = "{SECRET}"\n'
            f'grant_types = {grants}\nscope = "openid"\n'
            for name in ("logiciel", API)
        ),
        "utf-8",
    )
    (folder / "api.toml").write_text(
        f'database_url = "sqlite:///{folder / "api.db"}"\n'
        f'clients_file = "{folder / "api-clients.toml"}"\n'
        "subject_check_interval = 1\nsubject_check_pace = 0.3\ntrusted_keys_pace = 0.3\n"
        f'[trusted_issuers.psc]\nissuer = "http://localhost:{base}{REALM}"\n'
        f'client_id = "api-issuer"\nclient_secret = "{SECRET}"\n'
        'clients = { rappel = ["logiciel"] }\n'
        f'[apis.{API}]\nclients = ["logiciel"]\n',
        "utf-8",
    )


@contextlib.contextmanager
def running_api(folder: Path, base: int) -> Iterator[None]:
    """The API in a process of its own."""
    server = next(folder.glob("ecps.db.tls"))
    issuer = f"http://localhost:{base}/r/api{PROTOCOL}"
    arguments = {
        "introspection-endpoint": f"{issuer}/token/introspect",
        "name": API,
        "port": base + _API,
        "certificate": server / "server.pem",
        "key": server / "server.key",
        "client-authority": folder / "clients.pem",
    }
    command = [sys.executable, "-m", "relying_services.api"]
    command += [f"--{name}={value}" for name, value in arguments.items()]
    with (
        (folder / "api.log").open("wb") as log,
        subprocess.Popen(
            command, env=os.environ | {"API_SECRET": SECRET}, stdout=log, stderr=log
        ) as process,
    ):
        try:
            yield
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder, base = tmp_path_factory.mktemp("exchange"), free_port_base()
    write_settings(folder, base)
    for name in ("logiciel", "another"):
        write_certificate(folder, name)
    (folder / "clients.pem").write_bytes(
        b"".join((folder / f"{name}.pem").read_bytes() for name in ("logiciel", "another"))
    )
    settings: dict[str, Any] = {
        "mounts": f'{{"api": "{folder / "api.toml"}"}}',
        "clients_file": folder / "provider-clients.toml",
    }
    with (
        running_demonstration(folder, services=0, port_base=base, **settings) as demonstration,
        running_callback(demonstration) as callback,
        running_api(folder, base),
    ):
        yield World(demonstration, folder, callback)


def first_exchange(world: World, token: str) -> dict[str, Any]:
    """The first one waits until the API's issuer has read the keys of the provider."""

    def look() -> dict[str, Any] | None:
        answer = world.exchange(token)
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            return None
        assert answer.is_success, answer.text
        told: dict[str, Any] = answer.json()
        return told

    found: dict[str, Any] = wait_for("the keys are read", look)
    return found


def first_call(world: World, token: str) -> httpx.Response:
    """The first one waits until the API listens."""

    def look() -> httpx.Response | None:
        try:
            return world.call(token)
        except httpx.ConnectError:
            return None

    found: httpx.Response = wait_for("the API listens", look)
    return found


def test_a_sign_in_opens_an_api_until_its_logout(world: World) -> None:
    """Decision 35: exchange at a second issuer, which follows the session of the first."""
    signed_in = world.sign_in()
    exchanged = first_exchange(world, signed_in["access_token"])
    assert exchanged["expires_in"] == 4 * 3600
    opened = first_call(world, exchanged["access_token"])
    assert opened.status_code == 200, opened.text
    assert opened.json() == {"professional": PERSON, "client": "logiciel"}

    stolen = world.call(exchanged["access_token"], files="another")
    assert stolen.status_code == 401
    assert "another certificate" in stolen.headers["WWW-Authenticate"]
    of_the_provider = world.call(signed_in["access_token"])
    assert of_the_provider.status_code == 401

    world.at_provider("logout", {"id_token_hint": signed_in["id_token"]})

    def is_over() -> bool | None:
        return True if world.call(exchanged["access_token"]).status_code == 401 else None

    wait_for("the API refuses", is_over)
    again = world.exchange(signed_in["access_token"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_request")
