"""The commands and their options, as `--help` tells them."""

import inspect
import re
from collections.abc import Iterator
from importlib import import_module

import click

from idp.cli import main as provider_commands
from relying_services.__main__ import main as services_commands
from relying_services.registrations import REGISTRATIONS
from wallet_sim.cli import main as wallet_commands

_HEAD = """# `{name}`

Generated from the commands by `make docs`: edit there. Exit status 0 only on success.
"""


def provider() -> str:
    """The page of `ecps-idp`."""
    return _page("ecps-idp", provider_commands)


def wallet() -> str:
    """The page of `ecps-wallet`."""
    return _page("ecps-wallet", wallet_commands)


def services() -> str:
    """The page of the services that trust the provider: of all, then of each."""
    packages = [f"relying_services.{service.client_id}" for service in REGISTRATIONS]
    sections = [
        section
        for package in packages
        for section in _sections(f"python -m {package}", import_module(f"{package}.__main__").main)
    ]
    return "\n".join([_page("python -m relying_services", services_commands), *sections])


def _page(name: str, main: click.Command) -> str:
    return "\n".join([_HEAD.format(name=name), *_sections(name, main)])


def _sections(name: str, main: click.Command) -> list[str]:
    return [_section(path, command) for path, command in _walk(name, main)]


def _walk(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None:
                yield from _walk(f"{path} {name}", found)


def _section(path: str, command: click.Command) -> str:
    lines = [f"## `{path}`", "", _paragraphs(command.help or ""), ""]
    rows = [_row(parameter) for parameter in command.params if _is_told(parameter)]
    if rows:
        lines += ["| option or argument | meaning |", "|---|---|", *rows, ""]
    if command.epilog:
        lines += [f"`{command.epilog.removeprefix('Example: ').strip()}`", ""]
    return "\n".join(lines)


def _paragraphs(text: str) -> str:
    told = inspect.cleandoc(text).replace("\b", "")
    before, mark, example = told.partition("Example:")
    shown = _escaped(before.strip())
    return f"{shown}\n\n`{' '.join(example.split())}`" if mark else shown


def _is_told(parameter: click.Parameter) -> bool:
    return not getattr(parameter, "hidden", False) and parameter.name != "help"


def _row(parameter: click.Parameter) -> str:
    if not isinstance(parameter, click.Option):
        return f"| `{parameter.make_metavar(click.Context(click.Command('')))}` | |"
    names = ", ".join([*parameter.opts, *parameter.secondary_opts])
    default = parameter.default
    is_said = not parameter.is_flag and default != "" and isinstance(default, str | int | float)
    meaning = _escaped(parameter.help or "")
    return f"| `{names}` | {meaning}{f' Default: `{default}`.' if is_said else ''} |"


def _escaped(text: str) -> str:
    return re.sub(r"([|<>*_])", r"\\\1", " ".join(text.split()) if "|" in text else text)
