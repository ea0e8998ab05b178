"""The pictures of the documentation: of states that are looked at, small, and shown."""

import subprocess
from pathlib import Path

import pytest

from tests.architecture.imports import ROOT
from tests.e2e import screenshots
from tests.e2e.pages import listed
from tests.e2e.screenshots import CHOSEN, DOCS, LARGEST, states


def test_tests_that_fail_replace_no_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept.png"
    kept.touch()
    failed: subprocess.CompletedProcess[bytes] = subprocess.CompletedProcess([], 1)
    monkeypatch.setattr(screenshots, "DOCS", tmp_path)
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_options: failed)
    assert screenshots.main() == 1
    assert kept.exists()


def test_every_picture_is_of_a_state_that_is_looked_at() -> None:
    looked_at = {state for names in listed().values() for state in names}
    assert states() - looked_at == set()


def test_the_pictures_are_those_chosen_and_each_is_small() -> None:
    taken = {path.stem: path.stat().st_size for path in DOCS.glob("*")}
    assert set(taken) == set(CHOSEN), "run `make screenshots`"
    assert {name: size for name, size in taken.items() if size > LARGEST} == {}


def test_every_picture_is_shown_with_words_for_who_does_not_see_it() -> None:
    """RGAA 1.1, for the documentation too."""
    pages = [(ROOT / "README.md").read_text("utf-8"), (ROOT / "docs/pages.md").read_text("utf-8")]
    for name in CHOSEN:
        shown = [page for page in pages if f"pictures/{name}.png)" in page]
        assert shown, name
        assert not any(f"![](docs/pictures/{name}" in page for page in shown), name
