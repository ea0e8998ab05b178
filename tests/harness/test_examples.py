"""The examples' own tests, as their users run them, each a session of its own."""

from pathlib import Path

import pytest

from tests.harness.sessions import run_pytest
from wallet_sim.harness.running import RunningProvider

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("name", ["flask", "django", "fastapi"])
def test_an_example_signs_in_refuses_faults_expires_and_signs_out_without_a_mistake(
    psc_server: RunningProvider, name: str
) -> None:
    """They share a provider: each test has a realm of its own."""
    done = run_pytest(
        EXAMPLES / name,
        f"--psc-ca={psc_server.ca}",
        PSC_URL=psc_server.base_url,
        ECPS_DEV_SECRET=psc_server.secret,
    )
    assert done.returncode == 0, done.stdout
    assert "6 passed" in done.stdout


def test_every_example_is_run() -> None:
    assert {each.name for each in EXAMPLES.iterdir() if any(each.glob("test_*.py"))} == {
        "flask",
        "django",
        "fastapi",
    }
