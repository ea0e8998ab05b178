"""`ecps-idp session`: where a professional is signed in, and signing them out everywhere."""

from typing import Any

import click
from sqlalchemy.orm import Session

from idp.cli.common import json_option, opened, pass_settings, print_json
from idp.directory.identifiers import IdentifierMalformed, parse_national_id
from idp.provider import Provider
from idp.sessions import end_sessions_of_person
from idp.settings import Settings
from idp.store.holders import identifiers_of
from idp.store.sessions import clients_entered, sessions_of_person

_ACTOR = "operator"


@click.group("session", epilog="Example: ecps-idp session list 899700990015")
def session_group() -> None:
    """List and end the sessions of a professional, under every identifier of theirs."""


@session_group.command("list", epilog="Example: ecps-idp session list 899700990015 --json")
@click.argument("national_id")
@json_option
@pass_settings
def list_command(settings: Settings, national_id: str, *, as_json: bool) -> None:
    """The live sessions of a professional, and the services entered in each."""
    identifier = _identifier(national_id)
    with opened(settings) as provider, provider.store.read() as db:
        sessions = _sessions(provider, db, identifier)
    if as_json:
        print_json(sessions)
        return
    for one in sessions:
        means, clients = "+".join(one["means"]), ", ".join(one["clients"])
        click.echo(f"{one['sid']}  {means}  since {one['auth_time']}  {clients}")


@session_group.command("end", epilog="Example: ecps-idp session end 899700990015")
@click.argument("national_id")
@json_option
@pass_settings
def end_command(settings: Settings, national_id: str, *, as_json: bool) -> None:
    """Sign a professional out everywhere, tokens included; the services are told.

    Phones and cards stay in use: the person may sign in again at once.
    """
    identifier = _identifier(national_id)
    with opened(settings) as provider, provider.store.begin() as db:
        identifiers = identifiers_of(db, identifier)
        ended = end_sessions_of_person(
            provider, db, identifiers, reason="administrator", actor=_ACTOR
        )
    if as_json:
        print_json({"national_id": identifier, "sessions": ended})
        return
    click.echo(f"{identifier}: {ended} sessions ended")


def _sessions(provider: Provider, db: Session, identifier: str) -> list[dict[str, Any]]:
    found = sessions_of_person(
        db,
        identifiers_of(db, identifier),
        now=provider.clock.now(),
        idle=provider.settings.session_idle,
    )
    entered = clients_entered(db, [session.sid for session in found])
    return [
        {
            "sid": session.sid,
            "means": sorted(session.means),
            "auth_time": session.auth_time.isoformat(),
            "last_activity_at": session.last_activity_at.isoformat(),
            "expires_at": session.expires_at.isoformat(),
            "device_id": session.device_id,
            "card_number": session.card_number,
            "clients": [client.client_id for sid, client in entered if sid == session.sid],
        }
        for session in found
    ]


def _identifier(text: str) -> str:
    try:
        return parse_national_id(text)
    except IdentifierMalformed as error:
        raise click.ClickException(f"{text}: {error}") from error
