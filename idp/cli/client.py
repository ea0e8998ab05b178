"""`ecps-idp client`: the relying services that may ask who signs in."""

import json
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from idp.audit.events import Event
from idp.audit.journal import record
from idp.cli.client_certificate import certificate_command
from idp.cli.common import json_option, opened, pass_settings, print_json
from idp.cli.initial_token import initial_token_group
from idp.cli.metadata_options import certificate_metadata, grants, pair, warn_of_unknown
from idp.oauth.clients.metadata import ALL_SCOPES, ClientMetadataRefused, read_metadata
from idp.oauth.clients.methods import AUTH_METHODS
from idp.oauth.clients.operator_changes import ClientUnknown, disable, enable
from idp.oauth.clients.registration import check_secret, register_at
from idp.oauth.clients.secrets import (
    CLIENT_SECRET_JWT,
    SHORTEST_SIGNING_SECRET,
    secret_columns,
)
from idp.oauth.rules.client_profiles import CLIENT_PROFILES
from idp.portal.client import refuse_portal
from idp.provider import Provider
from idp.settings import Settings
from idp.store.client_documents import documents_of
from idp.store.clients import all_clients, change_client, delete_client, find_client
from idp.store.models import Client, ClientDocument

_EXAMPLES = """\b
Examples:
  ecps-idp client add my-service --redirect-uri http://localhost:3000/callback
  ecps-idp client add my-software --ciba
  ecps-idp client add my-screen --device
  ecps-idp client add my-service --redirect-uri https://... --certificate certificate.pem
  ecps-idp client add my-service --redirect-uri https://... --profile fapi \\
      --auth-method private_key_jwt --jwks-file jwks.json \\
      --metadata dpop_bound_access_tokens=true
"""


@click.group(
    "client",
    epilog="Example: ecps-idp client add my-service --redirect-uri http://localhost:3000/callback",
)
def client_group() -> None:
    """Add, list, show and remove relying services."""


client_group.add_command(initial_token_group)


client_group.add_command(certificate_command)


@client_group.command("add", epilog=_EXAMPLES)
@click.argument("client_id", metavar="ID")
@click.option("--secret", help="Client secret; without it one is made and printed.")
@click.option("--secret-stdin", is_flag=True, help="Read the secret from standard input.")
@click.option("--redirect-uri", "redirect_uris", multiple=True, metavar="URI")
@click.option("--ciba", is_flag=True, help="It signs people in without a browser (CIBA).")
@click.option("--device", is_flag=True, help="It has no keyboard (device flow, RFC 8628).")
@click.option("--post-logout-redirect-uri", "post_logout", multiple=True, metavar="URI")
@click.option(
    "--backchannel-logout-uri", metavar="URI", help="Told when a session ends in which it is used."
)
@click.option("--name", default="", help="Name that people are shown.  [default: the ID]")
@click.option(
    "--auth-method",
    type=click.Choice(AUTH_METHODS),
    help="How the client authenticates; `none` is a public client, which needs PKCE.  "
    f"[default: {AUTH_METHODS[0]}; with --certificate, tls_client_auth]",
)
@click.option(
    "--jwks-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Public keys of the client, with their certificates for self_signed_tls_client_auth.",
)
@click.option(
    "--certificate",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Its TLS certificate, PEM: tls_client_auth keeps the subject, "
    "self_signed_tls_client_auth the certificate.",
)
@click.option("--scope", default=ALL_SCOPES, show_default=True)
@click.option("--profile", type=click.Choice(list(CLIENT_PROFILES)), default="psc")
@click.option(
    "--means",
    multiple=True,
    type=click.Choice(["MOBILE", "CARD", "WEBAUTHN"]),
    help="Means of authentication accepted; may be repeated.  [default: all]",
)
@click.option(
    "--card-family",
    "card_families",
    multiple=True,
    type=click.Choice(["CPS", "CPF", "CPE", "CPA"]),
    help="Family of cards accepted; may be repeated.  [default: as the settings say]",
)
@click.option(
    "--selected-activity",
    is_flag=True,
    help="The person chooses the activity they act under; the service is told it.",
)
@click.option(
    "--require-pushed-requests",
    is_flag=True,
    help="Take only authorization requests that the service pushed (RFC 9126).",
)
@click.option("--metadata", "further", multiple=True, metavar="NAME=JSON", help="More metadata.")
@click.option("--development", is_flag=True, help="A simulation's client: http anywhere.")
@click.option("--replace", is_flag=True, help="Change the client when it exists.")
@json_option
@pass_settings
def add_command(  # noqa: PLR0917 - each argument is an option of the command, given by name
    settings: Settings,
    client_id: str,
    secret: str | None,
    secret_stdin: bool,
    redirect_uris: tuple[str, ...],
    ciba: bool,
    device: bool,
    post_logout: tuple[str, ...],
    backchannel_logout_uri: str | None,
    name: str,
    auth_method: str | None,
    jwks_file: Path | None,
    certificate: Path | None,
    scope: str,
    profile: str,
    means: tuple[str, ...],
    card_families: tuple[str, ...],
    selected_activity: bool,
    require_pushed_requests: bool,
    further: tuple[str, ...],
    development: bool,
    replace: bool,
    as_json: bool,
) -> None:
    """Register a relying service.

    The secret may also come from ECPS_CLIENT_SECRET or --secret-stdin, which leave no trace in
    the list of processes.
    """
    method = auth_method or ("tls_client_auth" if certificate else AUTH_METHODS[0])
    asked = dict(pair(text) for text in further)
    warn_of_unknown(list(asked))
    with opened(settings) as provider:
        given = _given_secret(provider, secret, from_stdin=secret_stdin)
        made = None if given or not method.startswith("client_secret") else _new_secret()
        values: dict[str, Any] = {
            "client_id": client_id,
            "client_name": name,
            "client_secret": given or made,
            "redirect_uris": list(redirect_uris),
            "post_logout_redirect_uris": list(post_logout),
            "backchannel_logout_uri": backchannel_logout_uri,
            "token_endpoint_auth_method": method,
            "jwks": json.loads(jwks_file.read_text("utf-8")) if jwks_file else None,
            "scope": scope,
            "profile": profile,
            "development": development,
            "selected_activity": selected_activity,
            "require_pushed_authorization_requests": require_pushed_requests,
            **({"means": list(means)} if means else {}),
            **({"card_families": list(card_families)} if card_families else {}),
            **grants(in_browser=bool(redirect_uris), ciba=ciba, device=device),
            **(certificate_metadata(certificate, method) if certificate else {}),
            **asked,
        }
        _add(provider, values, replace=replace)
    if as_json:
        print_json({"client_id": client_id} | ({"client_secret": made} if made else {}))
        return
    click.echo(f"client {client_id} is registered")
    if made:
        click.echo(f"secret {made} (shown once)")


