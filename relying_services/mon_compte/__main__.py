"""`python -m relying_services.mon_compte`: the account and its commands."""

import json

import click

from relying_services.clock import Clock
from relying_services.mon_compte import KIND, MonCompteSettings, create_app
from relying_services.mon_compte.answering import AlreadyAnswered, answer_question
from relying_services.mon_compte.invented import Holder, Volume
from relying_services.mon_compte.letters import DAYS, NobodyToWriteTo, send_letter
from relying_services.mon_compte.populate import TooManyAccounts, populate
from relying_services.mon_compte.settings import LONGEST_WINDOW
from relying_services.mon_compte.store.questions import unanswered
from relying_services.service.command import group, opened
from relying_services.service.options import clock_options, command_clock, database_option

_SERVED_WITH = [
    click.Option(
        ["--months"],
        type=click.IntRange(1, LONGEST_WINDOW),
        default=MonCompteSettings.months,
        show_default=True,
        help="How far back payments and activity are shown.",
    ),
    click.Option(
        ["--password-access/--no-password-access"],
        default=MonCompteSettings.password_access,
        show_default=True,
        help="Whether there is the access of 2007 by login and password, besides card and phone.",
    ),
    click.Option(
        ["--sensitive/--not-sensitive"],
        default=MonCompteSettings.sensitive,
        show_default=True,
        help="A sensitive service does not start with --password-access.",
    ),
    click.Option(
        ["--espacepro-url"],
        default=MonCompteSettings.espacepro_url,
        show_default=True,
        help="Where EspacePro tells who may act for whom.",
    ),
    click.Option(
        ["--espacepro-secret"],
        default="",
        envvar="MON_COMPTE_ESPACEPRO_SECRET",
        help="What this service is known by there, or MON_COMPTE_ESPACEPRO_SECRET; nobody acts for "
        "another without it.",
    ),
]

main = group(
    KIND,
    "The account of a practitioner, in five tabs.",
    MonCompteSettings,
    create_app,
    options=_SERVED_WITH,
)


@main.command("populate")
@database_option(KIND)
@click.option("--accounts", type=click.IntRange(min=0), default=20, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--months", type=click.IntRange(1, 60), default=20, show_default=True)
@click.option(
    "--invoices",
    type=click.IntRange(0, 1000),
    default=4,
    show_default=True,
    help="Of third-party payment, a month and account.",
)
@click.option(
    "--person",
    "people",
    type=(str, str, str, str),
    multiple=True,
    metavar="NATIONAL_ID FAMILY_NAME GIVEN_NAME BILLING_NUMBER",
    help="An account for somebody who can sign in; repeat it for several.",
)
def populate_accounts(  # noqa: PLR0917 - Click passes options by name
    database_url: str,
    accounts: int,
    seed: int,
    months: int,
    invoices: int,
    people: tuple[tuple[str, str, str, str], ...],
) -> None:
    """Invent accounts with payments, invoices and activity; those that exist are left alone."""
    holders = [Holder(owner, family, given, (number,)) for owner, family, given, number in people]
    try:
        done = populate(
            opened(KIND, database_url),
            Clock(),
            accounts=accounts,
            seed=seed,
            volume=Volume(months, invoices),
            people=holders,
        )
    except TooManyAccounts as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{done.accounts} accounts, {done.rows} rows in {done.seconds:.1f} s")


@main.command("questions")
@database_option(KIND)
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True)
def show_questions(database_url: str, limit: int) -> None:
    """Print the messages that wait for an answer, oldest first, a JSON object a line."""
    with opened(KIND, database_url).read() as db:
        for each in unanswered(db, limit):
            told = {
                "id": each.id,
                "at": each.asked_at.isoformat(),
                "owner": each.owner,
                "asked_by": each.asked_by,
                "subject": each.subject,
                "text": each.text,
            }
            click.echo(json.dumps(told, ensure_ascii=False))


@main.command("answer")
@database_option(KIND)
@click.option("--by", required=True, help="Name of the agent who answers; the person reads it.")
@click.option("--text", required=True)
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
def answer(database_url: str, by: str, text: str, number: int) -> None:
    """Answer a message of the contact form, once."""
    try:
        answer_question(opened(KIND, database_url), Clock(), number, by=by, text=text)
    except AlreadyAnswered as error:
        raise click.ClickException(str(error)) from error


@main.command("letter")
@database_option(KIND)
@click.option("--number", default="", help="Billing number that is the login; else the first.")
@click.option(
    "--days",
    type=click.IntRange(1, 365),
    default=DAYS,
    show_default=True,
    help="How long the code can be used.",
)
@click.option("--base-url", default="http://localhost:8010", show_default=True)
@clock_options
@click.argument("account")
def letter(  # noqa: PLR0917 - Click passes options by name
    database_url: str,
    number: str,
    days: int,
    base_url: str,
    clock_from: str | None,
    provider_secret: str,
    account: str,
) -> None:
    """Write a letter with a one-use code to ACCOUNT, which opens an access by password with it.

    ACCOUNT is a national identifier, or account:<id> of an accountant, who gets a mail. `messages`
    prints what was written.
    """
    now = command_clock(clock_from, provider_secret).now()
    try:
        with opened(KIND, database_url).begin() as db:
            login = send_letter(db, now, account, number, days=days, base_url=base_url.rstrip("/"))
    except NobodyToWriteTo as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{account}: a code for the login {login} was written")


if __name__ == "__main__":
    main()
