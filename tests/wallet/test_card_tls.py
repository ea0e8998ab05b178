"""TLS 1.3 in which the card signs the handshake, against the real listener and against bad ones."""

import hashlib
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from flask import Flask
from OpenSSL import SSL

from idp.serving.authority import ServerCertificate
from idp.settings import Settings
from tests.cards.helpers import of_another_version
from tests.wallet.cards import MadeCard, make
from tests.wallet.listener import certificate_for, listen
from wallet_sim.card import tls
from wallet_sim.card.card import OpenedCard
from wallet_sim.card.errors import ServerUntrusted
from wallet_sim.card.pkcs11_keys import DEFAULT_MODULE
from wallet_sim.card.tls import ClientCertificate
from wallet_sim.card.trust import ServerTrust
from wallet_sim.errors import AddressRefused, NoAnswer

CONNECTION = "ecps.tls_connection"


class Seen:
    """A page that tells what certificate it was shown."""

    def __init__(self, body: bytes = b"hello", status: str = "200 OK") -> None:
        self.certificates: list[bytes] = []
        self._body = body
        self._status = status

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        shown = environ[CONNECTION].get_peer_certificate(as_cryptography=True)
        self.certificates.append(shown.public_bytes(Encoding.DER))
        headers = [("Content-Type", "text/plain"), ("Location", "https://elsewhere.test/")]
        start_response(self._status, [*headers, ("Content-Length", str(len(self._body)))])
        return [self._body]


@pytest.fixture
def trust(certificate: ServerCertificate) -> ServerTrust:
    return ServerTrust(certificate.authority)


