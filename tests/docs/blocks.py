"""Code blocks of the documentation, as the site shows them, and what is wrong with each."""

import ast
import configparser
import json
import re
import subprocess
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from markdown import Markdown

from tests.architecture.imports import ROOT

_BLOCK = re.compile(
    r"(?P<mark><!-- notation -->\n)?^(?P<indent> *)(?P<fence>```+)(?P<head>[^\n]*)\n"
    r"(?P<body>.*?)^(?P=indent)(?P=fence) *$",
    re.DOTALL | re.MULTILINE,
)
_INCLUDED = re.compile(r'\s*--8<-- "(examples|deploy)/[^"]+"\s*')
_TITLE = re.compile(r'title="([^"]+)"')


@dataclass(frozen=True)
class Block:
    """One fenced block."""

    language: str
    title: str
    written: str
    """As it stands in the page; files that it includes are named."""
    shown: str
    """As it is read: with the files that it includes."""
    is_notation: bool
    """Marked as signatures for people, which only look like the language."""


def blocks(page: Path) -> Iterator[Block]:
    """Every block of a page, in order."""
    for found in _BLOCK.finditer(page.read_text("utf-8")):
        language, _, rest = found["head"].strip().partition(" ")
        title = _TITLE.search(rest)
        written = textwrap.dedent(found["body"])
        yield Block(
            language, title[1] if title else "", written, _with_files(written), bool(found["mark"])
        )


def fault(block: Block) -> str:
    """What is wrong with a block; nothing where it is as its language demands."""
    if block.language in READ_ONLY or block.is_notation:
        return ""
    if block.language in RUN_ELSEWHERE:
        is_included = _INCLUDED.fullmatch(block.written)
        return "" if is_included else f"{block.language} stands here, not in a file that tests run"
    if block.language not in CHECKS:
        return f"no check is known for the language {block.language!r}"
    try:
        CHECKS[block.language](block.shown)
    except (ValueError, SyntaxError, configparser.Error, yaml.YAMLError) as error:
        return f"{block.language}: {error}"
    return ""


def _with_files(written: str) -> str:
    page = Markdown(
        extensions=["pymdownx.snippets"],
        extension_configs={
            "pymdownx.snippets": {"base_path": [str(ROOT)], "check_paths": True},
        },
    )
    return "\n".join(page.preprocessors["snippet"].run(written.split("\n")))


def _shell(text: str) -> None:
    parsed = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
    if parsed.returncode:
        raise ValueError(parsed.stderr)


def _console(text: str) -> None:
    typed = re.findall(r"^\$ ((?:.*\\\n)*.*)$", text, re.MULTILINE)
    if not typed:
        raise ValueError("no line begins with `$ `, as what is typed does")
    _shell("\n".join(typed))


def _ini(text: str) -> None:
    configparser.ConfigParser(strict=False, interpolation=None).read_string(text)


CHECKS: dict[str, Callable[[str], object]] = {
    "python": ast.parse,
    "sh": _shell,
    "console": _console,
    "json": json.loads,
    "yaml": yaml.safe_load,
    "toml": tomllib.loads,
    "ini": _ini,
}
RUN_ELSEWHERE = frozenset({"java", "js", "php", "xml", "dockerfile"})
"""Shown by including a file, which tests of its own run; `tests/examples`, `tests/deploy`."""
READ_ONLY = frozenset({"text", "http"})
"""For people: what is seen, and what goes over the wire."""
