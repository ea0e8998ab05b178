"""Which test shows which requirement: read from docstrings, written to `docs/traceability.md`.

python -m tests.docs.traceability
"""

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent.parent
PAGE = TESTS.parent / "docs" / "traceability.md"
PLANS = TESTS / "conformance" / "plans.toml"

_IDENTIFIERS = {
    "Requirements of the domain": re.compile(r"\b(?:EC|EP|CP|MA|SV)-\d{2}\b"),
    "Attacks on the phone and its protocol": re.compile(r"\b[Aa]ttacks? (\d{1,2})\b"),
    "Rules of decision": re.compile(r"\b[Dd]ecisions? (\d{1,2})\b"),
}
_HEAD = """# Traceability

Which test shows which requirement. Generated from the docstrings of the tests: do not edit.
"""
_NOT_RUN = """
## Certification plans

The suite itself was not run; each module is shown by a test written from the specifications.
"""


def render() -> str:
    """The whole page."""
    found: dict[str, dict[str, set[str]]] = {title: defaultdict(set) for title in _IDENTIFIERS}
    for place, text in _docstrings():
        for title, pattern in _IDENTIFIERS.items():
            for match in pattern.finditer(text):
                found[title][match[match.lastindex or 0]].add(place)
    sections = [_section(title, found[title]) for title in _IDENTIFIERS]
    return _HEAD + "".join(sections) + _NOT_RUN + "".join(_plan(plan) for plan in plans())


def plans() -> list[dict[str, Any]]:
    """The certification plans, each module with the tests that show it under `shown_by`.

    A plan of another's modules has a `prefix`, which docstrings write before their ids.
    """
    read: list[dict[str, Any]] = tomllib.loads(PLANS.read_text("utf-8"))["plan"]
    found = list(_docstrings())
    for plan in read:
        for module in plan["modules"]:
            written = re.escape(plan.get("prefix", "") + module["id"])
            whole = re.compile(rf"(?<![\w-]){written}(?![\w-])")
            module["shown_by"] = sorted(place for place, text in found if whole.search(text))
    return read


def _plan(plan: dict[str, Any]) -> str:
    shown = [module for module in plan["modules"] if module["shown_by"]]
    lines = [
        f"\n## {plan['name']} (`{plan['id']}`): {len(shown)} of {len(plan['modules'])}\n",
        "| module | shown by |",
        "|---|---|",
    ]
    for module in plan["modules"]:
        only = f" ({module['only']})" if "only" in module else ""
        places = ", ".join(f"`{place}`" for place in module["shown_by"]) or "-"
        lines.append(f"| {module['id']}{only} | {places} |")
    return "\n".join(lines) + "\n"


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
