"""What docs/testing/pytest.md shows runs as it stands, beside the example's service."""

import re
from pathlib import Path

from tests.architecture.imports import ROOT
from tests.harness.sessions import run_pytest
from wallet_sim.harness.running import RunningProvider

PAGE = ROOT / "docs" / "testing" / "pytest.md"
_FILE = re.compile(r'```python title="(\w+\.py)"\n(.*?)```', re.DOTALL)


def test_the_files_of_the_page_pass(psc_server: RunningProvider, tmp_path: Path) -> None:
    service = (ROOT / "examples" / "flask" / "service.py").read_text("utf-8")
    (tmp_path / "my_service.py").write_text(service, "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    for name, text in _FILE.findall(PAGE.read_text("utf-8")):
        with (tmp_path / name).open("a", encoding="utf-8") as file:
            file.write(f"{text}\n\n")
    done = run_pytest(
        tmp_path,
        f"--psc-ca={psc_server.ca}",
        PSC_URL=psc_server.base_url,
        ECPS_DEV_SECRET=psc_server.secret,
    )
    assert done.returncode == 0, done.stdout
    assert re.search(r"[5-9] passed", done.stdout), done.stdout
