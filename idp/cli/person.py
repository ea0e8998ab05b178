"""`ecps-idp person`: striking a professional off here, and taking it back."""

import click

from idp.cli.common import json_option, opened, pass_settings, print_json
from idp.directory.contacts import PersonUnknown
from idp.directory.identifiers import IdentifierMalformed, parse_national_id
from idp.holders import Closing, close_person, reopen_person
from idp.settings import Settings

_ACTOR = "operator"


@click.group("person", epilog="Example: ecps-idp person close 899700990015 --reason radiation")
def person_group() -> None:
    """Strike a professional off, at once, and take it back."""


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
            }
        )
        return
    click.echo(
        f"{identifier} closed: {ended.phones} phones revoked, {ended.cards} cards opposed, "
        f"{ended.sessions} sessions ended"
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


def _identifier(text: str) -> str:
    try:
        return parse_national_id(text)
    except IdentifierMalformed as error:
        raise click.ClickException(f"{text}: {error}") from error
