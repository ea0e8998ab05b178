"""The ready files name settings, commands and files that exist.

That their commands can be typed is shown in `tests/docs/test_commands_shown.py`.
"""

import configparser
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from idp.settings import Settings
from tests.architecture.imports import ROOT
from tests.docs.commands import pages

DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("systemd/*.service"))
_VARIABLE = re.compile(r"\bECPS_[A-Z0-9_]*[A-Z0-9]\b")


def _known_variables() -> set[str]:
    settings = {f"ECPS_{name.upper()}" for name in Settings.model_fields}
    source = [*(ROOT / "wallet_sim").rglob("*.py"), *(ROOT / "idp").rglob("*.py")]
    named = {name for path in source for name in _VARIABLE.findall(path.read_text("utf-8"))}
    return settings | named


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / name).read_text("utf-8"))
    return found


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_variable_that_is_shown_is_read_by_somebody(page: Path) -> None:
    assert set(_VARIABLE.findall(page.read_text("utf-8"))) - _known_variables() == set()


def test_no_ready_file_holds_a_secret() -> None:
    """Secrets are demanded of the environment: `${NAME:?why}`."""
    for name, service in _read("compose.yaml")["services"].items():
        for variable, value in service.get("environment", {}).items():
            if variable.endswith("_SECRET"):
                assert value.startswith("${" + variable + ":?"), (name, variable)


def test_containers_run_without_privileges_on_a_read_only_file_system() -> None:
    for service in _read("compose.yaml")["services"].values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    lines = (DEPLOY / "Containerfile").read_text("utf-8").splitlines()
    assert "USER ecps" in lines
    assert any("--require-hashes -r requirements.lock" in line for line in lines)


def test_development_addresses_of_containers_are_published_to_the_loopback_alone() -> None:
    for service in _read("compose.yaml")["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: str(unit.name))
def test_a_unit_runs_a_real_provider_with_its_key_out_of_its_environment(unit: Path) -> None:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their case
    parser.read_string(unit.read_text("utf-8"))
    service = parser["Service"]
    assert "--dev" not in service["ExecStart"]
    assert service["LoadCredential"] == "master.key:/etc/ecps/master.key"
    assert service["ProtectSystem"] == "strict"
    assert service["NoNewPrivileges"] == "yes"


@pytest.mark.parametrize("name", ["ci/github-actions.yml", "ci/gitlab-ci.yml"])
def test_a_ci_job_reaches_the_provider_at_the_addresses_that_are_served(name: str) -> None:
    text = (DEPLOY / name).read_text("utf-8")
    assert _read(name)
    assert "http://localhost:8006/control/v1" in text
    assert Settings.model_validate({"base_url": "http://localhost:8000"}).issuer in text
