"""Options that commands of services share, and what they say: the database, the clock, the port."""

from collections.abc import Callable
from typing import Any

import click

from relying_services.clock import Clock
from relying_services.following import ClockRefused, ClockSource, clock_now
from relying_services.service.service import Kind

PORT = click.IntRange(1, 65_535)
"""Of TCP; a service must know its own, for its addresses."""
CLOCK_FROM = click.option(
    "--clock-from",
    metavar="URL",
    help="Provider of a simulation whose moved clock is followed.  [default: the machine's clock]",
)


_DATABASES = ("sqlite://", "postgresql://", "postgresql+psycopg://")


def database_option(kind: Kind) -> Callable[[Any], Any]:
    """`--database-url`, of the service's own database."""
    return click.option(
        "--database-url",
        default=f"sqlite:///{kind.name}.db",
        show_default=True,
        envvar=f"{kind.name.upper().replace('-', '_')}_DATABASE_URL",
        callback=_database,
        help="sqlite:///FILE or postgresql://…",
    )


def clock_options(command: Callable[..., None]) -> Callable[..., None]:
    """`--clock-from` and `--provider-secret`: the time of a simulation, beside its provider."""
    secret = click.option(
        "--provider-secret",
        envvar="ECPS_DEV_SECRET",
        default="",
        help="Start-up secret of the provider whose clock is followed, or ECPS_DEV_SECRET.",
    )
    return CLOCK_FROM(secret(command))


def clock_source(url: str | None, secret: str) -> ClockSource | None:
    """Whose clock is followed, as the options say; None where it is the machine's.

    Raises:
        ClickException: the provider does not tell its clock.
    """
    if url is None:
        return None
    source = ClockSource(url, secret)
    _told(source)
    return source


def command_clock(url: str | None, secret: str) -> Clock:
    """The clock by which a command works: beside a simulation that of its provider.

    Raises:
        ClickException: the provider does not tell its clock.
    """
    return Clock() if url is None else _told(ClockSource(url, secret))


def _told(source: ClockSource) -> Clock:
    try:
        return clock_now(source)
    except ClockRefused as error:
        raise click.ClickException(str(error)) from error


def _database(_context: click.Context, _option: click.Parameter, given: str) -> str:
    """What is refused is not repeated: it may hold a password."""
    if not given.startswith(_DATABASES):
        raise click.BadParameter("say sqlite:///FILE or postgresql://USER@HOST/DATABASE")
    return given
