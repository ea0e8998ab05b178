"""`python -m relying_services.billing`: serve the workstation, verify what it exported."""

import json
from decimal import Decimal
from pathlib import Path

import click

from relying_services.billing import KIND, BillingSettings, create_app
from relying_services.billing.authority import Authority
from relying_services.billing.batch_file import BatchWrong, named, verify_batch
from relying_services.billing.card_errors import ListUnavailable
from relying_services.billing.revocation import load_list
from relying_services.clock import Clock
from relying_services.service.command import group
from relying_services.service.formats import CENTS
from relying_services.service.settings import WrongSetting

_file = click.Path(path_type=Path, dir_okay=False, exists=True)

main = group(
    KIND,
    "The billing workstation of a substitute.",
    BillingSettings,
    create_app,
    options=[
        click.Option(["--reader-url"], default="http://localhost:8002", show_default=True),
        click.Option(
            ["--reader-secret"],
            envvar="BILLING_READER_SECRET",
            required=True,
            help="Start-up secret of the reader; or BILLING_READER_SECRET.",
        ),
        click.Option(
            ["--authority-file"],
            type=click.Path(dir_okay=False, exists=True),
            required=True,
            help="Certificate of the authority of the cards: GET /pki/persons.crt of the provider.",
        ),
        click.Option(
            ["--list-url"], default="http://localhost:8000/pki/persons.crl", show_default=True
        ),
        click.Option(["--workstation"], default="POSTE-1", show_default=True),
        click.Option(
            ["--mailbox-email"],
            default=BillingSettings.mailbox_email,
            show_default=True,
            help="Who provides the mailboxes: asked to open one to a substitute.",
        ),
    ],
)


@main.command()
@click.argument("batch", type=_file)
@click.option("--trust", type=_file, required=True, help="Certificate of the authority.")
@click.option("--crl", type=_file, help="Its list of revoked certificates, DER.")
def verify(batch: Path, trust: Path, crl: Path | None) -> None:
    """Check BATCH, BATCH.sig.json beside it, and each invoice in it; says who signed what.

    Example: python -m relying_services.billing verify LOT-000001.json --trust persons.crt
    """
    beside = batch.with_name(f"{batch.name}.sig.json")
    try:
        authority = Authority.load(str(trust))
        revoked = load_list(crl.read_bytes(), authority, Clock().now()) if crl else None
        signed = json.loads(beside.read_bytes())
        report = verify_batch(batch.read_text(encoding="utf-8"), signed, authority, revoked)
    except ListUnavailable as error:
        raise click.ClickException(f"{crl} is no list of that authority in force now") from error
    except FileNotFoundError as error:
        raise click.UsageError(f"there is no {beside}") from error
    except (BatchWrong, WrongSetting, ValueError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"{named(report.number)} of {report.workstation}, billed for {report.billed_for}, "
        f"signed by {report.signer}: EUR {Decimal(report.total) / CENTS:.2f}"
    )
    for number, author in report.authors.items():
        click.echo(f"invoice {number}: signed by {author}")
    if crl is None:
        click.echo("Opposed cards were not looked up: give the list of revoked ones with --crl")


if __name__ == "__main__":
    main()
