"""The tutorials are short, and show what the examples are and say.

The examples themselves run in `tests/examples` and `tests/harness`.
"""

import re
from pathlib import Path

import pytest

from tests.architecture.imports import ROOT
from tests.docs.blocks import Block, blocks

TUTORIALS = ROOT / "docs" / "tutorial"
EXAMPLES = ROOT / "examples"
SEEN = {
    "node": (EXAMPLES / "node" / "service.test.mjs", r"^✔ (.+)$"),
    "php": (EXAMPLES / "php" / "test.php", r"^ok: (.+)$"),
}
"""Tutorial → the tests that it runs, and how a passed one is told."""
_LONGEST = 100


def seen(language: str) -> str:
    """What the tutorial says is printed."""
    page = blocks(TUTORIALS / f"{language}.md")
    return "\n".join(block.shown for block in page if block.language == "text")


def titled(language: str, title: str) -> list[Block]:
    return [each for each in blocks(TUTORIALS / f"{language}.md") if each.title.endswith(title)]


@pytest.mark.parametrize("page", sorted(TUTORIALS.glob("*.md")), ids=lambda page: page.stem)
def test_a_tutorial_is_read_in_minutes(page: Path) -> None:
    assert len(page.read_text("utf-8").splitlines()) < _LONGEST


@pytest.mark.parametrize("language", ["java", "node", "php", "python"])
def test_every_file_of_the_example_is_in_its_tutorial(language: str) -> None:
    folder = EXAMPLES / ("flask" if language == "python" else language)
    text = (TUTORIALS / f"{language}.md").read_text("utf-8")
    endings = {".java", ".mjs", ".php", ".py", ".xml"}
    files = [
        path.relative_to(ROOT)
        for path in folder.rglob("*")
        if path.suffix in endings and not {".m2", "node_modules", "target"} & set(path.parts)
    ]
    assert files
    assert [path for path in files if str(path) not in text] == []


@pytest.mark.parametrize("language", SEEN)
def test_tests_that_pass_in_a_tutorial_are_those_of_its_example(language: str) -> None:
    file, passed = SEEN[language]
    names = re.findall(passed, seen(language), re.MULTILINE)
    assert len(names) >= 3
    text = file.read_text("utf-8")
    assert [name for name in names if f"'{name}'" not in text] == []


def test_the_tutorial_for_java_counts_its_tests() -> None:
    (tests,) = titled("java", "PscServiceTest.java")
    assert f"Tests run: {tests.shown.count('@Test')}, Failures: 0" in seen("java")


def test_the_tutorial_for_python_builds_its_tests_step_by_step() -> None:
    """Each step adds to the file before it, and the page says how many pass then."""
    first, refusal, fault = (each.shown for each in titled("python", "test_service.py"))
    assert [text.count("\ndef test_") for text in (first, f"\n{refusal}", fault)] == [1, 1, 1]
    assert fault.count('"id_token_') == 2
    compile(f"{first}\n{refusal}\n{fault}", "test_service.py", "exec")
    assert re.findall(r"(\d+) passed", seen("python")) == ["1", "4"]
