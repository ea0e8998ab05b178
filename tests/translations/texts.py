"""What people are told, read from the source: which texts pass through a translation."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.architecture.imports import ROOT, Module

TRANSLATING = {"_", "_l", "gettext", "lazy_gettext", "ngettext", "lazy_ngettext"}
FRENCH = re.compile(r"[àâçéèêëîïôûùœÀÂÇÉÈÊËÎÔÛŒ’«]")
"""Letters that no English of ours has: whoever writes one outside a translation says something."""
_TELLING = {"error_page", "Told", "flash"}
_TOLD = {"error", "error_text", "text", "title", "told", "meaning", "message", "advice", "notice"}
"""Names under which templates are given what to say."""


def is_french(text: str) -> bool:
    """Whether a text says something in French: not a lone sign."""
    return FRENCH.search(text) is not None and sum(letter.isalpha() for letter in text) > 1


@dataclass(frozen=True)
class Text:
    """A text in the source, and where it stands."""

    place: str
    text: str


def untranslated(module: Module) -> Iterator[Text]:
    """French outside a translation, and literal texts where a person is told something."""
    done = _translated(module.tree) | _docstrings(module.tree)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and id(node) not in done and _is_french(node.value):
            yield _text(module, node)
        if isinstance(node, ast.Call):
            for given in _given(node):
                if id(given) not in done and _is_literal(given):
                    yield _text(module, given)


def _translated(tree: ast.Module) -> set[int]:
    calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call)]
    wrapped = [each for each in calls if _name(each.func) in TRANSLATING]
    return {id(node) for call in wrapped for node in ast.walk(call)}


def _docstrings(tree: ast.Module) -> set[int]:
    expressions = [each for each in ast.walk(tree) if isinstance(each, ast.Expr)]
    return {id(each.value) for each in expressions if isinstance(each.value, ast.Constant)}


def _given(call: ast.Call) -> Iterator[ast.expr]:
    """What a call hands to a page to be read."""
    name = _name(call.func)
    is_page = name in {"render_template", "page"}
    if not is_page and name not in _TELLING and not _is_base_of_told(call):
        return
    if not is_page:
        yield from call.args
    yield from (each.value for each in call.keywords if each.arg in _TOLD)


def _is_base_of_told(call: ast.Call) -> bool:
    """`super().__init__(HTTPStatus.GONE, text)`: what a page tells, by a class of its own."""
    return (
        isinstance(call.func, ast.Attribute)
        and call.func.attr == "__init__"
        and bool(call.args)
        and isinstance(call.args[0], ast.Attribute)
        and _name(call.args[0].value) == "HTTPStatus"
    )


def _is_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and any(letter.isalpha() for letter in node.value)
    return isinstance(node, ast.JoinedStr)


def _is_french(value: object) -> bool:
    return isinstance(value, str) and is_french(value)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _text(module: Module, node: ast.expr) -> Text:
    place = f"{module.path.relative_to(ROOT)}:{node.lineno}"
    return Text(place, ast.unparse(node)[:80])
