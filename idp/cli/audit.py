"""`ecps-idp audit`: the journal of security events."""

from pathlib import Path

import click

from idp.audit.events import Event
from idp.audit.seal import SegmentBroken, purge_segments, seal_all
from idp.audit.verify import verify_journal
from idp.cli.common import json_option, opened, pass_settings, print_json
from idp.settings import Settings
from idp.store.journal import find_events, last_segment
from idp.store.models import JournalEvent


@click.group("audit", epilog="Example: ecps-idp audit verify --head head.jws")
def audit_group() -> None:
    """Seal, verify and read the journal of security events."""


@audit_group.command("verify", epilog="Example: ecps-idp audit verify --head head.jws --json")
@click.option(
    "--head",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A head kept elsewhere (`audit head`): proves that no tail was cut since.",
)
@json_option
@pass_settings
def verify_command(settings: Settings, *, head: Path | None, as_json: bool) -> None:
    """Check that no event was changed, deleted or reordered; fails when one was."""
    with opened(settings) as provider:
        found = verify_journal(provider, head=head.read_text("ascii") if head else None)
    if as_json:
        print_json(vars(found) | {"holds": found.holds})
    else:
        click.echo(
            f"{found.segments} segments, {found.events} sealed events, {found.unsealed} unsealed"
        )
        for problem in found.problems:
            click.echo(f"  {problem}", err=True)
        click.echo("the journal is whole" if found.holds else "the journal was tampered with")
    if not found.holds:
        raise SystemExit(1)


@audit_group.command("head", epilog="Example: ecps-idp audit head > head.jws")
@pass_settings
def head_command(settings: Settings) -> None:
    """Print the signed head of the newest segment; keep it where this machine cannot write."""
    with opened(settings) as provider, provider.store.read() as db:
        segment = last_segment(db)
    if segment is None:
        raise click.ClickException("nothing is sealed yet: run `ecps-idp audit seal`")
    click.echo(segment.head)


@audit_group.command("seal", epilog="Example: ecps-idp audit seal")
@json_option
@pass_settings
def seal_command(settings: Settings, *, as_json: bool) -> None:
    """Seal every event that is old enough."""
    with opened(settings) as provider:
        made = seal_all(provider)
    if as_json:
        print_json({"segments": made})
    else:
        click.echo(f"{made} segments sealed")


@audit_group.command("purge", epilog="Example: ecps-idp audit purge")
@json_option
@pass_settings
def purge_command(settings: Settings, *, as_json: bool) -> None:
    """Delete the events of segments past their retention; their heads stay."""
    with opened(settings) as provider:
        try:
            purged = purge_segments(provider)
        except SegmentBroken as error:
            raise click.ClickException(str(error)) from error
    if as_json:
        print_json({"segments": purged})
    else:
        click.echo(f"{purged} segments purged")


@audit_group.command("show", epilog="Example: ecps-idp audit show --person 899700990015 --limit 20")
@click.option("--person", help="Events about one national identifier.")
@click.option("--event", type=click.Choice([e.value for e in Event]), help="Of one kind.")
@click.option("--before", type=int, default=0, help="Go on below this sequence number.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
@pass_settings
def show_command(
    settings: Settings,
    *,
    person: str | None,
    event: str | None,
    before: int,
    limit: int,
    as_json: bool,
) -> None:
    """Read events, newest first."""
    with opened(settings) as provider, provider.store.read() as db:
        events = find_events(db, person=person, event=event, before=before, limit=limit)
    if as_json:
        print_json([_as_json(e) for e in events])
        return
    for e in events:
        click.echo(f"{e.seq} {e.at.isoformat()} {e.event} {e.outcome} {e.person or '-'} {e.data}")


def _as_json(event: JournalEvent) -> dict[str, object]:
    return {
        "seq": event.seq,
        "at": event.at.isoformat(),
        "event": event.event,
        "outcome": event.outcome,
        "person": event.person,
        "actor": event.actor,
        "client_id": event.client_id,
        "device_id": event.device_id,
        "sid": event.sid,
        "address": event.address,
        "request_id": event.request_id,
        "segment": event.segment,
        "data": event.data,
    }
