"""Commands of ours that the documentation and the ready files show, and whether they exist."""

import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click

from idp.cli import main as provider
from relying_services.registrations import REGISTRATIONS
from tests.architecture.imports import ROOT
from wallet_sim.cli import main as wallet

_SERVICES = [f"relying_services.{each.client_id}" for each in REGISTRATIONS]
PROGRAMS: dict[str, click.Command] = {
    "ecps-idp": provider,
    "ecps-wallet": wallet,
    **{
        f"python -m {package}": import_module(f"{package}.__main__").main
        for package in ["relying_services", *_SERVICES]
    },
}
_SHOWN = re.compile(rf"(?:^|[\s/(])({'|'.join(map(re.escape, PROGRAMS))}) (?=[a-z-])")
_FENCE = re.compile(r"^ *```[^\n]*\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
_END = re.compile(r"\s+#\s|\s(?:2?>|\||&|;|\)|&&)\s?|&$|;$|\)$")
_STANDS_FOR = re.compile(r"…|\.\.\.")


def pages() -> list[Path]:
    """Where commands are shown to people."""
    docs = [path for path in (ROOT / "docs").rglob("*.md") if "reference" not in path.parts]
    ready = [path for path in (ROOT / "deploy").rglob("*") if path.is_file()]
    return sorted([ROOT / "README.md", ROOT / "SECURITY.md", *docs, *ready])


def shown(page: Path) -> Iterator[list[str]]:
    """The words of each command that a page shows."""
    text = page.read_text("utf-8")
    blocks = _FENCE.findall(text) if page.suffix == ".md" else [text]
    for block in blocks:
        for line in re.sub(r"\\\n\s*", " ", block).splitlines():
            yield from _commands(line)


def _commands(line: str) -> Iterator[list[str]]:
    for found in _SHOWN.finditer(line):
        told = line[found.end() :]
        end = _END.search(told)
        words = told[: end.start()] if end else told
        if not _STANDS_FOR.search(words):
            yield [found[1], *shlex.split(words.rstrip("'\")"))]


def refusal(words: list[str]) -> str:
    """Why a command as shown would be refused before it does anything; nothing where it is one."""
    command: click.Command = PROGRAMS[words[0]]
    rest = words[1:]
    while isinstance(command, click.Group):
        context = command.make_context(words[0], list(rest), resilient_parsing=True)
        below = [*context._protected_args, *context.args]
        if not below:
            return ""
        found = command.get_command(context, below[0])
        if found is None:
            return f"no command {below[0]}"
        command, rest = found, below[1:]
    return _refused_options(command, rest)


def _refused_options(command: click.Command, words: list[str]) -> str:
    """What the parser says of the options, whatever their values."""
    try:
        command.make_parser(click.Context(command)).parse_args(list(words))
    except (click.NoSuchOption, click.BadOptionUsage) as error:
        return error.format_message()
    return ""
