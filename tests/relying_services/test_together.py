"""All services in one process: their secrets, their ports, their end."""

import json
import os
import signal
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from flask import Flask

from relying_services.__main__ import main
from relying_services.clock import Clock
from relying_services.listening import CannotListen, PortTaken, listening
from relying_services.registrations import REGISTRATIONS
from relying_services.secrets_file import (
    PROVIDER,
    READER,
    SecretMissing,
    SecretOf,
    SecretsExposed,
    SecretsWrong,
    secrets_of,
)
from relying_services.service.app import service_of
from relying_services.service.settings import LIMITS, MEANS
from relying_services.together import SERVICES, Ground, together
from tests.ports import free_port


def secrets_file(folder: Path, **values: str) -> Path:
    path = folder / "secrets.json"
    path.write_text(json.dumps(values))
    path.chmod(0o600)
    return path


def application(name: str) -> Flask:
    app = Flask(name)
    app.add_url_rule("/", "home", lambda: name)
    return app


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_of_secrets_that_others_can_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = secrets_file(tmp_path, espacepro="secret-of-espacepro")
    path.chmod(mode)
    with pytest.raises(SecretsExposed, match="chmod 600") as refused:
        secrets_of(path)
    assert "secret-of-espacepro" not in str(refused.value)


def test_a_secret_that_is_missing_is_named_with_the_place_to_put_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SecretMissing, match=r"secrets\.json holds no secret of billing"):
        secrets_of(secrets_file(tmp_path, espacepro="s"))("billing")
    monkeypatch.delenv("BILLING_CLIENT_SECRET", raising=False)
    with pytest.raises(SecretMissing, match="BILLING_CLIENT_SECRET"):
        secrets_of(None)("billing")


@pytest.mark.parametrize(
    "text", ["", '{"espacepro": the-secret}', '["the-secret"]', '{"billing": 3}']
)
def test_a_file_that_holds_no_secrets_by_name_is_refused_without_quoting_it(
    tmp_path: Path, text: str
) -> None:
    path = secrets_file(tmp_path)
    path.write_text(text)
    with pytest.raises(SecretsWrong, match="must hold a JSON object") as refused:
        secrets_of(path)
    assert "the-secret" not in str(refused.value)


def test_a_certificate_that_is_none_is_told_and_nobody_else_reads_the_databases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    names = [each.client_id for each in REGISTRATIONS]
    secrets = secrets_file(tmp_path, **dict.fromkeys([*names, READER], "a secret of a test"))
    folder = tmp_path / "services"
    given = ["--folder", str(folder), "--secrets", str(secrets), "--card-authority", str(secrets)]
    done = CliRunner().invoke(main, ["serve", *given])
    assert (done.exit_code, done.output.startswith("Error: authority_file: ")) == (1, True)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_secrets_come_from_the_file_or_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert secrets_of(secrets_file(tmp_path, espacepro="of-file"))("espacepro") == "of-file"
    monkeypatch.setenv("ESPACEPRO_CLIENT_SECRET", "of-environment")
    monkeypatch.setenv("ECPS_CONTROL_SECRET", "of-the-reader")
    assert secrets_of(None)("espacepro") == "of-environment"
    assert secrets_of(None)(READER) == "of-the-reader"
    monkeypatch.setenv("ECPS_DEV_SECRET", "of-the-provider")
    assert secrets_of(None)(PROVIDER) == "of-the-provider"


def test_each_application_answers_on_its_own_port_while_the_block_runs() -> None:
    ports = [free_port(), free_port()]
    apps = {port: application(f"app{port}") for port in ports}
    with listening(apps, address="127.0.0.1"):
        told = [requests.get(f"http://127.0.0.1:{port}/", timeout=5).text for port in ports]
    assert told == [f"app{port}" for port in ports]
    for port in ports:
        with pytest.raises(requests.ConnectionError):
            requests.get(f"http://127.0.0.1:{port}/", timeout=5)


