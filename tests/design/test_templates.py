"""What is written in templates: attributes a policy or a screen reader needs, wherever they stand.

A page is looked at in its states; a template is read whole, with what no state showed.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.architecture.imports import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_STATEMENT = re.compile(r"\{%.*?%\}", re.DOTALL)
_VALUE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_ELSEWHERE = re.compile(r"(https?:)?//")


@dataclass(frozen=True)
class Element:
    tag: str
    attributes: dict[str, str | None]

    def __getitem__(self, name: str) -> str:
        return self.attributes.get(name) or ""

    def __contains__(self, name: str) -> bool:
        return name in self.attributes


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(Element(tag, dict(attrs)))


def elements_of(source: str) -> list[Element]:
    """Elements of a template, every branch of it."""
    parser = _Elements()
    parser.feed(_VALUE.sub("value", _STATEMENT.sub("", _COMMENT.sub("", source))))
    return parser.found


RULES: dict[str, Callable[[Element], bool]] = {
    "style stands in the page": lambda e: e.tag == "style" or "style" in e,
    "script stands in the page": lambda e: any(name.startswith("on") for name in e.attributes),
    "a script is in the page, or holds it up": lambda e: (
        e.tag == "script" and not ("src" in e and "defer" in e)
    ),
    "a picture says nothing": lambda e: e.tag == "img" and "alt" not in e,
    "a frame has no title": lambda e: e.tag == "iframe" and not e["title"],
    "the language is not told": lambda e: e.tag == "html" and not e["lang"],
    "a heading of a table has no scope": lambda e: e.tag == "th" and not e["scope"],
    "a drawing is neither hidden nor named": lambda e: (
        e.tag == "svg" and e["aria-hidden"] != "true" and "role" not in e
    ),
    "the order of the page is changed": lambda e: e["tabindex"] not in {"", "0", "-1"},
    "another page gets a hold of this one": lambda e: (
        e["target"] == "_blank" and "noopener" not in e["rel"]
    ),
    "something is loaded from elsewhere": lambda e: (
        e.tag in {"link", "script", "img", "iframe", "source"}
        and any(_ELSEWHERE.match(e[name]) for name in ("src", "href"))
    ),
}
"""What no element may be."""


def faults_of(source: str) -> Iterator[str]:
    """What a template must not hold."""
    elements = elements_of(source)
    for element in elements:
        for words, is_broken in RULES.items():
            if is_broken(element):
                yield f"{words}: <{element.tag} {element.attributes}>"
    tags = [element.tag for element in elements]
    if tags.count("table") != tags.count("caption"):
        yield "a table has no caption"


@pytest.mark.parametrize(
    "source",
    [
        '<p style="color: red">',
        "<style>p { color: red }</style>",
        "<script>alert(1)</script>",
        '<script src="/a.js"></script>',
        '<button onclick="go()">',
        '<img src="/a.png">',
        '<iframe src="/frame">',
        "<html>",
        "<table><tr><th>Date</th></tr></table>",
        '<table><thead><tr><th scope="col">Date</th></tr></thead></table>',
        '<svg viewBox="0 0 1 1">',
        '<input tabindex="3">',
        '<a href="/x" target="_blank">',
        '<script src="https://elsewhere.test/a.js" defer></script>',
        '<link rel="stylesheet" href="//elsewhere.test/a.css">',
        '{% if shown %}<img src="{{ picture }}"{% if big %} class="big"{% endif %}>{% endif %}',
    ],
)
def test_each_fault_is_seen(source: str) -> None:
    assert list(faults_of(source))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_template_holds_no_fault(path: Path) -> None:
    """RGAA 1.1, 2.1, 5.4, 5.7, 8.3, 12.8; no script or style stands in a page."""
    assert list(faults_of(path.read_text("utf-8"))) == []


def test_every_control_of_a_macro_has_a_label_tied_to_it() -> None:
    """RGAA 11.1: axe-core sees those that a state shows; the macros serve the others too."""
    source = (ROOT / "templates" / "design" / "components.html").read_text("utf-8")
    for macro in re.findall(r"\{% macro [a-z]\w*\(.*?\{% endmacro %\}", source, re.DOTALL):
        controls = re.findall(r'<(?:input|select|textarea) id="([^"]+)"', macro)
        labels = re.findall(r'<label for="([^"]+)"', macro)
        assert controls == labels, macro[:60]
