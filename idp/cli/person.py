"""`ecps-idp person`: striking a professional off here, their security keys, code for software."""

import os
import sys
from typing import Any

import click

from idp.cli.common import json_option, opened, pass_settings, print_json
from idp.directory.contacts import PersonUnknown
from idp.directory.identifiers import IdentifierMalformed, parse_national_id
from idp.holders import Closing, close_person, reopen_person
from idp.oauth.ciba.user_codes import UserCodeRefused, remove_user_code, set_user_code
from idp.provider import Provider
from idp.security_keys.lifecycle import find_own_key, list_keys
from idp.security_keys.lifecycle import remove as remove_own_key
from idp.security_keys.parties import PERSON, Holder
from idp.settings import Settings
from idp.store.models import SecurityKey

_ACTOR = "operator"


@click.group("person", epilog="Example: ecps-idp person close 899700990015 --reason radiation")
def person_group() -> None:
    """Strike a professional off, at once, and take it back; their keys, their code for software."""


@person_group.command(
    "close", epilog="Example: ecps-idp person close 899700990015 --reason radiation"
)
@click.argument("national_id")
@click.option("--reason", type=click.Choice([str(reason) for reason in Closing]), required=True)
@json_option
@pass_settings
def close_command(settings: Settings, national_id: str, *, reason: str, as_json: bool) -> None:
    """End a professional's phones, cards and sessions; nothing lets them in any more."""
    identifier = _identifier(national_id)
    try:
        with opened(settings) as provider, provider.store.begin() as db:
            ended = close_person(provider, db, identifier, reason, actor=_ACTOR)
    except PersonUnknown as error:
        raise click.ClickException(f"{identifier} is not in the directory") from error
    if as_json:
        print_json(
            {
                "national_id": identifier,
                "phones": ended.phones,
                "cards": ended.cards,
                "sessions": ended.sessions,
                "keys": ended.keys,
            }
        )
        return
    click.echo(
        f"{identifier} closed: {ended.phones} phones revoked, {ended.cards} cards opposed, "
        f"{ended.sessions} sessions ended, {ended.keys} security keys removed"
    )


@person_group.command("reopen", epilog="Example: ecps-idp person reopen 899700990015")
@click.argument("national_id")
@pass_settings
def reopen_command(settings: Settings, national_id: str) -> None:
    """Leave it to the directory again whether a professional may sign in; revives nothing."""
    identifier = _identifier(national_id)
    try:
        with opened(settings) as provider, provider.store.begin() as db:
            reopened = reopen_person(provider, db, identifier, actor=_ACTOR)
    except PersonUnknown as error:
        raise click.ClickException(f"{identifier} is not in the directory") from error
    if not reopened:
        raise click.ClickException(f"{identifier} was not struck off here")
    click.echo(f"{identifier} reopened: a new e-CPS and a new card may be asked for")


@person_group.command("keys", epilog="Example: ecps-idp person keys 899700990015 --json")
@click.argument("national_id")
@click.option("--remove", metavar="ID", help="Take the key of this id out of use, for good.")
@json_option
@pass_settings
def keys_command(
    settings: Settings, national_id: str, *, remove: str | None, as_json: bool
) -> None:
    """List the security keys of a professional, or remove one; its holder is told."""
    holder = Holder(PERSON, _identifier(national_id))
    with opened(settings) as provider:
        if remove is not None:
            _remove_key(provider, holder, remove)
            return
        with provider.store.read() as db:
            keys = list_keys(db, holder)
    if as_json:
        print_json([_key_in_json(key) for key in keys])
        return
    for key in keys:
        state = f"{key.state} ({key.state_reason})" if key.state_reason else key.state
        used = f"used {key.last_used_at.isoformat()}" if key.last_used_at else "never used"
        click.echo(f"{key.credential_id}  {state}  {used}  {key.name}")


@person_group.command(
    "user-code", epilog="Example: ecps-idp person user-code 899700990015 --code-stdin < code"
)
@click.argument("national_id")
@click.option("--code", help="The new code.")
@click.option("--code-stdin", is_flag=True, help="Read the code from standard input.")
@click.option("--remove", is_flag=True, help="Leave the person without code.")
@pass_settings
def user_code_command(
    settings: Settings, national_id: str, *, code: str | None, code_stdin: bool, remove: bool
) -> None:
    """Set or remove the code by which software may ask a professional (CIBA `user_code`).

    Clients registered with backchannel_user_code_parameter must send it in each request. It is a
    secret of its own, which software gets to know: it must not be the PIN of the e-CPS or of the
    card, which nothing here can compare it with. The person's contacts are told.

    The code may also come from ECPS_USER_CODE or --code-stdin, which leave no trace in the list
    of processes.
    """
    identifier = _identifier(national_id)
    if remove and (code is not None or code_stdin):
        raise click.UsageError("--remove takes no code")
    with opened(settings) as provider:
        if remove:
            _remove_user_code(provider, identifier)
        else:
            given = _given_code(provider, code, from_stdin=code_stdin)
            _set_user_code(provider, identifier, given)


def _remove_key(provider: Provider, holder: Holder, credential_id: str) -> None:
    with provider.store.begin() as db:
        key = find_own_key(db, holder, credential_id)
        if key is None:
            raise click.ClickException(f"{holder.id} has no security key {credential_id}")
        name = key.name
        remove_own_key(provider, db, key, reason="administrator", actor=_ACTOR)
    click.echo(f"{holder.id}: the security key “{name}” is removed, with its sessions")


def _key_in_json(key: SecurityKey) -> dict[str, Any]:
    return {
        "credential_id": key.credential_id,
        "name": key.name,
        "state": key.state,
        "state_reason": key.state_reason,
        "backed_up": key.backed_up,
        "vouched_by": key.vouched_by,
        "created_at": key.created_at.isoformat(),
        "last_used_at": key.last_used_at.isoformat() if key.last_used_at else None,
    }


def _set_user_code(provider: Provider, identifier: str, code: str) -> None:
    try:
        with provider.store.begin() as db:
            set_user_code(provider, db, identifier, code, actor=_ACTOR)
    except PersonUnknown as error:
        raise click.ClickException(f"{identifier} is not in the directory") from error
    except UserCodeRefused as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{identifier} has a user code; the one before it, if any, ended")


def _remove_user_code(provider: Provider, identifier: str) -> None:
    with provider.store.begin() as db:
        removed = remove_user_code(provider, db, identifier, actor=_ACTOR)
    if not removed:
        raise click.ClickException(f"{identifier} has no user code")
    click.echo(f"{identifier} has no user code any more")


def _given_code(provider: Provider, code: str | None, *, from_stdin: bool) -> str:
    """The code from the option, standard input or the environment (decision 42)."""
    if code is not None and from_stdin:
        raise click.UsageError("--code and --code-stdin exclude each other")
    if code is not None and not provider.is_simulation:
        click.echo("warning: --code shows in the list of processes; use --code-stdin", err=True)
    if code is None:
        environment = os.environ.get("ECPS_USER_CODE", "")
        code = sys.stdin.readline().rstrip("\n") if from_stdin else environment
    if not code:
        raise click.UsageError("a code is needed: --code-stdin, ECPS_USER_CODE or --code")
    return code


def _identifier(text: str) -> str:
    try:
        return parse_national_id(text)
    except IdentifierMalformed as error:
        raise click.ClickException(f"{text}: {error}") from error
