"""`ecps-idp import`, `claims` and `contact`: the directory of professionals."""

import csv
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from idp.cli.common import json_option, opened, pass_settings, print_json
from idp.clock import monotonic
from idp.directory.contacts import ContactInvalid, PersonUnknown, declare_contact
from idp.directory.extract import open_extract
from idp.directory.identifiers import IdentifierMalformed, parse_national_id
from idp.directory.importer import FileTruncated, Imported, Listener, import_directory
from idp.directory.people import Person, account_of, find_contact, find_person
from idp.directory.rows import HeaderUnknown
from idp.holders import Followed, follow_directory
from idp.provider import Provider
from idp.psc.claims import userinfo, without_identifiers
from idp.psc.subject import releases_national_id, subject_of
from idp.psc.vintages import VINTAGES
from idp.settings import Settings
from idp.store.clients import find_client
from idp.store.directory_import import ImportSuperseded, ImportUnderWay
from idp.store.models import Client


@click.command(
    "import",
    epilog="Example: ecps-idp import PS_LibreAcces_Personne_activite_202611210830.txt",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Take a file much smaller than the last one.")
@click.option(
    "--refused-csv",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write line and reason of every refused row to this file.",
)
@json_option
@pass_settings
def import_command(
    settings: Settings, file: Path, *, force: bool, refused_csv: Path | None, as_json: bool
) -> None:
    """Import the open extract of the directory, or PSC's private one, plain or in a ZIP.

    The new directory replaces the old one at once, at the end. Contacts and local corrections are
    kept. Who is closed or missing in it loses phones, cards and sessions; the cards of the others
    get the activities that it gives them.
    """
    begun = monotonic()
    with ExitStack() as stack:
        provider = stack.enter_context(opened(settings))
        try:
            with open_extract(file) as extract:
                size = extract.size
            bar = stack.enter_context(
                click.progressbar(length=size, label="importing", file=sys.stderr)
            )
            listener = Listener(progressed=lambda _imported, read: bar.update(read))
            if refused_csv is not None:
                table = csv.writer(stack.enter_context(refused_csv.open("w", encoding="utf-8")))
                table.writerow(["line", "reason"])
                listener.refused = lambda line, reason: table.writerow([line, reason])
            imported = import_directory(provider, file, force=force, listener=listener)
            followed = follow_directory(provider)
        except (HeaderUnknown, ImportUnderWay, ImportSuperseded) as error:
            raise click.ClickException(str(error)) from error
        except FileTruncated as error:
            raise click.ClickException(f"{error}; --force imports it all the same") from error
    _report(imported, followed, seconds=monotonic() - begun, as_json=as_json)


def _report(imported: Imported, followed: Followed, *, seconds: float, as_json: bool) -> None:
    figures: dict[str, Any] = {
        "generation": imported.generation,
        "source": imported.source,
        "rows": imported.rows,
        "people": imported.people,
        "refused": imported.refused,
        "people_closed": followed.people_closed,
        "activities_changed": followed.activities_changed,
        "seconds": round(seconds, 1),
        "rows_per_second": round(imported.rows / seconds) if seconds else 0,
    }
    if as_json:
        print_json(figures)
        return
    click.echo(
        "generation {generation} ({source}): {rows} rows, {people} people, {refused} refused, "
        "{seconds} s, {rows_per_second} rows/s; {people_closed} people lost what they held, "
        "{activities_changed} activities changed on cards".format(**figures)
    )


@click.command("claims", epilog="Example: ecps-idp claims 899700990015 --vintage 2022")
@click.argument("national_id")
@click.option("--vintage", type=click.Choice(list(VINTAGES)), help="Which shape; else as set.")
@click.option("--auth-mode", type=click.Choice(["CARD", "MOBILE", "WEBAUTHN"]), default="MOBILE")
@click.option("--client", "client_id", help="As this client sees it; pairwise `sub` needs one.")
@json_option
@pass_settings
def claims_command(
    settings: Settings,
    national_id: str,
    *,
    vintage: str | None,
    auth_mode: str,
    client_id: str | None,
    as_json: bool,
) -> None:
    """Print what userinfo says of a professional."""
    with opened(settings) as provider:
        person = _person(provider, national_id)
        client = _client(provider, client_id)
        with provider.store.begin() as db:
            account = account_of(db, person.national_id, provider.clock.now())
        sub = subject_of(
            provider, client, account_id=account.account_id, national_id=person.national_id
        )
        claims = userinfo(
            person, sub=sub, auth_mode=auth_mode, vintage=vintage or settings.claims_vintage
        )
        if not releases_national_id(provider, client):
            claims = without_identifiers(claims, person)
    if as_json:
        print_json(claims)
        return
    for name, value in claims.items():
        if name != "SubjectRefPro":
            click.echo(f"{name}: {value}")
    for exercice in person.exercices:
        click.echo(f"exercice {exercice['codeProfession']}{exercice['codeSavoirFaire']}")
        for activity in exercice["activities"]:
            place = activity["raisonSocialeSite"] or "-"
            click.echo(f"  {activity['codeModeExercice']} {activity['codeRole']} {place}")


@click.command(
    "contact",
    epilog="Example: ecps-idp contact 899700990015 --mobile '06 39 98 00 99' --email a@b.test",
)
@click.argument("national_id")
@click.option("--mobile", help="New mobile number; the empty string removes it.")
@click.option("--email", help="New e-mail address; the empty string removes it.")
@json_option
@pass_settings
def contact_command(
    settings: Settings,
    national_id: str,
    *,
    mobile: str | None,
    email: str | None,
    as_json: bool,
) -> None:
    """Show or change the registered contacts of a professional; the old ones are told."""
    with opened(settings) as provider:
        person = _person(provider, national_id)
        with provider.store.begin() as db:
            try:
                contact = (
                    find_contact(db, person.national_id)
                    if mobile is None and email is None
                    else declare_contact(provider, db, person.national_id, mobile, email)
                )
            except (ContactInvalid, PersonUnknown) as error:
                raise click.ClickException(str(error)) from error
    figures = {
        "national_id": person.national_id,
        "mobile": contact.mobile if contact else "",
        "email": contact.email if contact else "",
        "held_until": contact.held_until.isoformat() if contact and contact.held_until else None,
    }
    if as_json:
        print_json(figures)
        return
    for name, value in figures.items():
        click.echo(f"{name}: {value or '-'}")


def _client(provider: Provider, client_id: str | None) -> Client:
    if client_id is None:
        if provider.settings.sub_format == "pairwise":
            raise click.ClickException("`sub` is pairwise: name a client with --client")
        return Client(client_id="", redirect_uris=[], options={})
    with provider.store.read() as db:
        client = find_client(db, client_id)
    if client is None:
        raise click.ClickException(f"no client {client_id}")
    return client


def _person(provider: Provider, text: str) -> Person:
    try:
        national_id = parse_national_id(text)
    except IdentifierMalformed as error:
        raise click.ClickException(f"{text}: {error}") from error
    with provider.store.read() as db:
        person = find_person(db, national_id)
    if person is None:
        raise click.ClickException(f"{national_id} is not in the directory")
    return person
