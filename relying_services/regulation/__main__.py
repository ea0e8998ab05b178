"""`python -m relying_services.regulation`: the platform and its commands."""

import click

from relying_services.clock import Clock
from relying_services.regulation import KIND, RegulationSettings, create_app
from relying_services.regulation.calls import URGENCIES
from relying_services.regulation.invented import invented_calls, new_call
from relying_services.regulation.store.calls import add_calls
from relying_services.service.command import group, opened
from relying_services.service.options import database_option

_SERVED_WITH = (
    click.Option(
        ["--most-taken"],
        type=click.IntRange(min=1),
        default=RegulationSettings.most_taken,
        show_default=True,
        help="Calls that one regulator may have in hand.",
    ),
)

main = group(
    KIND,
    "The regulation platform of the SAS.",
    RegulationSettings,
    create_app,
    options=_SERVED_WITH,
)


@main.command("populate", epilog="Example: … populate --calls 20 --seed 1")
@database_option(KIND)
@click.option("--calls", "count", type=click.IntRange(1, 1000), default=6, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def populate(database_url: str, count: int, seed: int) -> None:
    """Invent calls that wait."""
    with opened(KIND, database_url).begin() as db:
        add_calls(db, invented_calls(count, seed, Clock().now()))
    click.echo(f"{count} calls wait")


@main.command("call", epilog="Example: … call --urgency P2 --reason Fièvre --place Exempleville")
@database_option(KIND)
@click.option("--urgency", type=click.Choice(list(URGENCIES)), required=True)
@click.option("--reason", required=True)
@click.option("--place", required=True)
@click.option("--phone", default="01 99 00 00 00", show_default=True)
def call(database_url: str, urgency: str, reason: str, place: str, phone: str) -> None:
    """Enter one call; prints its number."""
    row = new_call(Clock().now(), urgency=urgency, reason=reason, place=place, phone=phone)
    with opened(KIND, database_url).begin() as db:
        add_calls(db, [row])
    click.echo(row.id)


if __name__ == "__main__":
    main()
