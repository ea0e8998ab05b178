"""How the commands of a card are given its codes (decision 42)."""

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

CODE_VARIABLE = "ECPS_CARD_CODE"
UNBLOCK_VARIABLE = "ECPS_CARD_UNBLOCK_CODE"
NEW_CODE_VARIABLE = "ECPS_CARD_NEW_CODE"

F = TypeVar("F", bound=Callable[..., Any])


def code_options(function: F) -> F:
    """`--code`, `--code-stdin` and the environment."""
    for option in (
        click.option("--code-stdin", is_flag=True, help="Read the code from standard input."),
        click.option(
            "--code",
            envvar=CODE_VARIABLE,
            help=f"The code; also {CODE_VARIABLE}. Asked where missing.",
        ),
    ):
        function = option(function)
    return function


def new_code_options(function: F) -> F:
    """Unblocking code and new code, in the same ways."""
    for option in (
        click.option(
            "--code-stdin", is_flag=True, help="Read both from standard input, one a line."
        ),
        click.option(
            "--new-code",
            envvar=NEW_CODE_VARIABLE,
            help=f"New code; also {NEW_CODE_VARIABLE}. Asked where missing.",
        ),
        click.option(
            "--unblock-code",
            envvar=UNBLOCK_VARIABLE,
            help=f"Unblocking code; also {UNBLOCK_VARIABLE}. Asked where missing.",
        ),
    ):
        function = option(function)
    return function


def read_code(code: str | None, *, code_stdin: bool, prompt: str, confirm: bool = False) -> str:
    """The code from wherever the options say, else asked without showing it.

    No warning of a plain one (decision 42): cards are of simulations only.
    """
    if code_stdin:
        return sys.stdin.readline().strip()
    if code is not None:
        return code
    typed: str = click.prompt(prompt, hide_input=True, confirmation_prompt=confirm, err=True)
    return typed
