"""Every page of the four applications, and the states in which it was looked at.

`pages.toml` names them by template. The list is true: `Onlooker.check` refuses a state on another
page, and `tests/docs/test_pages.py` a template without state, or a state that nobody looks at.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, nodes

TESTS = Path(__file__).parent
TEMPLATES = TESTS.parents[1] / "templates"
_LIST = TESTS / "pages.toml"
OF_EACH_SERVICE = "kind_base"
"""What a page that every service has extends: the base of whichever shows it."""


def listed() -> dict[str, list[str]]:
    """Names of states by template."""
    return tomllib.loads(_LIST.read_text("utf-8"))


def check_listed(name: str, template: str) -> None:
    """A state is listed, under the page that the browser stands on.

    Raises:
        AssertionError: it is not.
    """
    where = [page for page, states in listed().items() if name in states]
    assert where == [template], f"{name} stands on {template}; tests/e2e/pages.toml says {where}"


def pages() -> set[str]:
    """Templates that are a page: they extend a base, and no page extends them."""
    extended: set[str] = set()
    found: set[str] = set()
    for path in sorted(TEMPLATES.rglob("*.html")):
        base = _base_of(path)
        if base is not None:
            found.add(path.relative_to(TEMPLATES).as_posix())
            application = path.relative_to(TEMPLATES).parts[0]
            extended.add(f"{application}/{base}")
    return found - extended


def _base_of(path: Path) -> str | None:
    tree = Environment(autoescape=True).parse(path.read_text("utf-8"))
    extends = tree.find(nodes.Extends)
    if extends is None:
        return None
    if isinstance(extends.template, nodes.Name) and extends.template.name == OF_EACH_SERVICE:
        return OF_EACH_SERVICE
    assert isinstance(extends.template, nodes.Const), f"{path} extends what is not written there"
    return str(extends.template.value)


class Looks:
    """What one module of tests looks at: the names that `onlooker.check(…)` is given there."""

    def __init__(self, path: Path) -> None:
        tree = ast.parse(path.read_text("utf-8"))
        self.place = path.name
        self.written: list[str] = []
        """Names that stand in the call."""
        self._patterns: list[str] = []
        self._has_variable = False
        self._constants = {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _is_check(node):
                self._take(node.args[0])

    def _take(self, name: ast.expr) -> None:
        if isinstance(name, ast.Constant):
            self.written.append(str(name.value))
        elif isinstance(name, ast.JoinedStr):
            parts = [
                re.escape(str(each.value)) if isinstance(each, ast.Constant) else ".+"
                for each in name.values
            ]
            self._patterns.append("".join(parts))
        else:
            self._has_variable = True

    def look_at(self, state: str) -> bool:
        """Whether this module looks at a state: by its name, or by a table of names."""
        if state in self.written or any(re.fullmatch(each, state) for each in self._patterns):
            return True
        return self._has_variable and state in self._constants


def looks() -> Iterator[Looks]:
    """Of every module of tests in a browser."""
    return (Looks(path) for path in sorted(TESTS.glob("test_*.py")))


def _is_check(call: ast.Call) -> bool:
    """Playwright has a `check` too, of a box: it is given a selector, or nothing."""
    function = call.func
    if not (isinstance(function, ast.Attribute) and function.attr == "check" and call.args):
        return False
    name = call.args[0]
    if isinstance(name, ast.Constant):
        return re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", str(name.value)) is not None
    return isinstance(function.value, ast.Name) and function.value.id in {"onlooker", "watcher"}
