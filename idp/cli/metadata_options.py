"""Metadata of a client as options of a command."""

import base64
import difflib
import json
from pathlib import Path
from typing import Any

import click
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.errors import JoseError
from joserfc.jwk import import_key

from idp.oauth.clients.metadata import ClientMetadata
from idp.oauth.clients.registered import AUTHORIZATION_CODE, CIBA, DEVICE_CODE, REFRESH_TOKEN


def pair(text: str) -> tuple[str, Any]:
    """The name and the value of `NAME=JSON`; what is no JSON is taken for a text."""
    name, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f"--metadata takes NAME=JSON, not {text!r}")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def warn_of_unknown(names: list[str]) -> None:
    """Tell of names that nothing reads: they are kept, and change nothing."""
    known = ClientMetadata.model_fields
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            meant = f": did you mean {close[0]}?" if close else ""
            click.echo(f"warning: nothing reads the metadata {name}{meant}", err=True)


def grants(*, in_browser: bool, ciba: bool, device: bool) -> dict[str, list[str]]:
    """`grant_types` where sign-ins begin elsewhere than in a browser, or there as well."""
    if not (ciba or device):
        return {}
    begun = {AUTHORIZATION_CODE: in_browser, CIBA: ciba, DEVICE_CODE: device}
    return {"grant_types": [*(grant for grant, used in begun.items() if used), REFRESH_TOKEN]}


def certificate_metadata(file: Path, method: str) -> dict[str, Any]:
    """What names the client's certificate: its subject, or a key set that holds it (RFC 8705, 2).

    Raises:
        click.UsageError: the file holds no certificate, or the method uses none.
    """
    try:
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
        if method == "tls_client_auth":
            return {"tls_client_auth_subject_dn": certificate.subject.rfc4514_string()}
        if method == "self_signed_tls_client_auth":
            return {"jwks": {"keys": [key_of(certificate)]}}
    except (ValueError, JoseError) as error:
        raise click.UsageError(f"{file}: {error}") from error
    raise click.UsageError(f"--certificate is not for {method}")


def key_of(certificate: x509.Certificate) -> dict[str, Any]:
    """The public key of a certificate, with it as `x5c` (RFC 7517, 4.7)."""
    public = certificate.public_key()
    text = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    key = import_key(text, "RSA" if isinstance(public, rsa.RSAPublicKey) else "EC")
    der = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    return {**key.as_dict(private=False), "x5c": [der]}
