"""The page of the control API: every block of it runs, in its order."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.imports import ROOT
from tests.control.helpers import SECRET
from wallet_sim.control_server.app import BASE, ControlServer
from wallet_sim.serving import serve

PAGE = ROOT / "docs" / "testing" / "control-api.md"
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)


@pytest.fixture
def address(server: ControlServer) -> Iterator[str]:
    with serve(server, host="localhost", port=0) as port:
        yield f"http://localhost:{port}{BASE}"


def test_the_page_runs_as_it_stands(address: str, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed: `make test` installs it where it can")
    blocks = _BLOCK.findall(PAGE.read_text("utf-8"))
    assert len(blocks) == 8
    script = tmp_path / "page.sh"
    script.write_text("\n".join(blocks), "utf-8")
    done = subprocess.run(
        ["sh", "-eux", str(script)],
        env={"PSC_CONTROL": address, "ECPS_CONTROL_SECRET": SECRET, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "access_denied" in done.stdout
