"""`ecps-idp cpam`: step 2 of the chain (CP-02)."""

import click

from idp.cli.chain import opened_simulation, taken, told
from idp.cli.common import json_option, pass_settings
from idp.directory.tariffs import CONVENTIONS, ZONES
from idp.registration.cpam import record_activity
from idp.registration.terms import Terms
from idp.registration.wording import described_activity
from idp.settings import Settings


@click.group("cpam", epilog="Example: ecps-idp cpam record 0f3a…")
def cpam_group() -> None:
    """Record activities, as the CPAM does."""


@cpam_group.command("record", epilog="Example: ecps-idp cpam record 0f3a… --json")
@click.argument("activity_id")
@click.option(
    "--convention", type=click.Choice(CONVENTIONS), help="Of an activity that bills.  [default: 1]"
)
@click.option(
    "--tariff-zone",
    type=click.Choice(ZONES),
    help="Of an activity that bills.  [default: the département's]",
)
@json_option
@pass_settings
def record_command(
    settings: Settings,
    activity_id: str,
    *,
    convention: str | None,
    tariff_zone: str | None,
    as_json: bool,
) -> None:
    """Record an activity that the Order declared; prints its billing number."""
    terms = Terms(convention or "", tariff_zone or "")
    with opened_simulation(settings) as provider:
        recorded = taken(
            provider, lambda db: record_activity(provider, db, activity_id, terms=terms)
        )
    expected = {"expected_at": recorded.expected_at.isoformat()}
    told(described_activity(recorded.activity) | expected, as_json=as_json)
