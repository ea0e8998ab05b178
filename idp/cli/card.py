"""`ecps-idp card`: the physical cards of a simulation (CP-03 to CP-13)."""

from datetime import UTC, datetime

import click

from idp.cards.opposition import OppositionReason, oppose, order_replacement
from idp.cards.ordering import EMPLOYEES
from idp.cards.register import move
from idp.cards.renewal import renew_due
from idp.cards.states import CardAct
from idp.cli.chain import canonical, opened_simulation, taken, told
from idp.cli.common import json_option, pass_settings, print_json
from idp.directory.people import find_person
from idp.registration.employer import request_card
from idp.registration.wording import described_card
from idp.settings import Settings
from idp.store.cards import cards_of_person, find_card


@click.group("card", epilog="Example: ecps-idp card list 899700990015")
def card_group() -> None:
    """List, order, receive, oppose and renew physical cards."""


@card_group.command("list", epilog="Example: ecps-idp card list 899700990015 --json")
@click.argument("national_id")
@json_option
@pass_settings
def list_command(settings: Settings, national_id: str, *, as_json: bool) -> None:
    """Every card of a person, newest order first."""
    holder = canonical(national_id)
    with opened_simulation(settings) as provider, provider.store.read() as db:
        person = find_person(db, holder)
        cards = cards_of_person(db, person.national_id if person else holder)
    if as_json:
        print_json([described_card(card) for card in cards])
        return
    for card in cards:
        until = f"{card.ends_at:%Y-%m-%d}" if card.ends_at else "-"
        click.echo(
            f"{card.card_number} {card.family} {card.version} {card.state} {until} "
            f"{len(card.activities)} activities"
        )


@card_group.command("show", epilog="Example: ecps-idp card show 9700000001")
@click.argument("card_number")
@json_option
@pass_settings
def show_command(settings: Settings, card_number: str, *, as_json: bool) -> None:
    """One card; never its keys or codes."""
    with opened_simulation(settings) as provider, provider.store.read() as db:
        card = find_card(db, card_number)
    if card is None:
        raise click.ClickException(f"no card {card_number}")
    told(described_card(card), as_json=as_json)


@card_group.command(
    "order",
    epilog="Example: ecps-idp card order --family CPE --national-id 699700990015001/0000000001",
)
@click.option("--family", required=True, type=click.Choice(EMPLOYEES))
@click.option("--national-id", required=True, help="Structure and register of the employee.")
@click.option(
    "--service", is_flag=True, help="A service card: it names nobody, and signs nobody in."
)
@json_option
@pass_settings
def order_command(
    settings: Settings, *, family: str, national_id: str, service: bool, as_json: bool
) -> None:
    """Order the card of an employee, on the employer's request."""
    holder = canonical(national_id)
    with opened_simulation(settings) as provider:
        card = taken(
            provider,
            lambda db: request_card(
                provider, db, family=family, national_id=holder, is_nominative=not service
            ),
        )
    told(described_card(card), as_json=as_json)


@card_group.command("receive", epilog="Example: ecps-idp card receive 9700000016")
@click.argument("card_number")
@json_option
@pass_settings
def receive_command(settings: Settings, card_number: str, *, as_json: bool) -> None:
    """A card that was sent arrives; its holder activates it with the code of another letter."""
    with opened_simulation(settings) as provider:
        card = taken(provider, lambda db: move(provider, db, card_number, CardAct.RECEIVE))
    told(described_card(card), as_json=as_json)


@card_group.command("oppose", epilog="Example: ecps-idp card oppose 9700000001 --reason perte")
@click.argument("card_number")
@click.option(
    "--reason", required=True, type=click.Choice([reason.value for reason in OppositionReason])
)
@click.option(
    "--lost-since",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]),
    help="Since when it was out of its holder's hands (UTC).",
)
@json_option
@pass_settings
def oppose_command(
    settings: Settings,
    card_number: str,
    *,
    reason: str,
    lost_since: datetime | None,
    as_json: bool,
) -> None:
    """Oppose a card at once and for good, with all that lives by it."""
    since = lost_since.replace(tzinfo=UTC) if lost_since else None
    with opened_simulation(settings) as provider:
        if since is not None and since > provider.clock.now():
            raise click.ClickException("--lost-since must lie in the past")
        card = taken(
            provider,
            lambda db: oppose(provider, db, card_number, reason=reason, lost_since=since),
        )
    told(described_card(card), as_json=as_json)


@card_group.command("replace", epilog="Example: ecps-idp card replace 9700000013")
@click.argument("card_number")
@json_option
@pass_settings
def replace_command(settings: Settings, card_number: str, *, as_json: bool) -> None:
    """Order a card in place of one that was lost, stolen or fails, once it is opposed."""
    with opened_simulation(settings) as provider:
        card = taken(provider, lambda db: order_replacement(provider, db, card_number))
    told(described_card(card), as_json=as_json)


@card_group.command("renew-due", epilog="Example: ecps-idp card renew-due --json")
@json_option
@pass_settings
def renew_due_command(settings: Settings, *, as_json: bool) -> None:
    """Order the successors of cards that end within a month; twice does no more than once."""
    with opened_simulation(settings) as provider:
        ordered = renew_due(provider)
    told({"ordered": ordered}, as_json=as_json)
