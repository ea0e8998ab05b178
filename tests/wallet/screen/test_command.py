"""`ecps-wallet screen`: which phones it shows."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from wallet_sim.cli import main


@pytest.mark.parametrize(
    ("phones", "said"),
    [
        (["camille"], "takes NAME=HOME"),
        (["camille="], "takes NAME=HOME"),
        (["=home"], "1 to 24 letters"),
        (["..=home"], "1 to 24 letters"),
        (["Camille=one", "camille=two"], "another phone is called camille"),
    ],
)
def test_a_phone_without_a_name_or_home_of_its_own_is_refused(
    tmp_path: Path, phones: list[str], said: str
) -> None:
    options = [f"--phone={each}" for each in phones]
    result = CliRunner().invoke(main, ["--home", str(tmp_path), "screen", *options])
    assert result.exit_code == 2
    assert said in result.output


@pytest.mark.parametrize("options", [["--host", "0.0.0.0"], ["--expose"]])
def test_phones_are_not_shown_to_a_network_in_clear_unless_asked(
    tmp_path: Path, options: list[str]
) -> None:
    """Decision 2."""
    result = CliRunner().invoke(main, ["--home", str(tmp_path), "screen", *options])
    assert result.exit_code == 2


def test_a_short_secret_is_not_exposed_to_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 2: it could be guessed."""
    monkeypatch.setenv("ECPS_CONTROL_SECRET", "fifteen-letters")
    for command in ("screen", "serve"):
        options = ["--home", str(tmp_path), command, "--expose", "--insecure-http"]
        result = CliRunner().invoke(main, options)
        assert result.exit_code == 2
        assert "ECPS_CONTROL_SECRET has fewer than 16 characters" in result.output