def test_a_taken_port_is_named_and_what_listened_before_ends() -> None:
    free = free_port()
    with socket.create_server(("127.0.0.1", 0)) as held:
        taken = held.getsockname()[1]
        apps = {free: application("one"), taken: application("other")}
        with (
            pytest.raises(PortTaken, match=f"port {taken} is taken"),
            listening(apps, address="127.0.0.1"),
        ):
            raise AssertionError("unreachable")
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{free}/", timeout=5)


def test_an_address_of_another_machine_is_not_called_a_taken_port() -> None:
    apps = {free_port(): application("one")}
    with pytest.raises(CannotListen, match=r"192\.0\.2\.1"), listening(apps, address="192.0.2.1"):
        raise AssertionError("unreachable")


def test_no_service_is_made_without_its_secret(tmp_path: Path) -> None:
    def none(name: str) -> str:
        raise SecretMissing(name)

    with pytest.raises(SecretMissing), together(ground(tmp_path, none)):
        raise AssertionError("unreachable")


def test_each_service_has_its_own_port_cookie_database_and_registration(tmp_path: Path) -> None:
    """Decision 4; what is registered at the provider is what the service says of itself."""
    registered = {each.client_id: each for each in REGISTRATIONS}
    given = ground(tmp_path, "secret-of-{}".format)
    with together(given) as apps:
        services = {port: service_of(app) for port, app in apps.items()}
        cookies = {app.config["SESSION_COOKIE_NAME"] for app in apps.values()}
        keys = {app.secret_key for app in apps.values()}
        assert len(cookies) == len(keys) == len(apps) == len(SERVICES) == len(REGISTRATIONS)
        assert {service.clock for service in services.values()} == {given.clock}, "one time"
        for port, service in services.items():
            known = registered[service.settings.client_id]
            assert port == 8000 + known.offset
            assert known.at(8000)["redirect_uris"] == [f"{service.settings.base_url}/callback"]
            allowed = frozenset(known.means) or MEANS
            assert service.settings.means <= allowed
    files = {path.name for path in tmp_path.glob("*.db")}
    assert files == {f"{each.client_id}.db" for each in REGISTRATIONS}


def ground(folder: Path, secret_of: SecretOf) -> Ground:
    authority = folder / "persons.crt"
    authority.write_bytes(authority_certificate())
    return Ground(
        issuer="http://localhost:8000/auth/realms/esante-wallet",
        port_base=8000,
        folder=folder,
        secret_of=secret_of,
        card_authority=authority,
        limits=LIMITS["recent"],
    )


def authority_certificate() -> bytes:
    """Of an authority that signed nothing."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TEST AUTHORITY")])
    now = Clock().now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    return made.public_bytes(Encoding.DER)


@pytest.mark.slow
def test_the_command_serves_every_service_and_ends_in_order(tmp_path: Path) -> None:
    authority = tmp_path / "persons.crt"
    authority.write_bytes(authority_certificate())
    names = [each.client_id for each in REGISTRATIONS]
    secrets = secrets_file(tmp_path, **dict.fromkeys([*names, READER], "a secret of a test"))
    base = free_base()
    command = [sys.executable, "-m", "relying_services", "serve", "--port-base", str(base)]
    command += ["--folder", str(tmp_path / "services"), "--secrets", str(secrets)]
    command += ["--card-authority", str(authority)]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as served:
        try:
            assert served.stdout is not None
            told = [served.stdout.readline().split() for _ in names]
            assert sorted(name for name, _ in told) == sorted(names)
            for _, address in told:
                answer = requests.get(f"{address}/cut", timeout=20)
                assert answer.status_code == 401
                assert "Votre session a expiré" in answer.text
            served.send_signal(signal.SIGTERM)
            assert served.wait(20) == 0
        finally:
            served.kill()
    # What a process that was cut leaves behind.
    assert list((tmp_path / "services").glob("*-wal")) == []


def free_base() -> int:
    """A base whose ports for services nobody listens on."""
    for base in range(20_000 + os.getpid() % 500 * 20, 32_000, 20):
        if all(is_free(base + offset) for offset in range(15)):
            return base
    raise AssertionError("no free ports")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
