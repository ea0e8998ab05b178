"""`ecps-idp ans`: step 3 of the chain (CP-03)."""

import click

from idp.cli.chain import opened_simulation, taken, told
from idp.cli.common import json_option, pass_settings
from idp.registration.ans import carry_activity
from idp.registration.wording import described_card
from idp.settings import Settings


@click.group("ans", epilog="Example: ecps-idp ans carry 0f3a…")
def ans_group() -> None:
    """Put activities on cards, as the ANS does."""


@ans_group.command("carry", epilog="Example: ecps-idp ans carry 0f3a… --json")
@click.argument("activity_id")
@json_option
@pass_settings
def carry_command(settings: Settings, activity_id: str, *, as_json: bool) -> None:
    """Carry an activity that the CPAM recorded; prints the card, ordered or updated."""
    with opened_simulation(settings) as provider:
        carried = taken(provider, lambda db: carry_activity(provider, db, activity_id))
    told(described_card(carried.card) | {"is_new_card": carried.is_new_card}, as_json=as_json)
