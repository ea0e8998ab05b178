"""TLS 1.3 in which the card itself signs the handshake (RFC 8446, 4.4.3), and one request over it.

The private key never leaves the card, so that a token serves as well as a file; Python's own TLS
takes a key as a file only.
"""

import contextlib
import http.client
import io
import socket
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from wallet_sim.card.errors import ServerUntrusted
from wallet_sim.card.trust import ServerTrust
from wallet_sim.errors import AddressRefused, NoAnswer

with warnings.catch_warnings():
    # It loads asyncore, of which nothing is used here; tests of others make an error of a warning.
    warnings.simplefilter("ignore", DeprecationWarning)
    from tlslite.api import X509, HandshakeSettings, TLSConnection, X509CertChain
    from tlslite.errors import BaseTLSException
    from tlslite.utils.ecdsakey import ECDSAKey

_LARGEST_ANSWER = 256 * 1024  # bytes
_PART = 16 * 1024  # bytes, one TLS record
_SILENCE = 10.0  # seconds without a byte
_LONGEST = 20.0  # seconds for the whole exchange
_TLS_1_3 = (3, 4)
_HTTPS = 443


@dataclass(frozen=True)
class ClientCertificate:
    """What a card shows and signs with in a handshake."""

    chain: str
    """PEM, the card's own first."""
    sign_digest: Callable[[bytes], bytes]
    """ECDSA over 32 bytes of SHA-256, DER."""


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    kind: str
    """Media type, without parameters."""
    body: bytes


def get(
    address: str, certificate: ClientCertificate, trust: ServerTrust, headers: dict[str, str]
) -> Answer:
    """GET an address, authenticated by a card. No redirect is followed.

    Raises:
        AddressRefused: it is no https address.
        ServerUntrusted: the server's certificate does not hold; the card was not shown to it.
        NoAnswer: none came in time, or it was too large.
    """
    return _ask(address, certificate, trust, headers)


def post(
    address: str,
    certificate: ClientCertificate,
    trust: ServerTrust,
    headers: dict[str, str],
    body: bytes,
) -> Answer:
    """POST to an address, as `get` does.

    Raises:
        AddressRefused, ServerUntrusted, NoAnswer: as `get` says.
    """
    return _ask(address, certificate, trust, headers, body)


def _ask(
    address: str,
    certificate: ClientCertificate,
    trust: ServerTrust,
    headers: dict[str, str],
    sent: bytes | None = None,
) -> Answer:
    method = "GET" if sent is None else "POST"
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname or parts.username:
        raise AddressRefused(f"{address} is no https address: a card is shown over TLS only")
    port = parts.port or _HTTPS
    with _connect(parts.hostname, port, certificate, trust) as connection:
        client = http.client.HTTPConnection(parts.hostname, port)
        client.sock = connection
        client.request(method, parts.path or "/", sent, {**headers, "Connection": "close"})
        response = client.getresponse()
        body = bytearray()
        while part := response.read(_PART):
            body += part
            if len(body) > _LARGEST_ANSWER:
                raise NoAnswer("the provider's answer is too large")
        return Answer(response.status, response.headers.get_content_type(), bytes(body))


@contextmanager
def _connect(
    host: str, port: int, certificate: ClientCertificate, trust: ServerTrust
) -> Iterator[Any]:
    try:
        plain = socket.create_connection((host, port), timeout=_SILENCE)
    except OSError as error:
        raise NoAnswer(f"no answer from {host}:{port}: {error}") from error
    # A server that sends a byte now and then must not hold the reader for ever.
    end = threading.Timer(_LONGEST, _cut, [plain])
    end.daemon = True
    end.start()
    with plain:
        connection = _Connection(plain, host, trust)
        try:
            connection.handshakeClientCert(
                _chain(certificate.chain),
                _CardKey(certificate.sign_digest),
                settings=_settings(),
                serverName=None if _is_address(host) else host,
            )
            yield connection
        except (OSError, BaseTLSException, http.client.HTTPException) as error:
            raise NoAnswer(f"no answer from {host}:{port} over TLS: {error}") from error
        finally:
            end.cancel()


class _Connection(TLSConnection):  # type: ignore[misc] # the library is untyped
    """A connection that looks at the server's certificate before it shows the card's."""

    def __init__(self, plain: socket.socket, host: str, trust: ServerTrust) -> None:
        super().__init__(plain)
        self._host = host
        self._trust = trust

    def _clientGetKeyFromChain(  # noqa: N802 - the library's name of this step
        self, certificate: Any, settings: Any, tack_ext: Any = None
    ) -> Iterator[Any]:
        # The library offers a checker only after the handshake, when the card has been shown.
        if certificate.cert_chain:
            shown = [bytes(each.bytes) for each in certificate.cert_chain.x509List]
            self._trust.check(self._host, shown)
        yield from super()._clientGetKeyFromChain(certificate, settings, tack_ext)

    def makefile(self, mode: str = "rb", bufsize: int = -1) -> io.BufferedReader:
        return io.BufferedReader(super().makefile(mode, bufsize))

    def recv_into(self, buffer: Any) -> int:
        return super().recv_into(buffer) or 0  # the library's None would say: try again


class _CardKey(ECDSAKey):  # type: ignore[misc] # the library is untyped
    """The card's key as the library's handshake asks for one."""

    def __init__(self, sign_digest: Callable[[bytes], bytes]) -> None:
        # Not the base class's: it is abstract, and would want the key itself.
        self._sign_digest = sign_digest
        self.key_type = "ecdsa"
        self.curve_name = "NIST256p"
        self.public_key = self.private_key = None

    def __len__(self) -> int:
        return 256

    def hasPrivateKey(self) -> bool:  # noqa: N802 - the library's name
        return True

    def _sign(self, data: bytes, hash_alg: str) -> bytearray:
        if hash_alg != "sha256":
            raise ServerUntrusted(f"the server asks for {hash_alg}; a card signs SHA-256")
        return bytearray(self._sign_digest(bytes(data)))

    def _hashAndSign(self, data: bytes, hAlg: str) -> bytearray:  # noqa: N802, N803 - as above
        raise NotImplementedError("TLS 1.3 signs digests only")

    def _verify(self, signature: bytes, hash_bytes: bytes) -> bool:
        del signature, hash_bytes
        return True  # the library looks for faults of its own arithmetic; a card has none to leak


def _chain(pem: str) -> X509CertChain:
    chain = X509CertChain()
    for each in x509.load_pem_x509_certificates(pem.encode("ascii")):
        parsed = X509()
        parsed.parseBinary(each.public_bytes(Encoding.DER))
        chain.x509List.append(parsed)
    return chain


def _settings() -> HandshakeSettings:
    settings = HandshakeSettings()
    settings.minVersion = settings.maxVersion = _TLS_1_3
    # A compressed certificate of the client is one that the listener's library does not read.
    settings.certificate_compression_send = ()
    settings.certificate_compression_receive = ()
    return settings


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


def _cut(plain: socket.socket) -> None:
    with contextlib.suppress(OSError):
        plain.shutdown(socket.SHUT_RDWR)
