"""`ecps-idp operator`: who may work on the console."""

from typing import Any

import click

from idp.cli.common import json_option, opened, pass_settings, print_json
from idp.console.entry.roles import ROLES
from idp.console.operators.rules import (
    OperatorRefused,
    add,
    give_roles,
    invitation_address,
    invite_again,
    keep_out,
)
from idp.provider import Provider
from idp.security_keys.lifecycle import list_keys
from idp.security_keys.parties import OPERATOR, Holder
from idp.settings import Settings
from idp.store.models import Operator
from idp.store.operators import all_operators

_ACTOR = "operator"
_role_option = click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice(tuple(ROLES))
)


@click.group("operator", epilog="Example: ecps-idp operator add claire.martin --role administrator")
def operator_group() -> None:
    """Who may work on the console: invite, list, disable, give roles."""


@operator_group.command(
    "add", epilog="Example: ecps-idp operator add claire.martin --role administrator --role support"
)
@click.argument("name")
@_role_option
@json_option
@pass_settings
def add_command(settings: Settings, name: str, *, roles: tuple[str, ...], as_json: bool) -> None:
    """Make an operator, and print the address that opens the console to them, once."""
    _require_address(settings)
    with opened(settings) as provider:
        try:
            with provider.store.begin() as db:
                secret = add(provider, db, name, roles, actor=_ACTOR)
        except OperatorRefused as error:
            raise click.ClickException(str(error)) from error
        _print_invitation(provider, name, secret, as_json=as_json)


@operator_group.command("invite", epilog="Example: ecps-idp operator invite claire.martin")
@click.argument("name")
@json_option
@pass_settings
def invite_command(settings: Settings, name: str, *, as_json: bool) -> None:
    """Invite an operator anew: keys, password and sessions they had are over."""
    _require_address(settings)
    with opened(settings) as provider:
        try:
            with provider.store.begin() as db:
                secret = invite_again(provider, db, name, actor=_ACTOR)
        except OperatorRefused as error:
            raise click.ClickException(str(error)) from error
        _print_invitation(provider, name, secret, as_json=as_json)


@operator_group.command("list", epilog="Example: ecps-idp operator list --json")
@json_option
@pass_settings
def list_command(settings: Settings, *, as_json: bool) -> None:
    """Every operator, with state, roles, and what they enter by."""
    with opened(settings) as provider, provider.store.read() as db:
        operators = [
            _shown(row, keys=len(list_keys(db, Holder(OPERATOR, row.name))))
            for row in all_operators(db)
        ]
    if as_json:
        print_json(operators)
        return
    for one in operators:
        means = "+".join(one["means"]) or "-"
        click.echo(f"{one['name']}  {one['state']}  {','.join(one['roles'])}  by {means}")


@operator_group.command(
    "roles", epilog="Example: ecps-idp operator roles claire.martin --role reader"
)
@click.argument("name")
@_role_option
@pass_settings
def roles_command(settings: Settings, name: str, *, roles: tuple[str, ...]) -> None:
    """Give an operator these roles in the place of theirs."""
    with opened(settings) as provider:
        try:
            with provider.store.begin() as db:
                give_roles(provider, db, name, roles, actor=_ACTOR)
        except OperatorRefused as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{name}: {','.join(roles)}")


@operator_group.command("disable", epilog="Example: ecps-idp operator disable claire.martin")
@click.argument("name")
@pass_settings
def disable_command(settings: Settings, name: str) -> None:
    """Keep an operator out, at once."""
    with opened(settings) as provider:
        try:
            with provider.store.begin() as db:
                keep_out(provider, db, name, actor=_ACTOR)
        except OperatorRefused as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{name} is disabled")


def _require_address(settings: Settings) -> None:
    if not settings.console_base_url:
        raise click.ClickException("the setting console_base_url says where the console is reached")


def _print_invitation(provider: Provider, name: str, secret: str, *, as_json: bool) -> None:
    address = invitation_address(provider, secret)
    if as_json:
        print_json({"name": name, "invitation": address})
        return
    hours = provider.settings.operator_invitation_lifetime.total_seconds() / 3600
    click.echo(f"{address} (shown once; opens the console to {name} within {hours:g} h)")


def _shown(row: Operator, *, keys: int) -> dict[str, Any]:
    means = [*(["key"] if keys else []), *(["password"] if row.password_hash else [])]
    return {
        "name": row.name,
        "state": row.state,
        "roles": row.roles,
        "means": means,
        "created_at": row.created_at.isoformat(),
        "last_entered_at": row.last_entered_at.isoformat() if row.last_entered_at else None,
    }
