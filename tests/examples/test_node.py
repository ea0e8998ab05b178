"""The service in Node of the documentation, with an unmodified `openid-client`."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.imports import ROOT
from tests.examples.conftest import EXAMPLES, run

pytestmark = pytest.mark.slow

_INSTALLED = ROOT / "tests" / "interop" / "node"


@pytest.fixture
def node() -> str:
    found = shutil.which("node")
    if found is None or not (_INSTALLED / "node_modules" / "openid-client").exists():
        pytest.skip("node and its packages are not installed: `make test` installs them")
    return found


def locked(folder: Path) -> dict[str, Any]:
    told = json.loads((folder / "package-lock.json").read_text("utf-8"))["packages"]
    return {name: package["integrity"] for name, package in told.items() if name}


def test_the_example_locks_what_is_installed_for_tests() -> None:
    assert locked(EXAMPLES / "node").items() <= locked(_INSTALLED).items()


def test_the_service_in_node_passes_its_own_tests(
    node: str, control: dict[str, str], tmp_path: Path
) -> None:
    """Beside packages that are there already: nothing is fetched."""
    folder = shutil.copytree(
        EXAMPLES / "node", tmp_path / "node", ignore=shutil.ignore_patterns("node_modules")
    )
    (folder / "node_modules").symlink_to(_INSTALLED / "node_modules")
    printed = run([node, "--test"], control, folder)
    assert "# pass 4\n" in printed, printed
    assert "# fail 0\n" in printed, printed
