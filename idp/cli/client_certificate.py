"""`ecps-idp client certificate`: a certificate for trying mutual TLS, in a simulation."""

import os
from pathlib import Path

import click
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from idp.cards.authority import AuthorityRefused
from idp.cli.common import json_option, opened, pass_settings, print_json
from idp.oauth.clients.simulated_certificate import NameTooLong, SimulatedCertificate, issue
from idp.settings import Settings

_READABLE, _SECRET = 0o644, 0o600


@click.command(
    "certificate", epilog="Example: ecps-idp client certificate my-service --out certificates"
)
@click.argument("client_id", metavar="ID")
@click.option(
    "--out",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for certificate.pem, key.pem and authority.pem; made where there is none.",
)
@json_option
@pass_settings
def certificate_command(settings: Settings, client_id: str, *, folder: Path, as_json: bool) -> None:
    """Make a key and a certificate that this simulation, and nobody else, believes.

    The client may be registered before or after.
    """
    with opened(settings) as provider, provider.store.begin() as db:
        try:
            made = issue(provider, db, client_id)
        except (AuthorityRefused, NameTooLong) as error:
            raise click.ClickException(str(error)) from error
        _write(folder, made)
    if as_json:
        print_json({"client_id": client_id, "tls_client_auth_subject_dn": made.subject})
        return
    click.echo(f"certificate {folder / 'certificate.pem'}, key {folder / 'key.pem'}")
    click.echo(f"subject     {made.subject}")
    click.echo(
        f"register it with: ecps-idp client add {client_id} --certificate "
        f"{folder / 'certificate.pem'} --redirect-uri ..."
    )


def _write(folder: Path, made: SimulatedCertificate) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    key = made.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    authorities = b"".join(each.public_bytes(Encoding.PEM) for each in made.chain)
    for name, content, mode in (
        ("key.pem", key, _SECRET),
        ("certificate.pem", made.certificate.public_bytes(Encoding.PEM), _READABLE),
        ("authority.pem", authorities, _READABLE),
    ):
        try:
            descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        except FileExistsError as error:
            raise click.ClickException(f"{folder / name} exists already: name another") from error
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
