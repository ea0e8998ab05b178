"""The authority of the cards, asked by a foreign program over real sockets (docs/cards.md 2)."""

import base64
import dataclasses
import re
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.ocsp import OCSPCertStatus, OCSPResponseStatus
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.serving import make_server

from idp import create_app
from idp.cards.authority import AuthorityRefused, persons_authority, standing_authority
from idp.keys.sealing import SealBroken, Sealer
from idp.provider import Provider
from idp.store.cards import revoke_certificates
from idp.store.models import CardAuthority
from idp.store.world import move_clock
from tests.cards.helpers import IssuedCard, issued_card
from tests.cards.pki import ask, number_of, question, the_list
from tests.conftest import make_settings, provider_of
from tests.serving.running import free_port_base

NONCE = bytes(range(32))


@dataclass
class Served:
    """A provider behind a socket, and the files that a program needs to check its cards."""

    provider: Provider
    folder: Path
    base_url: str

    def issue(self, name: str = "card", **columns: object) -> IssuedCard:
        card = issued_card(self.provider, **columns)  # type: ignore[arg-type]
        for use in ("authentication", "signature"):
            text = card.given["certificates"][use]
            (self.folder / f"{name}-{use}.pem").write_text(text)
        persons, root = (above.public_bytes(Encoding.PEM) for above in card.chain)
        (self.folder / "persons.pem").write_bytes(persons)
        (self.folder / "root.pem").write_bytes(root)
        return card

    def verify(self, certificate: str = "card-authentication.pem", *options: str) -> str:
        """`openssl verify` with the list from its distribution point."""
        chain = ("-CAfile", "root.pem", "-untrusted", "persons.pem")
        return self.openssl(
            "verify", "-x509_strict", "-crl_check", "-crl_download", *chain, *options, certificate
        )

    def ask(self, certificate: str = "card-authentication.pem", *options: str) -> str:
        """`openssl ocsp` at the address that the certificate names."""
        return self.openssl(
            *("ocsp", "-issuer", "persons.pem", "-CAfile", "root.pem", "-cert", certificate),
            *("-url", f"{self.base_url}/pki/ocsp", "-resp_text", *options),
        )

    def openssl(self, *arguments: str) -> str:
        ran = subprocess.run(
            ["openssl", *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return ran.stdout + ran.stderr


@pytest.fixture
def served(sqlite_url: str, master_key: str, tmp_path: Path) -> Iterator[Served]:
    port = free_port_base()
    base_url = f"http://127.0.0.1:{port}"
    app = create_app(make_settings(sqlite_url, master_key, base_url=base_url))
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Served(provider_of(app), tmp_path, base_url)
    server.shutdown()
    thread.join()
    server.server_close()
    provider_of(app).store.close()


def revoke(provider: Provider, card: IssuedCard, reason: str = "keyCompromise") -> None:
    with provider.store.begin() as db:
        now = provider.clock.now()
        assert revoke_certificates(db, card.card_number, reason=reason, now=now) == 2


def test_a_real_database_has_no_authority_and_no_address_of_one(provider: Provider) -> None:
    """Decision 1."""
    real = dataclasses.replace(provider, kind="real")
    with pytest.raises(AuthorityRefused), provider.store.begin() as db:
        persons_authority(real, db)
    with pytest.raises(AuthorityRefused):
        standing_authority(real)
    browser = create_app(provider.settings, provider=real).test_client()
    for path in ("/pki/root.crt", "/pki/persons.crt", "/pki/persons.crl", "/pki/ocsp/MAA="):
        assert browser.get(path).status_code == 404, path
    assert browser.post("/cards/v1/presentations").status_code == 404


def test_a_revoked_certificate_is_refused_by_whoever_asks(served: Served) -> None:
    """Attack 39; CP-13: by the list and by OCSP alike."""
    card = served.issue()
    revoke(served.provider, card)
    for use in ("authentication", "signature"):
        assert "certificate revoked" in served.verify(f"card-{use}.pem")
        told = served.ask(f"card-{use}.pem")
        assert f"card-{use}.pem: revoked" in told
        assert "Reason: keyCompromise" in told
        assert "Response verify OK" in told


def test_a_card_that_is_not_activated_is_refused_by_whoever_asks(served: Served) -> None:
    """CP-07: a program that knows nothing of holds takes it for revoked."""
    served.issue(state="recue_non_activee")
    assert "certificate revoked" in served.verify()
    told = served.ask("card-signature.pem")
    assert "card-signature.pem: revoked" in told
    assert "Reason: certificateHold" in told
    assert "Response verify OK" in told


def test_a_certificate_of_another_authority_with_the_same_names_is_refused(
    served: Served, fresh_postgresql_url: str, master_key: str
) -> None:
    """Attack 39."""
    served.issue()
    settings = make_settings(fresh_postgresql_url, master_key, base_url=served.base_url)
    app = create_app(settings)
    other = issued_card(provider_of(app))
    provider_of(app).store.close()
    (served.folder / "other.pem").write_text(other.given["certificates"]["authentication"])
    assert "verification failed" in served.verify("other.pem")


def test_the_certificate_to_sign_is_none_to_authenticate_with(served: Served) -> None:
    """Attack 39: a program that knows nothing of cards says so too."""
    served.issue()
    assert "OK" in served.verify("card-authentication.pem", "-purpose", "sslclient")
    assert "unsuitable certificate purpose" in served.verify(
        "card-signature.pem", "-purpose", "sslclient"
    )


def test_a_certificate_that_is_not_revoked_holds(served: Served) -> None:
    """Decision 30: chain, list and OCSP are as any program expects them."""
    served.issue()
    revoke(served.provider, served.issue("other"))
    for use in ("authentication", "signature"):
        assert served.verify(f"card-{use}.pem").strip() == f"card-{use}.pem: OK"
        told = served.ask(f"card-{use}.pem")
        assert f"card-{use}.pem: good" in told
        assert "Response verify OK" in told
        assert "WARNING: no nonce" not in told


def test_a_certificate_ends_with_its_card(served: Served) -> None:
    """CP-10."""
    served.issue()
    later = served.provider.clock.now() + served.provider.settings.card_lifetime
    options = ("-attime", str(int(later.timestamp()) + 1))
    chain = ("-CAfile", "root.pem", "-untrusted", "persons.pem")
    told = served.openssl("verify", *chain, *options, "card-authentication.pem")
    assert "certificate has expired" in told


def test_the_authority_signs_no_authority_below_it(served: Served) -> None:
    """Decision 30: path length 0."""
    served.issue()
    text = served.openssl("x509", "-in", "persons.pem", "-noout", "-text")
    assert re.search(r"Basic Constraints: critical\s+CA:TRUE, pathlen:0", text)
    assert "Issuer: O = SIMULATION, CN = TEST AC RACINE SIMULEE FORT" in text
    assert "Subject: O = SIMULATION, CN = TEST AC SIMULEE FORT PERSONNES" in text
    root = served.openssl("verify", "-CAfile", "root.pem", "-x509_strict", "persons.pem")
    assert root.strip() == "persons.pem: OK"


def test_the_authority_is_made_once(provider: Provider, browser: FlaskClient) -> None:
    """Decision 30."""
    persons = browser.get("/pki/persons.crt")
    assert persons.mimetype == "application/pkix-cert"
    with provider.store.begin() as db:
        authority = persons_authority(provider, db)
    assert x509.load_der_x509_certificate(persons.data) == authority.certificate
    root = x509.load_der_x509_certificate(browser.get("/pki/root.crt").data)
    assert root == authority.root
    authority.certificate.verify_directly_issued_by(root)


def test_of_several_processes_one_makes_the_authority(both: Provider) -> None:
    """Decision 30."""
    ready = threading.Barrier(4)

    def make(_: int) -> x509.Certificate:
        ready.wait()
        return standing_authority(both).certificate

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(make, range(4)))
    assert made == {standing_authority(both).certificate}


def test_its_private_keys_open_under_the_master_key_alone(provider: Provider) -> None:
    """Decision 23."""
    standing_authority(provider)
    with provider.store.read() as db:
        rows = list(db.scalars(select(CardAuthority)))
    assert len(rows) == 2
    stranger = dataclasses.replace(provider, sealer=Sealer(b"B" * 32))
    for row in rows:
        with pytest.raises(SealBroken):
            stranger.sealer.open(row.private_sealed, purpose="card-authority")
    with pytest.raises(SealBroken):
        standing_authority(stranger)


def test_the_number_of_the_list_rises_with_every_revocation(
    provider: Provider, browser: FlaskClient
) -> None:
    """RFC 5280, 5.2.3."""
    cards = [issued_card(provider) for _ in range(2)]
    numbers = [number_of(the_list(browser))]
    for card in cards:
        revoke(provider, card)
        numbers.append(number_of(the_list(browser)))
    with provider.store.begin() as db:
        move_clock(db, timedelta(seconds=2))
    numbers.append(number_of(the_list(browser)))
    assert numbers == sorted(set(numbers))


def test_the_list_is_of_the_present_and_good_for_a_day(
    provider: Provider, browser: FlaskClient
) -> None:
    """RFC 5280, 5.1.2: it follows the provider's clock (decision 5)."""
    with provider.store.begin() as db:
        move_clock(db, timedelta(days=400))
    crl = the_list(browser)
    now = provider.clock.now()
    assert timedelta(0) <= now - crl.last_update_utc < timedelta(minutes=1)
    assert crl.next_update_utc is not None
    assert crl.next_update_utc - crl.last_update_utc == provider.settings.crl_lifetime


def test_a_revocation_says_when_and_why(provider: Provider, browser: FlaskClient) -> None:
    """RFC 5280, 5.3."""
    card = issued_card(provider)
    revoke(provider, card, "superseded")
    crl = the_list(browser)
    assert len(list(crl)) == 2
    entry = crl.get_revoked_certificate_by_serial_number(card.signature.serial_number)
    assert entry is not None
    reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert reason is x509.ReasonFlags.superseded
    assert provider.clock.now() - entry.revocation_date_utc < timedelta(minutes=1)


def test_a_certificate_that_ended_leaves_the_list_after_one_more(
    provider: Provider, browser: FlaskClient
) -> None:
    """RFC 5280, 3.3."""
    revoke(provider, issued_card(provider))
    with provider.store.begin() as db:
        move_clock(db, provider.settings.card_lifetime + timedelta(minutes=1))
    assert len(list(the_list(browser))) == 2
    with provider.store.begin() as db:
        move_clock(db, provider.settings.crl_lifetime)
    assert len(list(the_list(browser))) == 0


@pytest.mark.parametrize("length", [0, 129])
def test_a_nonce_of_a_length_that_is_none_is_malformed(
    provider: Provider, browser: FlaskClient, length: int
) -> None:
    """RFC 9654, 2.1."""
    card = issued_card(provider)
    told = ask(browser, question(card.authentication, card.chain[0], bytes(length)))
    assert told.response_status is OCSPResponseStatus.MALFORMED_REQUEST


@pytest.mark.parametrize("body", [b"", b"\x30\x00", b"nonsense", bytes(2000)])
def test_what_is_no_question_is_malformed(browser: FlaskClient, body: bytes) -> None:
    """RFC 6960, 2.3."""
    assert ask(browser, body).response_status is OCSPResponseStatus.MALFORMED_REQUEST
    encoded = quote(base64.b64encode(body or b"\x00").decode(), safe="")
    by_address = browser.get(f"/pki/ocsp/{encoded}")
    told = ocsp.load_der_ocsp_response(by_address.data)
    assert told.response_status is OCSPResponseStatus.MALFORMED_REQUEST


@pytest.mark.parametrize("text", ["---", "MAA", "%C3%A9"])
def test_an_address_that_is_no_base64_is_no_question(browser: FlaskClient, text: str) -> None:
    """RFC 6960, appendix A.1."""
    assert browser.get(f"/pki/ocsp/{text}").status_code == 400


def test_a_question_of_another_type_is_refused(browser: FlaskClient) -> None:
    assert browser.post("/pki/ocsp", data=b"\x30\x00").status_code == 415


def test_of_another_authority_nothing_is_told(provider: Provider, browser: FlaskClient) -> None:
    """RFC 6960, 2.3: `unauthorized`."""
    card = issued_card(provider)
    told = ask(browser, question(card.chain[0], card.chain[1]))
    assert told.response_status is OCSPResponseStatus.UNAUTHORIZED


def test_a_serial_that_was_never_issued_is_unknown(
    provider: Provider, browser: FlaskClient
) -> None:
    """RFC 6960, 2.2."""
    card = issued_card(provider)
    asked = ocsp.load_der_ocsp_request(question(card.authentication, card.chain[0]))
    forged = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
        asked.issuer_name_hash,
        asked.issuer_key_hash,
        card.authentication.serial_number + 1,
        SHA256(),
    )
    told = ask(browser, forged.build().public_bytes(Encoding.DER))
    assert told.certificate_status is OCSPCertStatus.UNKNOWN


