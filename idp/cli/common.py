"""What every command shares: settings, an open provider, and how data is printed."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import click

from idp.provider import Provider, open_provider
from idp.settings import Settings
from idp.store.world import clock_offset

P = ParamSpec("P")
R = TypeVar("R")


def read_settings(
    *, config: Path | None = None, database_url: str | None = None, **given: Any
) -> Settings:
    """Settings from arguments, the environment (``ECPS_…``) and a TOML file, in that order.

    Arguments that are None are left to the other sources. Raises pydantic's ValidationError.
    """
    if config is not None:
        os.environ["ECPS_CONFIG"] = str(config)
    given["database_url"] = database_url
    return Settings(**{name: value for name, value in given.items() if value is not None})


def settings_options(function: Callable[P, R]) -> Callable[P, R]:
    """The options that say which settings and which database a command works on."""
    for option in (
        click.option(
            "--database-url", metavar="URL", help="Database: sqlite:///FILE or postgresql://…"
        ),
        click.option(
            "--config",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="TOML file of settings (also ECPS_CONFIG).",
        ),
    ):
        function = option(function)
    return function


def pass_settings(function: Callable[Concatenate[Settings, P], R]) -> Callable[..., R]:
    """Give the command its settings as first argument, and the options that choose them."""

    @settings_options
    @wraps(function)
    def command(*args: Any, config: Path | None, database_url: str | None, **options: Any) -> R:
        settings = read_settings(config=config, database_url=database_url)
        return function(settings, *args, **options)

    return command


@contextmanager
def opened(settings: Settings) -> Iterator[Provider]:
    """The provider of these settings, at the time its simulation was moved to (decision 5).

    Raises:
        ProviderNotReady: the database is not initialised, or contradicts the settings.
    """
    provider = open_provider(settings)
    try:
        if provider.is_simulation:
            with provider.store.read() as db:
                provider.clock.synchronise(clock_offset(db))
        yield provider
    finally:
        provider.store.close()


def print_json(value: Any) -> None:
    """One JSON document, readable, with French as it is written."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
