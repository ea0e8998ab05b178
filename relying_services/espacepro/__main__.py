"""`python -m relying_services.espacepro`: EspacePro and its commands."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from relying_services.clock import Clock
from relying_services.espacepro import KIND, EspaceProSettings, create_app
from relying_services.espacepro.delegations import lapse
from relying_services.espacepro.errors import ExtractRefused, LicenceRefused
from relying_services.espacepro.extract import Imported, import_extract
from relying_services.espacepro.licences import register, withdraw
from relying_services.espacepro.matrix import MEANS, STATUSES
from relying_services.espacepro.sample import import_sample
from relying_services.espacepro.store.licences import licences_of
from relying_services.espacepro.store.models import LicenceRow
from relying_services.service.command import group, opened
from relying_services.service.options import clock_options, command_clock, database_option
from relying_services.service.store.database import Store
from relying_services.service.trace import Actor, note

_OPERATOR = Actor("operator", "COMMAND")
_AT_LEAST_ONE = click.IntRange(min=1)


def _means(
    _context: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> Mapping[str, frozenset[str]]:
    """What `--delegate-means STATUS=MEANS,…` says, over the matrix."""
    widened = dict(MEANS)
    for each in given:
        status, _, means = each.partition("=")
        if status not in STATUSES or not means:
            raise click.BadParameter(f"{each}: say STATUS=MEANS,… of {', '.join(STATUSES)}")
        widened[status] = frozenset(means.split(","))
    return widened


def _frozen(
    _context: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> frozenset[str]:
    return frozenset(given)


def _number(name: str, meaning: str) -> click.Option:
    return click.Option(
        [f"--{name.replace('_', '-')}"],
        type=_AT_LEAST_ONE,
        default=getattr(EspaceProSettings, name),
        show_default=True,
        help=meaning,
    )


_SERVED_WITH = [
    click.Option(
        ["--cpam-agent", "cpam_agents"],
        multiple=True,
        metavar="NATIONAL_ID",
        callback=_frozen,
        help="Who may open the back office of the CPAM; repeat it for several.",
    ),
    click.Option(
        ["--api-secret"],
        envvar="ESPACEPRO_API_SECRET",
        default="",
        help="By which Mon compte asks; or ESPACEPRO_API_SECRET. Nobody can ask without one.",
    ),
    click.Option(["--mon-compte-url"], default="", help="Where Mon compte stands, for links."),
    click.Option(
        ["--delegate-means"],
        multiple=True,
        metavar="STATUS=MEANS,…",
        callback=_means,
        help="By which means a delegate of a status acts, instead of the matrix.",
    ),
    _number("invitation_days", "How long an invitation can be accepted."),
    _number("draft_hours", "How long a delegation that was drawn up can be confirmed."),
    _number("invitations_a_day", "Invitations of one author within 24 hours."),
    _number("substitute_months", "The longest delegation to a substitute."),
    _number("student_months", "The longest delegation to a student who substitutes."),
    _number("consultations_a_day", "Patients whose reimbursements one person may look up a day."),
    _number("page_rows", "Rows of one page of a list."),
]

main = group(
    KIND,
    "Teleservices, and their delegation.",
    EspaceProSettings,
    create_app,
    options=_SERVED_WITH,
)


@main.command("import", epilog="Example: … import PS_LibreAcces_Personne_activite.txt")
@database_option(KIND)
@click.option("--force", is_flag=True, help="Take a file much smaller than the one before.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_file(database_url: str, file: Path, *, force: bool) -> None:
    """Import the open extract of the directory; it is in force once it is whole."""
    try:
        _tell(import_extract(opened(KIND, database_url), Clock(), file, force=force))
    except ExtractRefused as error:
        raise click.ClickException(str(error)) from error


@main.command("sample")
@database_option(KIND)
def sample(database_url: str) -> None:
    """Import invented people, an account and licences, for a demonstration."""
    try:
        _tell(import_sample(opened(KIND, database_url), Clock()))
    except ExtractRefused as error:
        raise click.ClickException(str(error)) from error


@main.command("lapse")
@database_option(KIND)
@clock_options
def lapse_invitations(database_url: str, clock_from: str | None, provider_secret: str) -> None:
    """Close invitations that nobody answered in time and tell who sent them; for a daily job."""
    clock = command_clock(clock_from, provider_secret)
    store, total = opened(KIND, database_url), 0
    while closed := _lapse_some(store, clock):
        total += closed
    click.echo(f"{total} invitations closed")


@main.group("licence")
def licence() -> None:
    """Licences by which students substitute."""


@licence.command("add")
@database_option(KIND)
@click.option("--number", required=True)
@click.option("--specialty", required=True, help="codeSavoirFaire, for example SM54.")
@click.option("--from", "starts_on", type=click.DateTime(["%Y-%m-%d"]), required=True)
@click.option("--to", "ends_on", type=click.DateTime(["%Y-%m-%d"]), required=True)
@click.argument("national_id")
def add(  # noqa: PLR0917 - Click passes options by name
    database_url: str,
    number: str,
    specialty: str,
    starts_on: datetime,
    ends_on: datetime,
    national_id: str,
) -> None:
    """Keep a licence that the Order gave to a student; both dates are included."""
    given = LicenceRow(
        number=number,
        national_id=national_id,
        specialty=specialty,
        starts_on=starts_on.date(),
        ends_on=ends_on.date(),
    )
    now = Clock().now()
    try:
        with opened(KIND, database_url).begin() as db:
            register(db, given)
            note(db, now, KIND.name, _OPERATOR, "licence:added", object=f"licence:{number}")
    except LicenceRefused as error:
        raise click.ClickException(str(error)) from error


@licence.command("withdraw")
@database_option(KIND)
@click.argument("number")
def withdraw_licence(database_url: str, number: str) -> None:
    """Forget a licence that the Order withdrew; the student's next act is refused."""
    try:
        with opened(KIND, database_url).begin() as db:
            withdraw(db, number)
            withdrawn = f"licence:{number}"
            note(db, Clock().now(), KIND.name, _OPERATOR, "licence:withdrawn", object=withdrawn)
    except LicenceRefused as error:
        raise click.ClickException(str(error)) from error


@licence.command("list")
@database_option(KIND)
@click.argument("national_id")
def list_licences(database_url: str, national_id: str) -> None:
    """Print the licences of a student, a JSON object a line."""
    with opened(KIND, database_url).read() as db:
        for each in licences_of(db, national_id):
            click.echo(json.dumps(_told(each), ensure_ascii=False))


def _lapse_some(store: Store, clock: Clock) -> int:
    """Some at a time: nobody waits long for a lock."""
    with store.begin() as db:
        closed = lapse(db, clock.now())
        for each in closed:
            by = replace(_OPERATOR, on_behalf_of=each.delegator, delegation_id=each.id)
            lapsed = f"delegation:{each.id}"
            note(db, clock.now(), KIND.name, by, "delegation:lapsed", object=lapsed)
    return len(closed)


def _told(each: LicenceRow) -> dict[str, Any]:
    return {
        "number": each.number,
        "national_id": each.national_id,
        "specialty": each.specialty,
        "starts_on": each.starts_on.isoformat(),
        "ends_on": each.ends_on.isoformat(),
    }


def _tell(imported: Imported) -> None:
    click.echo(f"{imported.rows} rows in force, {imported.refused} lines refused")


if __name__ == "__main__":
    main()