def test_a_negative_serial_has_its_answer_too(provider: Provider, browser: FlaskClient) -> None:
    """RFC 6960, 2.3: `malformedRequest`; every question is answered."""
    card = issued_card(provider)
    serial = card.authentication.serial_number
    written = serial.to_bytes(serial.bit_length() // 8 + 1)
    body = question(card.authentication, card.chain[0])
    told = ask(browser, body.replace(written, b"\x80" + written[1:]))
    assert told.response_status is OCSPResponseStatus.MALFORMED_REQUEST


def test_an_answer_echoes_the_nonce_and_is_good_for_minutes(
    provider: Provider, browser: FlaskClient
) -> None:
    """RFC 6960, 4.4.1."""
    card = issued_card(provider)
    told = ask(browser, question(card.authentication, card.chain[0], NONCE))
    assert told.certificate_status is OCSPCertStatus.GOOD
    assert told.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == NONCE
    assert told.next_update_utc is not None
    assert told.next_update_utc - told.this_update_utc == provider.settings.ocsp_lifetime
    without = ask(browser, question(card.authentication, card.chain[0]))
    assert list(without.extensions) == []


def test_a_question_may_stand_in_the_address(provider: Provider, browser: FlaskClient) -> None:
    """RFC 6960, appendix A.1: base64 whose slashes may stand side by side."""
    card = issued_card(provider)
    seen = set()
    for number in range(400):
        body = question(card.authentication, card.chain[0], number.to_bytes(2) + b"\xff" * 8)
        text = base64.b64encode(body).decode()
        seen.add("//" in text)
        told = ocsp.load_der_ocsp_response(browser.get(f"/pki/ocsp/{quote(text, safe='')}").data)
        assert told.certificate_status is OCSPCertStatus.GOOD, text
        if seen == {True, False}:
            break
    assert True in seen


def test_older_programs_may_ask_by_sha_1(app: Flask, provider: Provider) -> None:
    """RFC 6960, 4.3: the hash only names the issuer."""
    card = issued_card(provider)
    builder = ocsp.OCSPRequestBuilder().add_certificate(card.authentication, card.chain[0], SHA1())
    told = ask(app.test_client(), builder.build().public_bytes(Encoding.DER))
    assert told.certificate_status is OCSPCertStatus.GOOD