def _add(provider: Provider, values: dict[str, Any], *, replace: bool) -> None:
    try:
        refuse_portal(values["client_id"])
    except ClientMetadataRefused as error:
        raise click.ClickException(str(error)) from error
    with provider.store.begin() as db:
        if not replace and find_client(db, values["client_id"]) is not None:
            raise click.ClickException(
                f"client {values['client_id']} exists already: --replace changes it"
            )
        try:
            register_at(provider, db, read_metadata(values))
        except ClientMetadataRefused as error:
            raise click.ClickException(str(error)) from error


@client_group.command("list", epilog="Example: ecps-idp client list --json")
@json_option
@pass_settings
def list_command(settings: Settings, *, as_json: bool) -> None:
    """Every registered client."""
    with opened(settings) as provider, provider.store.read() as db:
        clients = [_shown(row) for row in all_clients(db)]
    if as_json:
        print_json(clients)
        return
    for client in clients:
        address = next(iter(client["redirect_uris"]), "")
        click.echo(f"{client['client_id']}  {client['client_name']}  {address}")


@client_group.command("show", epilog="Example: ecps-idp client show my-service")
@click.argument("client_id", metavar="ID")
@pass_settings
def show_command(settings: Settings, client_id: str) -> None:
    """One client's registration and what it publishes, as JSON; never its secret."""
    with opened(settings) as provider, provider.store.read() as db:
        row, documents = find_client(db, client_id), documents_of(db, client_id)
    if row is None:
        raise _unknown(client_id)
    published = {"documents": [_document(one) for one in documents]} if documents else {}
    print_json(_shown(row) | published)


@client_group.command("remove", epilog="Example: ecps-idp client remove my-service")
@click.argument("client_id", metavar="ID")
@pass_settings
def remove_command(settings: Settings, client_id: str) -> None:
    """Forget a client: its tokens and codes are worth nothing from then on."""
    with opened(settings) as provider, provider.store.begin() as db:
        if not delete_client(db, client_id):
            raise _unknown(client_id)
        record(db, Event.CLIENT_REMOVED, now=provider.clock.now(), client_id=client_id)
    click.echo(f"client {client_id} is removed")


