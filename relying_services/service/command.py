"""The commands of a service: serve it, read what it wrote to people and what was done."""

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from typing import Any, TypeVar

import click
from flask import Flask

from relying_services.clock import Clock
from relying_services.following import ClockSource, clock_of
from relying_services.service.app import service_of
from relying_services.service.messages import start_postman
from relying_services.service.options import (
    PORT,
    clock_options,
    clock_source,
    command_clock,
    database_option,
)
from relying_services.service.retention import Retention, forget
from relying_services.service.service import Kind
from relying_services.service.serving import serve_app
from relying_services.service.settings import LIMITS, ServiceSettings, WrongSetting
from relying_services.service.store.database import Store
from relying_services.service.store.messages import messages_after
from relying_services.service.store.models import TraceRow
from relying_services.service.store.trace import entries

DEFAULT_BASE = 8000
Settings = TypeVar("Settings", bound=ServiceSettings)

_DAYS = click.IntRange(1, 36_500)
"""Of a retention: up to a hundred years."""
_DRAFT_DAYS = click.Option(
    ["--draft-days"],
    type=_DAYS,
    default=Retention.draft_days,
    show_default=True,
    help="How long what was drawn up and never confirmed is kept.",
)


def group(
    kind: Kind,
    doc: str,
    settings: Callable[..., Settings],
    make: Callable[[Settings, Clock], Flask],
    *,
    options: Sequence[click.Option] = (),
) -> click.Group:
    """The group of a service: `serve`, `messages`, `trace`, `purge`; it may add its own.

    Args:
        kind: which service.
        doc: one line of help.
        settings: makes settings from keyword arguments.
        make: makes the application.
        options: of `serve` besides, each named as the setting that it gives.
    """
    commands = click.Group(kind.name, help=doc)
    own = f"{kind.name.upper().replace('-', '_')}_"
    variable = f"{own}CLIENT_SECRET"
    port = DEFAULT_BASE + kind.port_offset

    @commands.command("serve", epilog=f"Example: {variable}=… python -m … serve")
    @click.option("--issuer", default="http://localhost:8000/auth/realms/esante-wallet")
    @click.option("--client-id", default=kind.name, show_default=True)
    @click.option("--client-secret", envvar=variable, required=True, help=f"Or {variable}.")
    @click.option("--address", default="127.0.0.1", help="IP address to listen on.")
    @click.option("--port", type=PORT, default=port, show_default=True)
    @click.option("--base-url", help="Public address.  [default: http://localhost:PORT]")
    @database_option(kind)
    @click.option(
        "--limits",
        type=click.Choice(list(LIMITS)),
        default="recent",
        show_default=True,
        help="When a sign-in is cut: as in 2007, or as portals do today.",
    )
    @clock_options
    @click.option("--smtp-url", default="", help="smtp://host:port, where mails are handed over.")
    @click.option("--trusted-proxies", type=int, default=0, help="Proxies that stand before it.")
    def serve(**given: Any) -> None:
        """Serve until interrupted; the database is brought up to date first."""
        address, port = given.pop("address"), given.pop("port")
        source = clock_source(given.pop("clock_from"), given.pop("provider_secret"))
        given["base_url"] = (given["base_url"] or f"http://localhost:{port}").rstrip("/")
        given["limits"] = LIMITS[given["limits"]]
        load = partial(_load, make, _made(settings, given), source)
        serve_app(load, address=address, port=port, secrets=own)

    serve.params.extend(options)

    @commands.command("messages")
    @database_option(kind)
    @click.option("--after", type=int, default=0, help="Number of the last message known.")
    def show_messages(database_url: str, after: int) -> None:
        """Print what was written to people, a JSON object a line."""
        with opened(kind, database_url).read() as db:
            for each in messages_after(db, after):
                told = {
                    "id": each.id,
                    "at": each.at.isoformat(),
                    "kind": each.kind,
                    "recipient": each.recipient,
                    "subject": each.subject,
                    "text": each.text,
                }
                click.echo(json.dumps(told, ensure_ascii=False))

    @commands.command("trace")
    @database_option(kind)
    @click.option("--sid", help="Of the provider's session.")
    @click.option("--limit", type=int, default=100, show_default=True)
    def show_trace(database_url: str, sid: str | None, limit: int) -> None:
        """Print what was done, newest first, a JSON object a line."""
        with opened(kind, database_url).read() as db:
            for each in entries(db, sid=sid, limit=limit):
                click.echo(json.dumps(told_of(each), ensure_ascii=False))

    @commands.command("purge", epilog="Example: … purge --trace-days 1095")
    @database_option(kind)
    @click.option(
        "--trace-days",
        type=_DAYS,
        required=True,
        help="How long an entry of the trace is kept.",
    )
    @click.option(
        "--message-days",
        type=_DAYS,
        default=Retention.message_days,
        show_default=True,
        help="How long a mail or a letter is kept; with a code, no longer than that can be used.",
    )
    @clock_options
    def purge(database_url: str, clock_from: str | None, provider_secret: str, **days: int) -> None:
        """Forget what was kept long enough; for a daily job."""
        clock = command_clock(clock_from, provider_secret)
        with closing(opened(kind, database_url)) as store:
            is_clean = forget(kind, store, clock.now(), Retention(**days))
        if not is_clean:
            raise click.ClickException(
                "all is deleted, but somebody reads the file: what was deleted is in its "
                "write-ahead log until the next purge"
            )

    if kind.on_purge is not None:
        purge.params.append(_DRAFT_DAYS)
    return commands


def opened(kind: Kind, database_url: str) -> Store:
    """The database of a service, brought up to date."""
    store = Store(database_url, kind.tables)
    store.upgrade()
    return store


def told_of(entry: TraceRow) -> dict[str, Any]:
    """An entry of the trace, as it is exported."""
    names = [column.key for column in TraceRow.__table__.columns]
    return {name: getattr(entry, name) for name in names} | {"at": entry.at.isoformat()}


def _made(settings: Callable[..., Settings], given: dict[str, Any]) -> Settings:
    try:
        made = settings(**given)
        made.check()
    except WrongSetting as error:
        raise click.UsageError(str(error)) from error
    return made


def _load(
    make: Callable[[Settings, Clock], Flask], settings: Settings, source: ClockSource | None
) -> Flask:
    clock = clock_of(source)
    app = make(settings, clock)
    start_postman(service_of(app))
    return app
