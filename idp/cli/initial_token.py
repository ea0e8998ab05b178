"""`ecps-idp client initial-token`: who may register clients without the operator (RFC 7591, 3)."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import click

from idp.audit.events import Event
from idp.audit.journal import record
from idp.cli.common import json_option, opened, pass_settings, print_json
from idp.cli.metadata_options import pair
from idp.keys.sealing import sha256
from idp.oauth.clients.metadata import ClientMetadata
from idp.settings import Settings
from idp.store.initial_tokens import add_initial_token, delete_initial_token, initial_tokens
from idp.store.models import InitialAccessToken

_TOKEN_BYTES = 32
_DRAWN_OR_NAMED = {"client_id", "client_secret"}


@click.group(
    "initial-token",
    epilog="Example: ecps-idp client initial-token create 'Editeur SA' --uses 3",
)
def initial_token_group() -> None:
    """Let developers register clients themselves: create, list and revoke tokens."""


@initial_token_group.command(
    "create",
    epilog="Example: ecps-idp client initial-token create 'Editeur SA' "
    "--metadata token_endpoint_auth_method=private_key_jwt",
)
@click.argument("label")
@click.option("--uses", type=click.IntRange(1), default=1, show_default=True)
@click.option(
    "--lifetime",
    type=click.IntRange(1),
    metavar="SECONDS",
    help="How long it may be used.  [default: the setting initial_token_lifetime]",
)
@click.option(
    "--metadata",
    "imposed",
    multiple=True,
    metavar="NAME=JSON",
    help="Metadata that every client registered with it has; may be repeated.",
)
@json_option
@pass_settings
def create_command(
    settings: Settings,
    label: str,
    *,
    uses: int,
    lifetime: int | None,
    imposed: tuple[str, ...],
    as_json: bool,
) -> None:
    """Make a token for somebody, named by the label; it is printed once."""
    metadata = _imposed(imposed)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with opened(settings) as provider:
        if metadata.get("development") and not provider.is_simulation:
            raise click.ClickException("a real database accepts no development client")
        now = provider.clock.now()
        life = timedelta(seconds=lifetime) if lifetime else settings.initial_token_lifetime
        with provider.store.begin() as db:
            row = InitialAccessToken(
                token_hash=sha256(token),
                label=label,
                imposed=metadata,
                uses_left=uses,
                created_at=now,
                expires_at=now + life,
            )
            add_initial_token(db, row)
            record(db, Event.CLIENT_REGISTRATION_PERMITTED, now=now, label=label, uses=uses)
    if as_json:
        print_json({"initial_access_token": token} | _shown(row))
        return
    click.echo(f"token {token} (shown once), until {row.expires_at.isoformat()}")


@initial_token_group.command("list", epilog="Example: ecps-idp client initial-token list --json")
@json_option
@pass_settings
def list_command(settings: Settings, *, as_json: bool) -> None:
    """Every token that did not lapse; never the token itself."""
    with opened(settings) as provider, provider.store.read() as db:
        tokens = [_shown(row) for row in initial_tokens(db, now=provider.clock.now())]
    if as_json:
        print_json(tokens)
        return
    for token in tokens:
        click.echo(f"{token['id']}  {token['uses_left']} left  {token['label']}")


@initial_token_group.command(
    "revoke", epilog="Example: ecps-idp client initial-token revoke 3f9a… (an id of the list)"
)
@click.argument("token_id", metavar="ID")
@pass_settings
def revoke_command(settings: Settings, token_id: str) -> None:
    """End a token; the clients registered with it stay."""
    try:
        digest = bytes.fromhex(token_id)
    except ValueError as error:
        raise click.UsageError("ID is the id that `list` shows") from error
    with opened(settings) as provider, provider.store.begin() as db:
        row = delete_initial_token(db, digest)
        if row is None:
            raise click.ClickException("there is no such token")
        now = provider.clock.now()
        record(db, Event.CLIENT_REGISTRATION_WITHDRAWN, now=now, label=row.label)
    click.echo(f"the token of {row.label} is revoked")


def _imposed(texts: Iterable[str]) -> dict[str, Any]:
    imposed = dict(pair(text) for text in texts)
    unknown = sorted(imposed.keys() - (ClientMetadata.model_fields.keys() - _DRAWN_OR_NAMED))
    if unknown:
        raise click.UsageError(f"no metadata to impose: {', '.join(unknown)}")
    return imposed


def _shown(row: InitialAccessToken) -> dict[str, Any]:
    return {
        "id": row.token_hash.hex(),
        "label": row.label,
        "uses_left": row.uses_left,
        "imposed": row.imposed,
        "created_at": row.created_at.isoformat(),
        "expires_at": row.expires_at.isoformat(),
    }
