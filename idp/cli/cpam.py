"""`ecps-idp cpam`: step 2 of the chain (CP-02)."""

import click

from idp.cli.chain import opened_simulation, taken, told
from idp.cli.common import json_option, pass_settings
from idp.registration.cpam import record_activity
from idp.registration.wording import described_activity
from idp.settings import Settings


@click.group("cpam", epilog="Example: ecps-idp cpam record 0f3a…")
def cpam_group() -> None:
    """Record activities, as the CPAM does."""


@cpam_group.command("record", epilog="Example: ecps-idp cpam record 0f3a… --json")
@click.argument("activity_id")
@json_option
@pass_settings
def record_command(settings: Settings, activity_id: str, *, as_json: bool) -> None:
    """Record an activity that the Order declared; prints its billing number."""
    with opened_simulation(settings) as provider:
        recorded = taken(provider, lambda db: record_activity(provider, db, activity_id))
    expected = {"expected_at": recorded.expected_at.isoformat()}
    told(described_activity(recorded.activity) | expected, as_json=as_json)
