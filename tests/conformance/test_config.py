"""`ecps-idp conformance-config`: what it writes is what the registered clients need."""

import base64
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from flask import Flask
from joserfc import jwt
from joserfc.jwk import RSAKey

from idp.cli import main
from idp.cli.conformance_plans import FAMILIES
from idp.oauth.clients.registered import CIBA
from idp.provider import Provider
from idp.psc.addresses import USERINFO
from idp.settings import REALM_PATH
from idp.store.clients import find_client
from tests.ciba.helpers import phone_of
from tests.cli.helpers import REAL, run
from tests.conformance.fapi import ASSERTION_TYPE, CERTIFICATE, ISSUER, TOKEN
from tests.conformance.fapi_ciba import ASK
from tests.docs.traceability import plans
from tests.oauth.helpers import PERSON
from tests.wallet.helpers import PIN
from tests.wallet.test_control import HOSTS, ORIGIN, SECRET
from wallet_sim.automatic import AutomaticApprovals
from wallet_sim.card.card import insert
from wallet_sim.card.reader import Reader
from wallet_sim.card.trust import ServerTrust
from wallet_sim.control import ControlApp
from wallet_sim.door import Door
from wallet_sim.phone import Phone
from wallet_sim.receiver import Receiver
from wallet_sim.serving import serve

NAMES = [family.name for family in FAMILIES]
CIBA_NAMES = [family.name for family in FAMILIES if family.is_ciba]
NOTIFIED = "n" * 32
Configuration = dict[str, Any]


@pytest.fixture
def phone(app: Flask, tmp_path: Path) -> Phone:
    return phone_of(app, tmp_path)


@pytest.fixture
def approval_url(phone: Phone) -> Iterator[str]:
    """Where a phone, served on a port of this machine, answers by itself."""
    reader = Reader(phone.file.path.parent / "cards", insert, ServerTrust())
    answers = AutomaticApprovals(phone, PIN, secrets.token_urlsafe(24))
    served = ControlApp(phone, Receiver(phone, ORIGIN), Door(SECRET, HOSTS), reader, answers)
    with serve(served, host="127.0.0.1", port=0) as port:
        yield f"http://127.0.0.1:{port}{answers.path}"


def command(sqlite_url: str, master_key: str, folder: Path, *options: str) -> Result:
    arguments = ["conformance-config", "--out", str(folder), "--issuer", ISSUER, *options]
    environment = {"ECPS_MASTER_KEY": master_key}
    return CliRunner().invoke(main, [*arguments, "--database-url", sqlite_url], env=environment)


def read(folder: Path, name: str) -> Configuration:
    read: Configuration = json.loads((folder / f"{name}.json").read_text("utf-8"))
    return read


@pytest.fixture
def written(
    app: Flask, sqlite_url: str, master_key: str, tmp_path: Path, approval_url: str
) -> Path:
    """The folder that the command made for the provider in this process."""
    del app
    folder = tmp_path / "conformance"
    done = command(sqlite_url, master_key, folder, "--approval-url", approval_url)
    assert done.exit_code == 0, done.output
    return folder


