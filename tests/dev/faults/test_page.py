"""docs/testing/faults.md says what the code does, and its commands run."""

import os
import re
import subprocess
from pathlib import Path

from idp.dev.faults.catalogue import CATALOGUE
from tests.dev.faults.page import PAGE, render
from tests.serving.running import running_provider


def test_the_page_has_the_catalogue_of_the_code() -> None:
    """Run `make docs` when this fails."""
    page = PAGE.read_text("utf-8")
    assert page == render(page)


def test_a_fault_that_the_page_names_is_one() -> None:
    text = PAGE.read_text("utf-8").partition("## The catalogue")[0]
    prefixes = ("id_token_", "authorization_", "jwks_", "logout_token_", "userinfo_", "discovery_")
    named = {name for name in re.findall(r"`([a-z_0-9]+)`", text) if name.startswith(prefixes)}
    assert named
    assert named <= CATALOGUE.keys()


def test_the_commands_of_the_page_run(tmp_path: Path) -> None:
    (block,) = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    with running_provider(tmp_path, options=("--single-process",)) as provider:
        script = block.replace("http://localhost:8000", provider.base_url)
        done = subprocess.run(
            ["bash", "-euc", script],
            env=os.environ | {"ECPS_DEV_SECRET": provider.dev_secret, "no_proxy": "localhost"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count('"fault":"server_error"') == 2
    assert done.stdout.count('"times_left":1') == 2