@pytest.fixture(params=["file", "pkcs11"])
def made(
    request: pytest.FixtureRequest, app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> MadeCard:
    """A card of either kind: neither gives its key away for the handshake."""
    if request.param == "file":
        return make(app, tmp_path / "cards")
    if not Path(DEFAULT_MODULE).exists():
        pytest.skip("SoftHSM2 is not installed")
    (tmp_path / "tokens").mkdir()
    setting = tmp_path / "softhsm2.conf"
    setting.write_text(f"directories.tokendir = {tmp_path / 'tokens'}\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(setting))
    pkcs11.lib(DEFAULT_MODULE).reinitialize()
    return make(app, tmp_path / "cards", module=DEFAULT_MODULE)


@pytest.fixture
def opened(made: MadeCard) -> Iterator[OpenedCard]:
    with made.insert() as card:
        yield card.enter_code(made.code)


def shown_by(card: OpenedCard) -> ClientCertificate:
    return ClientCertificate(card.state.certificates.authentication, card.sign_digest)


def der(pem: str) -> bytes:
    return x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)


def test_the_server_sees_the_authentication_certificate(
    opened: OpenedCard, certificate: ServerCertificate, trust: ServerTrust, settings: Settings
) -> None:
    page = Seen()
    with listen(page, certificate, settings) as address:
        answer = tls.get(f"{address}/card/h", shown_by(opened), trust, {})
    assert (answer.status, answer.kind, answer.body) == (200, "text/plain", b"hello")
    assert page.certificates == [der(opened.state.certificates.authentication)]


@pytest.fixture
def file_card(app: Flask, tmp_path: Path) -> Iterator[OpenedCard]:
    made = make(app, tmp_path / "file-card")
    with made.insert() as card:
        yield card.enter_code(made.code)


def test_an_impostor_is_shown_no_card(
    file_card: OpenedCard,
    certificate: ServerCertificate,
    settings: Settings,
    tmp_path: Path,
) -> None:
    """The server proves itself before the card does, so that nobody learns whose card it is."""
    signed: list[bytes] = []
    page = Seen()
    other = certificate_for(tmp_path / "other")

    def sign(digest: bytes) -> bytes:
        signed.append(digest)
        return file_card.sign_digest(digest)

    shown = ClientCertificate(file_card.state.certificates.authentication, sign)
    with (
        listen(page, certificate, settings) as address,
        pytest.raises(ServerUntrusted),
    ):
        tls.get(f"{address}/card/h", shown, ServerTrust(other.authority), {})
    assert signed == []
    assert page.certificates == []


def test_a_server_certificate_of_another_version_is_refused(
    certificate: ServerCertificate, trust: ServerTrust
) -> None:
    """RFC 5280, 4.1.2.1."""
    (own, *_above) = x509.load_pem_x509_certificates(certificate.certificate.read_bytes())
    der = own.public_bytes(Encoding.DER)
    trust.check("localhost", [der])
    with pytest.raises(ServerUntrusted):
        trust.check("localhost", [of_another_version(der)])


def test_a_certificate_for_another_host_is_refused(
    file_card: OpenedCard,
    certificate: ServerCertificate,
    trust: ServerTrust,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with listen(Seen(), certificate, settings) as address:
        port = int(address.rpartition(":")[2])
        connect = socket.create_connection
        monkeypatch.setattr(
            socket, "create_connection", lambda _, timeout: connect(("127.0.0.1", port), timeout)
        )
        with pytest.raises(ServerUntrusted):
            tls.get(f"https://card.test:{port}/card/h", shown_by(file_card), trust, {})


def test_an_address_without_a_name_is_verified_too(
    file_card: OpenedCard, certificate: ServerCertificate, trust: ServerTrust, settings: Settings
) -> None:
    with listen(Seen(), certificate, settings) as address:
        numeric = address.replace("localhost", "127.0.0.1")
        assert tls.get(f"{numeric}/card/h", shown_by(file_card), trust, {}).status == 200


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_the_systems_authorities_stand_in_where_none_is_given(
    file_card: OpenedCard,
    certificate: ServerCertificate,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with listen(Seen(), certificate, settings) as address:
        with pytest.raises(ServerUntrusted):
            tls.get(f"{address}/card/h", shown_by(file_card), ServerTrust(), {})
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.authority))
        assert tls.get(f"{address}/card/h", shown_by(file_card), ServerTrust(), {}).status == 200


def test_a_redirect_is_not_followed(
    file_card: OpenedCard, certificate: ServerCertificate, trust: ServerTrust, settings: Settings
) -> None:
    page = Seen(status="303 See Other")
    with listen(page, certificate, settings) as address:
        assert tls.get(f"{address}/card/h", shown_by(file_card), trust, {}).status == 303
    assert len(page.certificates) == 1


def test_an_answer_without_end_is_given_up(
    file_card: OpenedCard, certificate: ServerCertificate, trust: ServerTrust, settings: Settings
) -> None:
    page = Seen(b"x" * (256 * 1024 + 1))
    with listen(page, certificate, settings) as address, pytest.raises(NoAnswer, match="large"):
        tls.get(f"{address}/card/h", shown_by(file_card), trust, {})


def test_a_server_that_never_answers_is_given_up(
    file_card: OpenedCard,
    certificate: ServerCertificate,
    trust: ServerTrust,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tls, "_LONGEST", 0.5)
    ended = threading.Event()

    def wait(_environ: object, start_response: Any) -> Iterable[bytes]:
        ended.wait(30)
        start_response("200 OK", [])
        return []

    with listen(wait, certificate, settings) as address:
        with pytest.raises(NoAnswer):
            tls.get(f"{address}/card/h", shown_by(file_card), trust, {})
        ended.set()


@contextmanager
def _only_tls_1_2(certificate: ServerCertificate) -> Iterator[str]:
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_max_proto_version(SSL.TLS1_2_VERSION)
    context.use_certificate_chain_file(str(certificate.certificate))
    context.use_privatekey_file(str(certificate.key))
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            plain, _ = listener.accept()
            with plain:
                connection = SSL.Connection(context, plain)
                connection.set_accept_state()
                with pytest.raises(SSL.Error):
                    connection.do_handshake()

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"https://localhost:{listener.getsockname()[1]}"
        thread.join()


def test_an_older_tls_is_refused(
    file_card: OpenedCard, certificate: ServerCertificate, trust: ServerTrust
) -> None:
    with _only_tls_1_2(certificate) as address, pytest.raises(NoAnswer):
        tls.get(f"{address}/card/h", shown_by(file_card), trust, {})


@pytest.mark.parametrize("address", ["http://localhost/card/h", "/card/h", "https://u@localhost/"])
def test_a_card_is_shown_over_tls_only(
    file_card: OpenedCard, trust: ServerTrust, address: str
) -> None:
    with pytest.raises(AddressRefused):
        tls.get(address, shown_by(file_card), trust, {})


def test_nobody_there_is_told_as_no_answer(file_card: OpenedCard, trust: ServerTrust) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NoAnswer):
        tls.get(f"https://localhost:{port}/", shown_by(file_card), trust, {})


def test_a_key_that_is_not_the_certificates_opens_no_connection(
    file_card: OpenedCard, certificate: ServerCertificate, trust: ServerTrust, settings: Settings
) -> None:
    """Whoever copies a certificate has no card: the signature is what counts."""
    page = Seen()

    def sign_otherwise(digest: bytes) -> bytes:
        return file_card.sign(hashlib.sha256(digest).digest())

    shown = ClientCertificate(file_card.state.certificates.authentication, sign_otherwise)
    with listen(page, certificate, settings) as address, pytest.raises(NoAnswer):
        tls.get(f"{address}/card/h", shown, trust, {})
    assert page.certificates == []