@client_group.command("disable", epilog="Example: ecps-idp client disable my-service")
@click.argument("client_id", metavar="ID")
@pass_settings
def disable_command(settings: Settings, client_id: str) -> None:
    """Shut a client out, until it is enabled again; its tokens are worth nothing meanwhile."""
    _switch(settings, client_id, disable, "disabled")


@client_group.command("enable", epilog="Example: ecps-idp client enable my-service")
@click.argument("client_id", metavar="ID")
@pass_settings
def enable_command(settings: Settings, client_id: str) -> None:
    """Let a client in again that was disabled."""
    _switch(settings, client_id, enable, "enabled")


@client_group.command("secret", epilog="Example: ecps-idp client secret my-service")
@click.argument("client_id", metavar="ID")
@click.option("--secret", help="The new secret; without it one is made and printed.")
@click.option("--secret-stdin", is_flag=True, help="Read the secret from standard input.")
@json_option
@pass_settings
def secret_command(
    settings: Settings, client_id: str, *, secret: str | None, secret_stdin: bool, as_json: bool
) -> None:
    """Give a client a new secret; the old one ends at once."""
    with opened(settings) as provider:
        given = _given_secret(provider, secret, from_stdin=secret_stdin)
        fresh = given or _new_secret()
        try:
            check_secret(fresh, kind=provider.kind)
        except ClientMetadataRefused as error:
            raise click.ClickException(str(error)) from error
        with provider.store.begin() as db:
            row = find_client(db, client_id)
            if row is None:
                raise _unknown(client_id)
            if row.secret_hash is None:
                raise click.ClickException(f"client {client_id} authenticates without a secret")
            _require_signing_length(row, fresh)
            change_client(db, client_id, **secret_columns(row.auth_method, fresh, provider.sealer))
            record(db, Event.CLIENT_CHANGED, now=provider.clock.now(), client_id=client_id)
    if as_json:
        print_json({"client_id": client_id} | ({} if given else {"client_secret": fresh}))
    else:
        click.echo("the secret is changed" if given else f"secret {fresh} (shown once)")


def _switch(settings: Settings, client_id: str, switch: Callable[..., bool], becomes: str) -> None:
    try:
        refuse_portal(client_id)
        with opened(settings) as provider, provider.store.begin() as db:
            switched = switch(provider, db, client_id)
    except ClientMetadataRefused as error:
        raise click.ClickException(str(error)) from error
    except ClientUnknown as error:
        raise _unknown(client_id) from error
    if not switched:
        raise click.ClickException(f"client {client_id} is {becomes} already")
    click.echo(f"client {client_id} is {becomes}")


def _given_secret(provider: Provider, secret: str | None, *, from_stdin: bool) -> str | None:
    """The secret from the option, standard input or the environment (decision 42)."""
    if secret is not None and from_stdin:
        raise click.UsageError("--secret and --secret-stdin exclude each other")
    if secret is not None:
        if not provider.is_simulation:
            click.echo(
                "warning: --secret shows in the list of processes; use --secret-stdin", err=True
            )
        return secret
    if from_stdin:
        return sys.stdin.readline().rstrip("\n") or None
    return os.environ.get("ECPS_CLIENT_SECRET") or None


def _require_signing_length(row: Client, secret: str) -> None:
    is_short = len(secret.encode()) < SHORTEST_SIGNING_SECRET
    if row.auth_method == CLIENT_SECRET_JWT and is_short:
        raise click.ClickException(
            f"a secret that signs needs at least {SHORTEST_SIGNING_SECRET} bytes"
        )


def _new_secret() -> str:
    return secrets.token_urlsafe(32)


def _shown(row: Client) -> dict[str, Any]:
    return {
        "client_id": row.client_id,
        "client_name": row.name,
        "redirect_uris": row.redirect_uris,
        "post_logout_redirect_uris": row.post_logout_redirect_uris,
        "token_endpoint_auth_method": row.auth_method,
        "jwks": row.jwks,
        "scope": row.scope,
        "profile": row.profile,
        "means": row.means,
        "development": row.development,
        "disabled_at": row.disabled_at and row.disabled_at.isoformat(),
        **row.options,
    }


def _document(document: ClientDocument) -> dict[str, Any]:
    return {
        "kind": document.kind,
        "url": document.url,
        "state": document.state,
        "fetched_at": document.fetched_at and document.fetched_at.isoformat(),
        "due_at": document.due_at.isoformat(),
        "error": document.error,
    }


def _unknown(client_id: str) -> click.ClickException:
    return click.ClickException(f"there is no client {client_id}")
