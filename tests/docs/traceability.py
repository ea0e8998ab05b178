"""Which test shows which requirement: read from docstrings, written to `docs/traceability.md`.

python -m tests.docs.traceability
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent.parent
PAGE = TESTS.parent / "docs" / "traceability.md"

_IDENTIFIERS = {
    "Requirements of the domain": re.compile(r"\b(?:EC|EP|CP|MA|SV)-\d{2}\b"),
    "Attacks on the phone and its protocol": re.compile(r"\b[Aa]ttacks? (\d{1,2})\b"),
    "Certification modules": re.compile(r"\boidcc-[a-z0-9-]+[a-z0-9]\b"),
    "Rules of decision": re.compile(r"\b[Dd]ecisions? (\d{1,2})\b"),
}
_HEAD = """# Traceability

Which test shows which requirement. Generated from the docstrings of the tests: do not edit.
"""


def render() -> str:
    """The whole page."""
    found: dict[str, dict[str, set[str]]] = {title: defaultdict(set) for title in _IDENTIFIERS}
    for place, text in _docstrings():
        for title, pattern in _IDENTIFIERS.items():
            for match in pattern.finditer(text):
                found[title][match[match.lastindex or 0]].add(place)
    return _HEAD + "".join(_section(title, found[title]) for title in _IDENTIFIERS)


def _section(title: str, rows: dict[str, set[str]]) -> str:
    lines = [f"\n## {title}\n", "| id | shown by |", "|---|---|"]
    for identifier in sorted(rows, key=_order):
        places = ", ".join(f"`{place}`" for place in sorted(rows[identifier]))
        lines.append(f"| {identifier} | {places} |")
    return "\n".join(lines) + "\n"


def _order(identifier: str) -> tuple[int, str]:
    return (int(identifier), "") if identifier.isdigit() else (0, identifier)


def _docstrings() -> Iterator[tuple[str, str]]:
    for path in sorted(TESTS.rglob("test_*.py")):
        module = ast.parse(path.read_text("utf-8"))
        name = path.relative_to(TESTS).as_posix()
        yield name, ast.get_docstring(module) or ""
        for node in module.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and "est" in node.name[:4]:
                yield f"{name}::{node.name}", ast.get_docstring(node) or ""


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
