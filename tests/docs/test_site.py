"""The documentation is a site that builds without a warning, and fetches nothing from elsewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.imports import ROOT

ELSEWHERE = re.compile(r"""(?:src|href)=["'](?:https?:)?//[^"']+\.(?:js|css|woff2?)["']""")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(target)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
    )
    assert built.returncode == 0, built.stderr
    assert "WARNING" not in built.stderr
    return target


def test_every_page_of_the_docs_is_reached_from_the_navigation(site: Path) -> None:
    """An omitted page is a warning, and a warning fails (`validation` in mkdocs.yml)."""
    pages = {path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")}
    assert [page for page in pages if not (site / page.with_suffix(".html")).exists()] == []


def test_no_page_of_the_site_loads_scripts_or_styles_from_elsewhere(site: Path) -> None:
    found = {path.name: ELSEWHERE.findall(path.read_text("utf-8")) for path in site.rglob("*.html")}
    assert {name: hits for name, hits in found.items() if hits} == {}
