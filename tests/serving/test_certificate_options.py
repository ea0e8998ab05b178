"""Where `serve` asks for cards outside `--dev`, and where it refuses to."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from idp.cli import main
from idp.provider import initialise
from idp.settings import Settings
from tests.test_real_database import CHOICES

FILES = ("--listener-certificate", __file__, "--listener-key", __file__)


@pytest.mark.parametrize(
    ("options", "environment", "said"),
    [
        (FILES, {}, "card_base_url"),
        (FILES, {}, "mtls_base_url"),
        ((), {"ECPS_CARD_BASE_URL": "https://cartes.test"}, "--listener-certificate"),
        (FILES[:2], {"ECPS_CARD_BASE_URL": "https://cartes.test"}, "go together"),
    ],
)
def test_what_the_listener_lacks_is_named(
    tmp_path: Path, options: tuple[str, ...], environment: dict[str, str], said: str
) -> None:
    command = [
        "serve",
        "--certificates",
        *options,
        "--database-url",
        f"sqlite:///{tmp_path}/ecps.db",
    ]
    done = CliRunner().invoke(main, command, env=environment)
    assert done.exit_code == 2
    assert said in done.output


def test_a_real_database_asks_for_no_cards(tmp_path: Path) -> None:
    """Decision 1: what signs them is simulated."""
    values = CHOICES | {"card_base_url": "https://cartes.exemple.test"}
    url = f"sqlite:///{tmp_path}/real.db"
    initialise(Settings(**values, database_url=url), kind="real")
    command = ["serve", "--certificates", *FILES, "--port-base", "19990", "--database-url", url]
    environment = {f"ECPS_{name.upper()}": value for name, value in values.items()}
    done = CliRunner().invoke(main, command, env=environment)
    assert done.exit_code == 1
    assert "refuses a real database" in done.output
