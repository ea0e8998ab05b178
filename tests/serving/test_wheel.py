"""What users install: the wheel in an empty environment, and the whole path through it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.imports import ROOT
from tests.serving.running import free_port_base

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_pages_catalogues_migrations_and_data(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for expected in (
        "idp/templates/signin/identifier.html",
        "idp/store/migrations/versions/0001_the_first_schema.py",
        "idp/directory/data/directory-sample.json",
        "relying_services/templates/demo/home.html",
        "idp/templates/design/design.css",
        "relying_services/templates/design/components.html",
        "relying_services/translations/en/LC_MESSAGES/messages.mo",
        "wallet_sim/templates/design/design.css",
    ):
        assert expected in names
    catalogues = {str(po.relative_to(ROOT)) for po in ROOT.glob("idp/translations/**/*.po")}
    assert {po.removesuffix(".po") + ".mo" for po in catalogues} <= names
    assert not any(name.startswith(("tests/", "bench/")) for name in names)


def test_an_installed_wheel_walks_the_whole_path(wheel: Path, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if "ECPS_" not in name}
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "env")], check=True)
    programs = tmp_path / "env" / "bin"
    pip = [str(programs / "python"), "-m", "pip", "install", "--quiet", "--no-input"]
    lock = ["--require-hashes", "-r", str(ROOT / "requirements.lock")]
    subprocess.run([*pip, *lock], check=True, env=environment)
    subprocess.run([*pip, "--no-deps", str(wheel)], check=True, env=environment)
    demo = [str(programs / "ecps-idp"), "demo", "--once", "--port-base", str(free_port_base())]
    done = subprocess.run(
        demo, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The whole path held." in done.stdout
