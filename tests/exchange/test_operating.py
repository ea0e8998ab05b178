"""Running an API's issuer: settings, clients, mounts, keys."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pydantic import ValidationError

from idp.cli import main
from idp.keys.sealing import Sealer, decode_master_key
from idp.oauth.clients.metadata import ClientMetadataRefused, read_metadata
from idp.oauth.clients.registration import register
from idp.provider import Provider, ProviderNotReady, initialise, open_provider
from idp.rewrapping import rewrap
from idp.serving.mounts import mounted_settings
from idp.serving.preparation import prepare_database
from idp.serving.wsgi import load_application
from idp.store.api_sessions import has_due_check
from idp.store.clients import all_clients
from idp.worker.jobs import recurring_jobs
from tests.conftest import make_settings
from tests.exchange.helpers import GRANT, Exchange, trust

ISSUER = "http://localhost:8000/auth/realms/esante-wallet"
MOUNT = """\
database_url = "sqlite:///{folder}/api.db"
clients_file = "{folder}/clients.toml"

[trusted_issuers.psc]
issuer = "{issuer}"
client_id = "api-issuer"
client_secret = "a secret of the issuer"
clients = {{ service = ["logiciel"] }}

[apis.dossiers]
clients = ["logiciel"]
resources = ["https://dossiers.test/"]
"""
CLIENTS = f"""\
[[clients]]
client_id = "logiciel"
client_secret = "a secret of the client"
grant_types = ["{GRANT}", "refresh_token"]
scope = "openid"
"""


def ecps(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture
def mounted(tmp_path: Path) -> Path:
    (tmp_path / "clients.toml").write_text(CLIENTS, "utf-8")
    file = tmp_path / "api.toml"
    file.write_text(MOUNT.format(folder=tmp_path, issuer=ISSUER), "utf-8")
    return file


def test_an_apis_issuer_is_mounted_beside_the_provider(
    sqlite_url: str, master_key: str, mounted: Path
) -> None:
    """Decision 5: an application of its own, below `/r/<name>`."""
    settings = make_settings(sqlite_url, master_key, mounts={"api": str(mounted)})
    found = mounted_settings(settings)["/r/api"]
    prepare_database(found)
    assert found.issuer == "http://localhost:8000/r/api/auth/realms/esante-wallet"
    provider = open_provider(found)
    with provider.store.read() as db:
        assert [client.client_id for client in all_clients(db)] == ["logiciel"]
    assert [job.name for job in recurring_jobs(provider)] == [
        "expiry",
        "journal",
        "fetch",
        "trusted-keys",
        "api-sessions",
    ]
    provider.store.close()
    told: list[str] = []
    application = load_application({"": settings, "/r/api": found})
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/r/api/auth/realms/esante-wallet/.well-known/openid-configuration",
        "SCRIPT_NAME": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "wsgi.url_scheme": "http",
    }
    body = b"".join(application(environ, lambda status, *_: told.append(status)))  # type: ignore[arg-type]  # a stand-in
    assert told == ["200 OK"]
    assert json.loads(body)["issuer"] == found.issuer


def test_a_client_registers_the_grants_of_its_issuer_alone(provider: Provider) -> None:
    exchanging = {
        "client_id": "logiciel",
        "client_secret": "s" * 40,
        "grant_types": [GRANT],
    }
    with provider.store.begin() as db, pytest.raises(ClientMetadataRefused):
        register(
            db,
            read_metadata(exchanging),
            kind="simulation",
            sealer=provider.sealer,
            now=provider.clock.now(),
        )


def test_a_client_that_signs_people_in_is_none_of_an_apis_issuer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECPS_CONFIG", "")  # the command sets it, and forgets it with its process
    config = tmp_path / "api.toml"
    config.write_text(
        MOUNT.format(folder=tmp_path, issuer=ISSUER).replace("clients_file", "# clients_file")
    )
    assert ecps("db", "init", "--config", str(config)).exit_code == 0
    refused = ecps(
        "client", "add", "x", "--redirect-uri", "https://x.test/", "--config", str(config)
    )
    assert refused.exit_code == 1
    assert "grant_types: must be among" in refused.output
    grants = f'grant_types=["{GRANT}", "refresh_token"]'
    added = ecps("client", "add", "x", "--metadata", grants, "--config", str(config))
    assert added.exit_code == 0, added.output
    assert "x" in ecps("client", "list", "--config", str(config)).output


def test_a_real_one_writes_to_nobody_and_needs_no_carrier(tmp_path: Path, master_key: str) -> None:
    """Decision 1: everything else must be said."""
    given: dict[str, Any] = {
        "dev": False,
        "dev_secret": "",
        "kdf_log2_cost": 14,
        "profile": "psc",
        **trust(ISSUER, base_url="https://api.example.org"),
    }
    settings = make_settings(f"sqlite:///{tmp_path / 'real.db'}", master_key, **given)
    initialise(settings, kind="real")
    bare = make_settings(
        f"sqlite:///{tmp_path / 'other.db'}", master_key, **given | {"trusted_issuers": {}}
    )
    with pytest.raises(ProviderNotReady, match="carry"):
        initialise(bare, kind="real")


def test_sessions_are_not_vouched_for_longer_than_they_are_asked_about() -> None:
    with pytest.raises(ValidationError, match="subject_check_limit"):
        make_settings("sqlite://", "A" * 43, subject_check_limit=1800)


def test_a_new_master_key_reads_the_tokens_to_ask_with(exchange: Exchange) -> None:
    exchange.exchanged()
    old = exchange.provider.sealer
    new = Sealer(decode_master_key("C" * 43))
    with exchange.provider.store.begin() as db:
        rewrap(db, old, new)
    exchange.provider.sealer = new
    assert exchange.check_sessions() == 1
    with exchange.provider.store.read() as db:
        assert not has_due_check(db, now=exchange.provider.clock.now())
