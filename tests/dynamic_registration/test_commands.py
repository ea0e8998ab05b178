"""`ecps-idp client initial-token`, and what `client show` tells of documents."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from idp.cli import main
from idp.provider import Provider
from tests.dynamic_registration.helpers import CALLBACK, Developer, Site, documents, fetch
from tests.oauth.helpers import events


@pytest.fixture(autouse=True)
def settings_of_the_test(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commands are configured as an operator's are: here, as the provider of the test."""
    settings = provider.settings
    file = tmp_path / "settings.toml"
    file.write_text(
        f'database_url = "{settings.database_url}"\n'
        f'master_key = "{settings.master_key.get_secret_value()}"\n'
    )
    monkeypatch.setenv("ECPS_CONFIG", str(file))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["client", *arguments])


def told(*arguments: str) -> Any:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


@pytest.mark.parametrize(
    "arguments",
    [
        ("create",),
        ("create", "x", "--uses", "0"),
        ("create", "x", "--lifetime", "0"),
        ("create", "x", "--metadata", "no-equals"),
        ("create", "x", "--metadata", "profil=strict"),
        ("create", "x", "--metadata", "client_secret=chosen"),
        ("revoke", "not-hexadecimal"),
        ("revoke", "00" * 32),
    ],
)
def test_what_cannot_be_done_is_said(arguments: tuple[str, ...]) -> None:
    result = run("initial-token", *arguments)
    assert result.exit_code != 0
    assert "Error: " in result.output
    assert told("initial-token", "list", "--json") == []


def test_a_token_registers_until_it_is_revoked(provider: Provider, developer: Developer) -> None:
    made = told(
        *("initial-token", "create", "Editeur SA", "--uses", "2", "--json"),
        *("--metadata", 'scope="openid"'),
    )
    developer.token = made["initial_access_token"]
    assert developer.registered(scope="openid email")["scope"] == "openid"
    listed = {one["id"]: one for one in told("initial-token", "list", "--json")}
    assert listed[made["id"]]["uses_left"] == 1
    assert made["initial_access_token"] not in json.dumps(listed)
    assert run("initial-token", "revoke", made["id"]).exit_code == 0
    assert developer.register().status_code == 401
    assert {"oauth:registration:permitted", "oauth:registration:withdrawn"} <= {*events(provider)}


def test_show_tells_how_documents_stand(provider: Provider, site: Site) -> None:
    """A client of the command publishes as one that registered itself."""
    logo, keys = site.publish("/logo", b"no image", "image/png"), site.url("/keys")
    result = run(
        *("add", "editeur", "--redirect-uri", CALLBACK, "--development"),
        *("--metadata", f"logo_uri={logo}", "--metadata", f"jwks_uri={keys}"),
    )
    assert result.exit_code == 0, result.output
    fetch(provider)
    shown = told("show", "editeur")
    states = {one["kind"]: (one["url"], one["state"]) for one in shown["documents"]}
    assert states == {"logo": (logo, "failed"), "jwks": (keys, "failed")}
    assert "no PNG" in next(one["error"] for one in shown["documents"] if one["kind"] == "logo")
    assert run("remove", "editeur").exit_code == 0
    assert documents(provider, "editeur") == []
