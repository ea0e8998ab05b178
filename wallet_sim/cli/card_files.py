"""`ecps-wallet card sign | verify | export-pem`: what a card leaves in files."""

import os
from pathlib import Path

import click
from cryptography.x509.oid import NameOID

from wallet_sim.card.errors import CardFileRefused
from wallet_sim.card.file_keys import FileKeys
from wallet_sim.card.signed_file import SUFFIX, sign_file, verify_file
from wallet_sim.cli.card import card_option, open_card, path_of
from wallet_sim.cli.card_codes import code_options
from wallet_sim.cli.common import Shell, json_option, print_json
from wallet_sim.clock import SystemTime

_file = click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))


@click.command()
@_file
@card_option
@code_options
@click.pass_obj
def sign(
    shell: Shell, file: Path, *, which: str | None, code: str | None, code_stdin: bool
) -> None:
    """Sign a file: FILE.sig.json holds certificate and signature.

    Example: ecps-wallet card sign ordonnance.pdf --code 1234
    """
    with shell.insert(path_of(shell, which)) as inserted:
        opened = open_card(inserted, code, code_stdin=code_stdin)
        signed = sign_file(opened, file.read_bytes())
    target = _beside(file)
    target.write_text(signed, encoding="ascii")
    click.echo(f"Signed: {target}")


@click.command()
@_file
@click.option(
    "--trust",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    required=True,
    help="Certificate of the authority of the cards: GET /pki/persons.crt of the provider.",
)
@json_option
@click.pass_obj
def verify(shell: Shell, file: Path, *, trust: Path, as_json: bool) -> None:
    """Check FILE.sig.json against FILE; says who signed. Revocation is not looked up.

    Example: ecps-wallet card verify ordonnance.pdf --trust persons.crt
    """
    beside = _beside(file)
    if not beside.exists():
        raise click.UsageError(f"there is no {beside}")
    now = (shell.clock or SystemTime()).timestamp()
    certificate = verify_file(file.read_bytes(), beside.read_bytes(), trust.read_bytes(), now)
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    signer = str(names[0].value) if names else ""
    if as_json:
        print_json({"signer": signer, "subject": certificate.subject.rfc4514_string()})
    else:
        click.echo(f"Signed by {signer}: {certificate.subject.rfc4514_string()}")


@click.command("export-pem")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@card_option
@code_options
@click.pass_obj
def export_pem(
    shell: Shell, target: Path, *, which: str | None, code: str | None, code_stdin: bool
) -> None:
    """Write the authentication key in clear, with its certificates, for programs without cards.

    Example: ecps-wallet card export-pem /tmp/card.pem --code 1234
    """
    with shell.insert(path_of(shell, which)) as inserted:
        opened = open_card(inserted, code, code_stdin=code_stdin)
        if not isinstance(opened.keys, FileKeys):
            raise CardFileRefused("the keys of a token cannot leave it")
        text = (
            opened.keys.pem("authentication")
            + opened.state.certificates.authentication
            + opened.state.certificates.chain
        )
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as written:
        written.write(text)
    click.echo(
        f"Warning: {target} signs in without any code or counter: delete it after use.",
        err=True,
    )


def _beside(file: Path) -> Path:
    return file.with_name(file.name + SUFFIX)
