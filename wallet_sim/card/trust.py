"""Whom the reader believes to be the provider's listener (RFC 5280, RFC 9525)."""

import contextlib
import ipaddress
import ssl
import warnings
from pathlib import Path

from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from wallet_sim.card.errors import ServerUntrusted


class ServerTrust:
    """Authorities of server certificates.

    Args:
        authorities: a PEM file, such as a development authority's; else the system's, or the file
            that SSL_CERT_FILE names.
    """

    def __init__(self, authorities: Path | None = None) -> None:
        self._authorities = authorities

    def check(self, host: str, chain: list[bytes]) -> None:
        """Verify a server's certificate for a host.

        Args:
            host: the name or address that was asked for.
            chain: DER, the server's own first.

        Raises:
            ServerUntrusted: authority, name, time or form does not hold.
        """
        try:
            certificates = [x509.load_der_x509_certificate(each) for each in chain]
            verifier = PolicyBuilder().store(self._store()).build_server_verifier(_subject(host))
            verifier.verify(certificates[0], certificates[1:])
        except (VerificationError, ValueError, IndexError, x509.InvalidVersion) as error:
            raise ServerUntrusted(
                f"the certificate of {host} is of no authority known here, or does not hold: give "
                f"its authority with --ca or ECPS_CARD_CA ({error})"
            ) from error

    def _store(self) -> Store:
        path = self._authorities or ssl.get_default_verify_paths().cafile
        if path is None:
            raise ServerUntrusted("this machine has no list of authorities: give one")
        try:
            context = ssl.create_default_context(cafile=path)
            return Store(_readable(context.get_ca_certs(binary_form=True)))
        except (OSError, ValueError) as error:
            raise ServerUntrusted(f"{path} holds no authorities: {error}") from error


def _readable(authorities: list[bytes]) -> list[x509.Certificate]:
    """A system's list has old members that are no certificates by today's rules."""
    found = []
    for each in authorities:
        with contextlib.suppress(ValueError, x509.InvalidVersion), warnings.catch_warnings():
            # Nobody who signs in can mend them, and their serial numbers play no part.
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            found.append(x509.load_der_x509_certificate(each))
    return found


def _subject(host: str) -> x509.DNSName | x509.IPAddress:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
