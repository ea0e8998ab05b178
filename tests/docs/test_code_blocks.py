"""Code that the documentation shows is whole, and names what exists.

Blocks that a test can run are run where the page's subject is tested: `tests/harness`,
`tests/dev`, `tests/wallet/behaviours`, `tests/wallet/fleet`, `tests/examples`.
"""

import re
import tomllib
from pathlib import Path

import pytest

from idp.settings import Settings
from tests.architecture.imports import ROOT
from tests.docs.blocks import Block, blocks, fault

_VARIABLE = re.compile(r"\bECPS_[A-Z][A-Z0-9_]*\b")
_OUR_SETTINGS = re.compile(r"(^|/)(ecps|api)\.toml$")
PAGES = sorted(
    [ROOT / "README.md", ROOT / "SECURITY.md"]
    + [page for page in (ROOT / "docs").rglob("*.md") if "reference" not in page.parts]
)


def block(language: str, text: str) -> Block:
    return Block(language, "", text, text, is_notation=False)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("", "ls"),
        ("cobol", "STOP RUN."),
        ("python", "def f(:"),
        ("sh", "if true; then"),
        ("console", "ls"),
        ("console", "$ for x in"),
        ("json", "{'a': 1}"),
        ("yaml", "a: [1"),
        ("toml", "a = "),
        ("ini", "a = 1"),
        ("java", "class T {}"),
    ],
)
def test_a_broken_block_is_noticed(language: str, text: str) -> None:
    assert fault(block(language, text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_names_its_language_and_is_well_formed(page: Path) -> None:
    assert [found for each in blocks(page) if (found := fault(each))] == []


def test_settings_in_a_shown_file_exist() -> None:
    """Also in those that are shown with a comment as their first line."""
    unknown = {
        f"{page.relative_to(ROOT)}: {name}"
        for page in PAGES
        for each in blocks(page)
        if each.language == "toml" and _is_ours(each)
        for name in tomllib.loads(each.shown)
        if name not in Settings.model_fields
    }
    assert unknown == set()


def test_files_of_settings_are_found() -> None:
    pages = {page.name for page in PAGES for each in blocks(page) if _is_ours(each)}
    assert pages >= {"systemd.md", "settings.md", "token-exchange.md"}


def test_environment_variables_that_are_named_are_read() -> None:
    """By a setting, or by the code under that very name."""
    named = {
        variable
        for page in [*PAGES, *(path for path in (ROOT / "deploy").rglob("*") if path.is_file())]
        for variable in _VARIABLE.findall(page.read_text("utf-8"))
    }
    assert len(named) > 10
    settings = {f"ECPS_{name.upper()}" for name in Settings.model_fields}
    assert sorted(named - settings - _in_code()) == []


def _is_ours(each: Block) -> bool:
    first = each.shown.partition("\n")[0].removeprefix("#").strip()
    return bool(_OUR_SETTINGS.search(each.title) or _OUR_SETTINGS.search(first.split(":")[0]))


def _in_code() -> set[str]:
    files = [path for part in ("idp", "wallet_sim") for path in (ROOT / part).rglob("*.py")]
    return {name for path in files for name in _VARIABLE.findall(path.read_text("utf-8"))}
