"""The commands of a service: serve it, read what it wrote to people and what was done."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import click
from flask import Flask

from relying_services.clock import Clock
from relying_services.service.app import service_of
from relying_services.service.messages import Postman
from relying_services.service.service import Kind
from relying_services.service.serving import serve as serve_app
from relying_services.service.settings import LIMITS, ServiceSettings, WrongSetting
from relying_services.service.store.database import Store
from relying_services.service.store.messages import messages_after
from relying_services.service.store.models import TraceRow
from relying_services.service.store.trace import entries, purge

DEFAULT_BASE = 8000
Settings = TypeVar("Settings", bound=ServiceSettings)


def group(
    kind: Kind,
    doc: str,
    settings: Callable[..., Settings],
    make: Callable[[Settings], Flask],
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
    @click.option("--port", type=int, default=port, show_default=True)
    @click.option("--base-url", help="Public address.  [default: http://localhost:PORT]")
    @database_option(kind)
    @click.option(
        "--limits",
        type=click.Choice(list(LIMITS)),
        default="recent",
        show_default=True,
        help="When a sign-in is cut: as in 2007, or as portals do today.",
    )
    @click.option("--smtp-url", default="", help="smtp://host:port, where mails are handed over.")
    @click.option("--trusted-proxies", type=int, default=0, help="Proxies that stand before it.")
    def serve(**given: Any) -> None:
        """Serve until interrupted; the database is brought up to date first."""
        address, port = given.pop("address"), given.pop("port")
        given["base_url"] = (given["base_url"] or f"http://localhost:{port}").rstrip("/")
        given["limits"] = LIMITS[given["limits"]]
        try:
            made = settings(**given)
            made.check()
        except WrongSetting as error:
            raise click.UsageError(str(error)) from error
        load = partial(_load, make, made)
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
        type=click.IntRange(min=1),
        required=True,
        help="How long an entry of the trace is kept.",
    )
    def purge_trace(database_url: str, trace_days: int) -> None:
        """Forget entries of the trace whose retention is over; for a daily job."""
        before = Clock().now() - timedelta(days=trace_days)
        with opened(kind, database_url).begin() as db:
            purge(db, before)

    return commands


def database_option(kind: Kind) -> Callable[[Any], Any]:
    """`--database-url`, of the service's own database."""
    return click.option(
        "--database-url",
        default=f"sqlite:///{kind.name}.db",
        show_default=True,
        envvar=f"{kind.name.upper().replace('-', '_')}_DATABASE_URL",
        help="sqlite:///FILE or postgresql://…",
    )


def opened(kind: Kind, database_url: str) -> Store:
    """The database of a service, brought up to date."""
    store = Store(database_url, kind.tables)
    store.upgrade()
    return store


def told_of(entry: TraceRow) -> dict[str, Any]:
    """An entry of the trace, as it is exported."""
    names = [column.key for column in TraceRow.__table__.columns]
    return {name: getattr(entry, name) for name in names} | {"at": entry.at.isoformat()}


def _load(make: Callable[[Settings], Flask], settings: Settings) -> Flask:
    app = make(settings)
    if settings.smtp_url:
        store = service_of(app).store
        Postman(store, Clock(), settings.smtp_url, settings.sender).start()
    return app