@dataclass
class Configured:
    """The suite as a CIBA client: it knows its configuration, and nothing else."""

    app: Flask
    provider: Provider
    told: Configuration

    @property
    def client_id(self) -> str:
        return str(self.told["client"]["client_id"])

    def signed(self, **claims: Any) -> str:
        now = self.provider.clock.timestamp()
        times = {"iat": now, "nbf": now, "exp": now + 60, "jti": secrets.token_urlsafe(16)}
        key = RSAKey.import_key(self.told["client"]["jwks"]["keys"][0])
        named = {"iss": self.client_id, "aud": ISSUER}
        return jwt.encode(
            {"alg": key.as_dict()["alg"], "kid": key.kid}, named | times | claims, key, ["PS256"]
        )

    def post(self, path: str, form: dict[str, str]) -> Any:
        proved = {"client_id": self.client_id}
        if "private-key-jwt" in self.told["alias"]:
            assertion = self.signed(sub=self.client_id)
            proved |= {
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": assertion,
            }
        return self.app.test_client().post(path, data=proved | form, environ_overrides=self.shown)

    def ask(self) -> str:
        claims = {
            "scope": self.told["client"]["scope"],
            self.told["client"]["hint_type"]: self.told["client"]["hint_value"],
            "binding_message": "1234",
        }
        if "ping" in self.told["alias"]:
            claims["client_notification_token"] = NOTIFIED
        answer = self.post(ASK, {"request": self.signed(**claims)})
        assert answer.status_code == 200, answer.text
        return str(answer.json["auth_req_id"])

    def answered(self, action: str) -> int:
        url = self.told["automated_ciba_approval_url"].replace("{action}", action)
        return httpx.post(url, trust_env=False).status_code

    def poll(self, auth_req_id: str) -> Any:
        return self.post(TOKEN, {"grant_type": CIBA, "auth_req_id": auth_req_id})

    def resource(self, token: str) -> Any:
        path = urlsplit(self.told["resource"]["resourceUrl"]).path
        headers = {"Authorization": f"Bearer {token}"}
        return self.app.test_client().get(path, headers=headers, environ_overrides=self.shown)

    @property
    def shown(self) -> dict[str, bytes]:
        certificate = x509.load_pem_x509_certificate(self.told["mtls"]["cert"].encode())
        return {CERTIFICATE: certificate.public_bytes(Encoding.DER)}


def test_every_client_of_a_ciba_plan_signs_in_by_the_approval_address(
    app: Flask, provider: Provider, written: Path
) -> None:
    """Modules fapi-ciba-id1 and fapi-ciba-id1-user-rejects-authentication (decision 3)."""
    for name in CIBA_NAMES:
        suite = Configured(app, provider, read(written, name))
        asked = suite.ask()
        assert suite.answered("allow") == 200
        tokens = suite.poll(asked)
        assert tokens.status_code == 200, tokens.text
        assert suite.resource(tokens.json["access_token"]).json["SubjectNameID"] == PERSON
        refused = suite.ask()
        assert suite.answered("deny") == 200
        assert suite.poll(refused).json["error"] == "access_denied"


def test_files_are_the_owners_alone_and_hold_private_keys(written: Path) -> None:
    assert sorted(file.stem for file in written.iterdir()) == sorted(NAMES)
    assert {file.stat().st_mode & 0o777 for file in written.iterdir()} == {0o600}
    assert written.stat().st_mode & 0o777 == 0o700
    assert "d" in read(written, "fapi2-mtls")["client"]["jwks"]["keys"][0]


def test_registrations_hold_no_private_key(provider: Provider, written: Path) -> None:
    for name in NAMES:
        for member in ("client", "client2"):
            with provider.store.read() as db:
                row = find_client(db, read(written, name)[member]["client_id"])
            assert row is not None
            keys = (row.jwks or {"keys": []})["keys"]
            assert not any("d" in key for key in keys)


@pytest.mark.parametrize(
    ("name", "method", "options"),
    [
        ("oidcc", "client_secret_basic", {}),
        (
            "fapi2-private-key-jwt-dpop",
            "private_key_jwt",
            {"dpop_bound_access_tokens": True},
        ),
        (
            "fapi2-mtls",
            "self_signed_tls_client_auth",
            {"tls_client_certificate_bound_access_tokens": True},
        ),
    ],
)
def test_clients_are_registered_as_their_plan_demands(
    provider: Provider, written: Path, name: str, method: str, options: dict[str, Any]
) -> None:
    told = read(written, name)
    callback = f"https://localhost.emobix.co.uk:8443/test/a/{told['alias']}/callback"
    for member in ("client", "client2"):
        with provider.store.read() as db:
            row = find_client(db, told[member]["client_id"])
        assert row is not None
        assert row.auth_method == method
        assert row.redirect_uris[0] == callback
        assert options.items() <= row.options.items()


def test_one_client_sends_its_secret_in_the_body(provider: Provider, written: Path) -> None:
    """Module oidcc-server-client-secret-post."""
    told = read(written, "oidcc")["client_secret_post"]
    with provider.store.read() as db:
        row = find_client(db, told["client_id"])
    assert row is not None
    assert row.auth_method == "client_secret_post"


