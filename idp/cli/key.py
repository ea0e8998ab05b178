"""`ecps-idp key`: the provider's keys, their rotation, and the master key that seals them."""

from pathlib import Path

import click

from idp.audit.events import Event
from idp.audit.journal import record
from idp.cli.common import json_option, opened, pass_settings, print_json
from idp.keys.purposes import PURPOSES
from idp.keys.rotation import rotate
from idp.keys.sealing import Sealer, decode_master_key
from idp.rewrapping import rewrap
from idp.settings import Settings
from idp.store.keys import all_keys


@click.group("key", epilog="Example: ecps-idp key list --json")
def key_group() -> None:
    """List, rotate and rewrap the keys."""


@key_group.command("list", epilog="Example: ecps-idp key list --json")
@json_option
@pass_settings
def list_command(settings: Settings, *, as_json: bool) -> None:
    """Every key that is kept, oldest first; never a private half."""
    with opened(settings) as provider, provider.store.read() as db:
        keys = [
            {
                "kid": row.kid,
                "purpose": row.purpose,
                "alg": row.alg,
                "activates_at": row.activates_at.isoformat(),
                "retires_at": row.retires_at and row.retires_at.isoformat(),
                "public_jwk": row.public_jwk,
            }
            for row in all_keys(db)
        ]
    if as_json:
        print_json(keys)
        return
    for key in keys:
        named = f"{key['purpose']:15} {key['alg']:12} {key['kid']}"
        click.echo(f"{named} {key['activates_at']} {key['retires_at'] or '-'}")


@key_group.command("rotate", epilog="Example: ecps-idp key rotate tokens")
@click.argument("purpose", type=click.Choice(sorted(PURPOSES)))
@json_option
@pass_settings
def rotate_command(settings: Settings, purpose: str, *, as_json: bool) -> None:
    """Publish a successor; it is used after the overlap, and the old key lapses after another."""
    with opened(settings) as provider:
        current = provider.keyring.active(purpose)
        now = provider.clock.now()
        with provider.store.begin() as db:
            fresh = rotate(db, provider.sealer, settings, now, current=current)
            record(
                db, Event.KEY_ROTATED, now=now, purpose=purpose, kid=fresh.kid, previous=current.kid
            )
    used_from = fresh.activates_at.isoformat()
    if as_json:
        print_json({"kid": fresh.kid, "purpose": purpose, "activates_at": used_from})
    else:
        click.echo(f"{fresh.kid} is used from {used_from}")


@key_group.command(
    "rewrap", epilog="Example: ecps-idp key rewrap --new-master-key-file /etc/ecps/new.key"
)
@click.option(
    "--new-master-key-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="File that holds the new master key: 32 bytes, base64url.",
)
@pass_settings
def rewrap_command(settings: Settings, new_master_key_file: Path) -> None:
    """Seal everything at rest under a new master key (decision 23).

    Stop every process before, and start them with the new key: with the old one nothing opens.
    Refresh tokens end, and browsers are no longer known.
    """
    fresh = Sealer(decode_master_key(new_master_key_file.read_text("ascii")))
    with opened(settings) as provider:
        now = provider.clock.now()
        with provider.store.begin() as db:
            count = rewrap(db, provider.sealer, fresh)
            record(db, Event.KEY_REWRAPPED, now=now, keys=count)
    click.echo(f"{count} keys are sealed under the new master key")
