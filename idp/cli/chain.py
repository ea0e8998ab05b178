"""What the commands of the chain of registration and of the card share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click
from sqlalchemy.orm import Session

from idp.cards.opposition import ReplacementRefused
from idp.cards.register import TransitionRefused
from idp.cli.common import opened, print_json
from idp.directory.identifiers import IdentifierMalformed, parse_national_id
from idp.provider import Provider, ProviderNotReady
from idp.registration.steps import DetailsInvalid, StepRefused, take
from idp.settings import Settings

T = TypeVar("T")


@contextmanager
def opened_simulation(settings: Settings) -> Iterator[Provider]:
    """The provider of a simulation: invented numbers and cards exist there only (decision 1).

    Raises:
        ProviderNotReady: the database is real, or cannot be served.
    """
    with opened(settings) as provider:
        if not provider.is_simulation:
            raise ProviderNotReady("this is for simulation databases only (decision 1)")
        yield provider


def taken(provider: Provider, step: Callable[[Session], T]) -> T:
    """Take a step in a transaction of its own; its refusal is recorded, and told in words."""
    try:
        return take(provider, step)
    except (StepRefused, TransitionRefused, ReplacementRefused, DetailsInvalid) as error:
        raise click.ClickException(str(error)) from error


def canonical(text: str) -> str:
    """The national identifier that was typed, or what is wrong with it."""
    try:
        return parse_national_id(text)
    except IdentifierMalformed as error:
        raise click.ClickException(f"{text}: {error}") from error


def members(pairs: tuple[str, ...]) -> dict[str, str]:
    """`NAME=VALUE` as members of an activity."""
    for pair in pairs:
        if "=" not in pair:
            raise click.ClickException(f"{pair!r} is not NAME=VALUE")
    return dict(pair.split("=", 1) for pair in pairs)


def told(figures: dict[str, Any], *, as_json: bool) -> None:
    """What a command did: a JSON document, or a line a figure."""
    if as_json:
        print_json(figures)
        return
    for name, value in figures.items():
        shown = "-" if value in (None, "", [], {}) else value
        click.echo(f"{name}: {shown}")
