"""`ecps-wallet enrol`: identifier, QR of the mail, code of the SMS, PIN."""

from pathlib import Path

import click

from wallet_sim.cli.common import (
    Shell,
    json_option,
    pin_options,
    print_activated,
    read_pin,
    warn_of_plain_pin,
)
from wallet_sim.dev_provider import DevProvider
from wallet_sim.enrolment import SmsSent
from wallet_sim.file import Enrolment
from wallet_sim.phone import DEFAULT_NAME, Phone

_PATIENCE = 15.0  # seconds to wait for a message of the outbox


@click.command()
@click.option("--idp", required=True, metavar="URL", help="Address of the provider.")
@click.option("--national-id", required=True, help="National identifier: 8, then the RPPS number.")
@click.option("--name", default=DEFAULT_NAME, show_default=True, help="Name of this phone.")
@click.option(
    "--outbox",
    is_flag=True,
    help="Take QR and code from a --dev provider; its secret in ECPS_DEV_SECRET.",
)
@pin_options
@json_option
@click.pass_obj
def enrol(
    shell: Shell,
    idp: str,
    national_id: str,
    name: str,
    *,
    outbox: bool,
    pin: str | None,
    pin_stdin: bool,
    as_json: bool,
) -> None:
    """Activate an e-CPS on this phone.

    Example: ecps-wallet --home /tmp/phone enrol --idp http://localhost:8000
    --national-id 899700218896 --pin 2580 --outbox
    """
    dev = shell.dev_provider(idp) if outbox else None
    sent_before = dev.cursor(national_id) if dev is not None else 0
    with shell.phone() as phone:
        ticket = phone.start_enrolment(idp, national_id, name)
        if dev is not None:
            _take_from_outbox(phone, dev, ticket, sent_before)
        else:
            _ask_person(phone)
        warn_of_plain_pin(phone, "pin")
        chosen = read_pin(pin, pin_stdin=pin_stdin, prompt="Choose a PIN", confirm=True)
        identity = phone.choose_pin(chosen)
        print_activated(phone, identity, as_json=as_json)


def _take_from_outbox(phone: Phone, dev: DevProvider, ticket: Enrolment, after: int) -> None:
    refusal = dev.refusal(ticket.ticket_id)
    if refusal is not None:
        raise click.ClickException(f"this person cannot activate an e-CPS: {refusal}")
    mail = dev.wait_for(ticket.national_id, "mail", after=after, seconds=_PATIENCE)
    phone.scan(mail.picture)
    click.echo("The QR of the mail is scanned.", err=True)
    sms = dev.wait_for(ticket.national_id, "sms", after=mail.id, seconds=_PATIENCE)
    phone.enter_sms_code(sms.code)
    click.echo("The code of the SMS is typed.", err=True)


def _ask_person(phone: Phone) -> None:
    click.echo("If this identifier is known, a mail was sent to its declared address.", err=True)
    given = click.prompt("Path of the QR's picture, or the code of the mail", err=True).strip()
    picture = Path(given).expanduser()
    sent: SmsSent = phone.scan(picture) if picture.is_file() else phone.redeem(given)
    code = click.prompt(f"Code of the SMS to {sent.hint}", err=True)
    phone.enter_sms_code(code)
