"""`ecps-idp conformance-config`: the clients, keys and configurations of the conformance suite."""

import json
import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from joserfc.jwk import RSAKey
from sqlalchemy.orm import Session

from idp.cli.common import opened, pass_settings
from idp.cli.conformance_plans import FAMILIES, Family, Suite
from idp.cli.metadata_options import key_of
from idp.oauth.clients.metadata import ClientMetadataRefused, read_metadata
from idp.oauth.clients.registration import register_at
from idp.provider import Provider
from idp.settings import REALM_PATH, Settings

_KEY_BITS = 2048
_CERTIFICATE_LIFETIME = timedelta(days=365)
_SECRET_BYTES = 32
_OWNER_ALONE = 0o600


@click.command(
    "conformance-config",
    epilog="Example: ecps-idp conformance-config --out conformance "
    "--approval-url http://localhost:8002/automatic-approvals/...",
)
@click.option(
    "--out",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the configurations, which hold private keys; made where there is none.",
)
@click.option(
    "--issuer",
    default=f"https://localhost:8004{REALM_PATH}",
    show_default=True,
    help="This provider's, as it is served to the suite: plans demand https.",
)
@click.option(
    "--certificate-url",
    default="https://localhost:8005",
    show_default=True,
    help="Where it asks for certificates.",
)
@click.option(
    "--suite",
    "suite_url",
    default="https://localhost.emobix.co.uk:8443",
    show_default=True,
    help="Where browsers find the suite.",
)
@click.option(
    "--called-at",
    default="https://localhost:8443",
    show_default=True,
    help="Where this provider calls the suite: on this machine, or at port 443.",
)
@click.option("--national-id", default="899700990015", show_default=True, help="Who signs in.")
@click.option(
    "--approval-url",
    help="What `ecps-wallet serve --automatic-approvals` printed; without it, somebody answers the "
    "requests of the CIBA plans.",
)
@pass_settings
def conformance_command(
    settings: Settings,
    *,
    folder: Path,
    issuer: str,
    certificate_url: str,
    suite_url: str,
    called_at: str,
    national_id: str,
    approval_url: str | None,
) -> None:
    """Register clients for the certification plans, and write what the public suite needs.

    Only in a simulation. Done again, it gives the same clients new keys and secrets.
    """
    suite = Suite(suite_url, called_at, issuer, certificate_url, national_id, approval_url)
    with opened(settings) as provider:
        if not provider.is_simulation:
            raise click.ClickException("a real database accepts no client of a test suite")
        # Nothing is registered where one of the files could not be written.
        with provider.store.begin() as db:
            written = [_prepare(provider, db, suite, family, folder) for family in FAMILIES]
    for family, file in zip(FAMILIES, written, strict=True):
        click.echo(f"{file}  {', '.join(family.plans)}")


def _prepare(provider: Provider, db: Session, suite: Suite, family: Family, folder: Path) -> Path:
    told: dict[str, dict[str, Any]] = {}
    for number in ("", "2"):
        client_id = f"conformance-{family.name}{'-2' if number else '-1'}"
        values, member = _client(family, client_id)
        if family.has_certificates:
            values, told[f"mtls{number}"] = _with_certificate(
                values, client_id, now=provider.clock.now()
            )
        _register(provider, db, suite, family, values)
        told[f"client{number}"] = member
    if not family.has_keys:
        values, told["client_secret_post"] = _client(family, f"conformance-{family.name}-post")
        values["token_endpoint_auth_method"] = "client_secret_post"  # noqa: S105 - a method
        _register(provider, db, suite, family, values)
    return _write(folder / f"{family.name}.json", suite.configuration(family, told))


def _client(family: Family, client_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A client's metadata with its credential, and the same as the suite is told it."""
    values: dict[str, Any] = family.metadata | {"client_id": client_id, "client_name": client_id}
    named = {"client_id": client_id, "client_name": client_id}
    if not family.has_keys:
        credential = {"client_secret": secrets.token_urlsafe(_SECRET_BYTES)}
        return values | credential, named | credential
    # RSA, so that modules that sign with RS256 have a key for it.
    key = RSAKey.generate_key(_KEY_BITS, {"kid": client_id, "use": "sig", "alg": "PS256"})
    return (
        values | {"jwks": {"keys": [key.as_dict(private=False)]}},
        named | {"jwks": {"keys": [key.as_dict(private=True)]}},
    )


def _with_certificate(
    values: dict[str, Any], client_id: str, *, now: datetime
) -> tuple[dict[str, Any], dict[str, str]]:
    """The metadata with a certificate that signs itself (RFC 8705, 2.2), and its `mtls` member."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, client_id)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.replace(microsecond=0))
        .not_valid_after(now.replace(microsecond=0) + _CERTIFICATE_LIFETIME)
        .sign(key, hashes.SHA256())
    )
    keys = [*values["jwks"]["keys"], key_of(certificate)]
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return (
        values | {"jwks": {"keys": keys}},
        {"cert": certificate.public_bytes(Encoding.PEM).decode(), "key": private.decode()},
    )


def _register(
    provider: Provider, db: Session, suite: Suite, family: Family, values: dict[str, Any]
) -> None:
    asked = values | suite.addresses(family) | {"development": True}
    try:
        register_at(provider, db, read_metadata(asked))
    except ClientMetadataRefused as error:
        raise click.ClickException(f"{values['client_id']}: {error}") from error


def _write(file: Path, configuration: dict[str, Any]) -> Path:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ALONE)
    except FileExistsError as error:
        raise click.ClickException(f"{file} exists already: name another folder") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as written:
        json.dump(configuration, written, indent=2)
    return file
