"""`ecps-idp import`, `claims` and `contact`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from idp.cli import main
from idp.directory.sample import sample_professionals
from tests.directory.helpers import OPEN_SAMPLE, sample_lines


@pytest.fixture(autouse=True)
def environment(sqlite_url: str, master_key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECPS_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ECPS_MASTER_KEY", master_key)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_claims_prints_all_thirty() -> None:
    """Decision 11."""
    for professional in sample_professionals():
        result = run("claims", professional["identificationNationalePP"], "--json")
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["family_name"] == professional["nomDeFamille"]


def test_claims_takes_a_vintage() -> None:
    claims = json.loads(run("claims", "899700990015", "--vintage", "2021", "--json").stdout)
    assert claims["email_verified"] is False
    assert "MARGELLE" in run("claims", "899700990015").stdout


@pytest.mark.parametrize("identifier", ["99700990015", "nonsense", "899700991005"])
def test_claims_of_nobody_fail_with_a_reason(identifier: str) -> None:
    result = run("claims", identifier)
    assert result.exit_code != 0
    assert "Traceback" not in result.output


def test_import_reports_its_figures_and_refused_rows(tmp_path: Path) -> None:
    file, refused = tmp_path / "e.txt", tmp_path / "refused.csv"
    file.write_text("\n".join([*sample_lines(), "cut"]), "utf-8")
    result = run("import", str(file), "--refused-csv", str(refused), "--json")
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert (figures["rows"], figures["people"], figures["refused"]) == (65, 28, 1)
    assert refused.read_text().splitlines() == ["line,reason", "67,1 columns instead of 56"]


def test_import_of_a_truncated_file_fails(tmp_path: Path) -> None:
    run("import", str(OPEN_SAMPLE))
    file = tmp_path / "e.txt"
    file.write_text("\n".join(sample_lines()[:9]), "utf-8")
    result = run("import", str(file))
    assert result.exit_code == 1
    assert "--force" in result.output


def test_contact_shows_and_changes() -> None:
    assert json.loads(run("contact", "899700990015", "--json").stdout)["mobile"] == "+33639980001"
    result = run("contact", "899700990015", "--mobile", "06 39 98 00 88", "--json")
    assert json.loads(result.stdout)["mobile"] == "+33639980088"
    assert run("contact", "899700990015", "--mobile", "12").exit_code == 1