def test_certificates_are_those_registered(provider: Provider, written: Path) -> None:
    for name in [*CIBA_NAMES, "fapi2-mtls"]:
        told = read(written, name)
        for number in ("", "2"):
            shown = x509.load_pem_x509_certificate(told[f"mtls{number}"]["cert"].encode())
            with provider.store.read() as db:
                row = find_client(db, told[f"client{number}"]["client_id"])
            assert row is not None
            assert row.jwks is not None
            der = base64.b64encode(shown.public_bytes(Encoding.DER)).decode()
            assert [der] in [key.get("x5c") for key in row.jwks["keys"]]


def test_the_certificate_address_is_asked_for_what_is_bound_to_one(written: Path) -> None:
    bound, free = read(written, "fapi2-mtls"), read(written, "fapi2-private-key-jwt-dpop")
    at_certificates = f"https://localhost:8005{REALM_PATH}{USERINFO}"
    assert bound["resource"]["resourceUrl"] == at_certificates
    assert free["resource"]["resourceUrl"] == ISSUER + USERINFO


def test_discovery_is_where_the_configurations_say(app: Flask, written: Path) -> None:
    for name in NAMES:
        url = read(written, name)["server"]["discoveryUrl"]
        assert json.loads(app.test_client().get(urlsplit(url).path).data)["issuer"] == ISSUER


def test_without_the_approval_address_nothing_promises_one(
    app: Flask, sqlite_url: str, master_key: str, tmp_path: Path
) -> None:
    del app
    assert command(sqlite_url, master_key, tmp_path / "out").exit_code == 0
    assert "automated_ciba_approval_url" not in read(tmp_path / "out", CIBA_NAMES[0])


def test_the_browser_types_and_presses_what_is_on_the_pages(app: Flask, written: Path) -> None:
    told = read(written, "oidcc")
    browser = app.test_client()
    query = {
        "client_id": told["client"]["client_id"],
        "response_type": "code",
        "scope": "openid",
        "redirect_uri": f"https://localhost.emobix.co.uk:8443/test/a/{told['alias']}/callback",
    }
    begun = browser.get("/auth", query_string=query)
    assert fnmatch(f"http://localhost:8000{begun.request.full_path}", told["browser"][0]["match"])
    page = browser.get(begun.headers["Location"])
    task = told["browser"][0]["tasks"][0]
    assert fnmatch(f"http://localhost:8000{page.request.path}", task["match"])
    assert [step[:3] for step in task["commands"]] == [
        ["text", "id", "national_id"],
        ["click", "css", "button.primary"],
    ]
    assert 'id="national_id"' in page.text
    assert page.text.count('<button class="primary"') == 1


def test_a_second_run_overwrites_nothing(
    provider: Provider, sqlite_url: str, master_key: str, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    assert command(sqlite_url, master_key, folder).exit_code == 0
    client_id = read(folder, "fapi2-mtls")["client"]["client_id"]
    with provider.store.read() as db:
        before = find_client(db, client_id)
    again = command(sqlite_url, master_key, folder)
    assert again.exit_code == 1
    assert "exists already" in again.output
    with provider.store.read() as db:
        after = find_client(db, client_id)
    assert before is not None
    assert after is not None
    assert before.jwks == after.jwks


def test_an_address_that_the_provider_would_not_call_is_refused(
    app: Flask, sqlite_url: str, master_key: str, tmp_path: Path
) -> None:
    """Decision 40."""
    del app
    elsewhere = ("--called-at", "https://suite.test:8443")
    refused = command(sqlite_url, master_key, tmp_path / "out", *elsewhere)
    assert refused.exit_code == 1
    assert "default port" in refused.output


def test_a_real_database_registers_no_client_of_a_suite(tmp_path: Path) -> None:
    """Decision 1."""
    database = tmp_path / "ecps.db"
    assert run(database, "db", "init", "--real", **REAL).exit_code == 0
    refused = run(database, "conformance-config", "--out", str(tmp_path / "out"), **REAL)
    assert refused.exit_code == 1
    assert "real database" in refused.output
    assert not (tmp_path / "out").exists()


def test_every_certification_plan_but_the_dynamic_one_has_a_configuration() -> None:
    """The dynamic plan registers its own clients."""
    configured = {plan for family in FAMILIES for plan in family.plans}
    asked = {plan["id"] for plan in plans()}
    assert asked - configured <= {"oidcc-dynamic-certification-test-plan"}
