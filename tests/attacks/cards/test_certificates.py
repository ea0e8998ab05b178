"""Certificates of all kinds, by the real card and the real listener (attack 39)."""

import ssl
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import delete

from idp.cards.names import PERSONS, CardSubject, compose_subject
from idp.cards.opposition import oppose
from idp.cards.states import CardState
from idp.serving.authority import ServerCertificate
from idp.store.models import DirectoryPerson
from tests.attacks.cards.helpers import JSON, Wire
from tests.cards.helpers import order_card
from tests.wallet.cards import ACTIVE
from tests.wallet.helpers import PERSON, advance
from wallet_sim.card.tls import ClientCertificate


def test_an_expired_card_signs_nobody_in(wire: Wire) -> None:
    """Attack 39 (expired): by the provider's clock, though the chip still opens."""
    made = wire.make()
    life = wire.provider.settings.card_lifetime + timedelta(days=1)
    advance(wire.provider, life.total_seconds())
    with made.insert() as card:
        assert wire.reason(card.enter_code(made.code)) == "card_expired"


def test_a_revoked_card_signs_nobody_in_though_it_was_open_before(wire: Wire) -> None:
    """Attack 39 (revoked): from the next handshake on."""
    made = wire.make()
    with made.insert() as card:
        opened = card.enter_code(made.code)
        with wire.provider.store.begin() as db:
            oppose(wire.provider, db, ACTIVE, reason="vol")
        assert wire.reason(opened) == "card_opposed"


@pytest.mark.parametrize(
    "issuer",
    [
        PERSONS,
        x509.Name.from_rfc4514_string("CN=AC IGC-SANTE FORT PERSONNES,O=ASIP-SANTE,C=FR"),
    ],
    ids=["other CA of our name", "real-looking name without TEST"],
)
def test_a_certificate_of_another_authority_signs_nobody_in(wire: Wire, issuer: x509.Name) -> None:
    """Attack 39 (other CA; real-looking name without TEST): the signature decides."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    counterfeit = (
        x509.CertificateBuilder()
        .subject_name(compose_subject("CPS", CardSubject(PERSON, "MARGELLE", "Solène")))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .sign(ec.generate_private_key(ec.SECP256R1()), SHA256())
    )
    shown = ClientCertificate(
        counterfeit.public_bytes(Encoding.PEM).decode(),
        lambda digest: key.sign(digest, ec.ECDSA(Prehashed(SHA256()))),
    )
    assert wire.reason_of(shown) == "authority_unknown"


def test_the_certificate_to_sign_signs_nobody_in(wire: Wire) -> None:
    """Attack 39 (signature-only): with its own key, which the open card holds."""
    made = wire.make()
    with made.insert() as card:
        opened = card.enter_code(made.code)
        shown = ClientCertificate(
            opened.state.certificates.signature,
            lambda digest: opened.keys.sign_digest("signature", digest),
        )
        assert wire.reason_of(shown) == "signature_certificate"


def test_a_cpe_signs_nobody_in_where_a_cps_is_demanded(wire: Wire) -> None:
    """Attack 39 (CPE card)."""
    made = wire.make(order_card(wire.provider, PERSON, family="CPE", state=CardState.ACTIVE))
    with made.insert() as card:
        assert wire.reason(card.enter_code(made.code)) == "family_refused"


def test_a_card_whose_holder_is_in_no_register_signs_nobody_in(wire: Wire) -> None:
    """Attack 39 (identifier not in register)."""
    made = wire.make()
    holder = str(made.row().national_id)
    with wire.provider.store.begin() as db:
        db.execute(delete(DirectoryPerson).where(DirectoryPerson.national_id == holder))
    with made.insert() as card:
        assert wire.reason(card.enter_code(made.code)) == "holder_unknown"


@pytest.mark.parametrize("where", ["the card's listener", "the provider's own port"])
def test_a_forged_header_is_no_card(wire: Wire, certificate: ServerCertificate, where: str) -> None:
    """Attack 39 (forged `X-SSL-Client-Cert`): the certificate of a card in use, without its key."""
    pem = wire.make().state.certificates.authentication
    forged = JSON | {
        "X-SSL-Client-Cert": f"guessed {quote(pem)}",
        "ecps.client_certificate": "".join(pem.split()),
    }
    path = f"/card/{wire.handle()}"
    if where == "the card's listener":
        trusting = ssl.create_default_context(cafile=str(certificate.authority))
        told = httpx.get(wire.address + path, headers=forged, verify=trusting, trust_env=False)
        code = told.json()["code"]
    else:
        code = wire.app.test_client().get(path, headers=forged).get_json()["code"]
    assert code == "card_missing"
