"""A promise without a test is not made: whatever the threat model names exists."""

import re
from pathlib import Path

from tests.docs.traceability import PAGE as TRACEABILITY
from tests.docs.traceability import TESTS

_TEXT = (TESTS.parent / "docs" / "threat-model.md").read_text("utf-8")
_PROMISE = re.compile(r"^\| ([^|]+) \| [\d, ]+ \| ([^|]*) \|$", re.MULTILINE)
_PROMISES = _PROMISE.findall(_TEXT)
_PLACE = re.compile(r"`([^`]+)`")


def _places(held_by: str) -> list[Path]:
    """The tests that a promise names; a name alone stands beside the one before it."""
    places: list[Path] = []
    for name in _PLACE.findall(held_by):
        folder = TESTS.parent if name.startswith("tests/") else places[-1].parent
        places.append(folder / name)
    return places


def _attacks(held_by: str) -> list[str]:
    return re.findall(r"\d+", _PLACE.sub("", held_by))


def test_every_row_of_promises_is_read() -> None:
    promises = _TEXT.partition("## Promises")[2].partition("## Not promised")[0]
    rows = [line for line in promises.splitlines() if line.startswith("| ")]
    headings = [row for row in rows if row.startswith("| promise |")]
    assert len(rows) - len(headings) == len(_PROMISES)


def test_every_promise_names_what_holds_it() -> None:
    assert [what for what, by in _PROMISES if not _places(by) and not _attacks(by)] == []


def test_every_test_that_a_promise_names_exists() -> None:
    named = [place for _, by in _PROMISES for place in _places(by)]
    assert [str(place) for place in named if not place.exists()] == []


def test_every_attack_that_a_promise_names_has_a_test() -> None:
    section = TRACEABILITY.read_text("utf-8").partition("## Attacks")[2].partition("\n## ")[0]
    shown = re.findall(r"^\| (\d+) \|", section, re.MULTILINE)
    assert [what for what, by in _PROMISES if not set(_attacks(by)) <= set(shown)] == []
