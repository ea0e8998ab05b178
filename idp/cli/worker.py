"""`ecps-idp worker`: sends what waits in the outbox, and expires what lapsed."""

import signal
import threading

import click

from idp.cli.common import opened, pass_settings
from idp.settings import Settings
from idp.web.logs import configure
from idp.worker.jobs import recurring_jobs
from idp.worker.worker import Worker


@click.command("worker", epilog="Example: ecps-idp worker --database-url postgresql://ecps@db/ecps")
@pass_settings
def worker_command(settings: Settings) -> None:
    """Run the worker in the foreground until SIGTERM or SIGINT.

    Several may run at once. Use it with the setting `embedded_worker` off.
    """
    configure(settings.log_level)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopping.set())
    with opened(settings) as provider:
        worker = Worker(provider, recurring_jobs(provider))
        worker.start()
        click.echo("worker started", err=True)
        stopping.wait()
        worker.stop()
    click.echo("worker stopped", err=True)
