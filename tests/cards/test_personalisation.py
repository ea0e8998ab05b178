"""A card is made once: its codes are drawn here and told in a letter alone (docs/cards.md 3)."""

import base64
import dataclasses
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from sqlalchemy import select

from idp.audit.events import Event
from idp.cards.authority import AuthorityRefused
from idp.cards.codes import SEAL, Kind, evaluate, proof_of
from idp.cards.errors import HolderUnknown
from idp.cards.names import parse_subject
from idp.cards.personalisation import personalise
from idp.cards.register import TransitionRefused
from idp.cards.states import CardState
from idp.devices.errors import Malformed
from idp.devices.proofs import decode_base64url
from idp.provider import Provider
from idp.store.models import CardCertificate
from tests.cards.helpers import (
    HOLDER,
    IssuedCard,
    a_maker,
    card_row,
    csr_of,
    issued_card,
    jwk_of,
    make_card,
    order_card,
    recorded,
)
from tests.conftest import make_settings

EMPLOYEE = "699700990015001/0000000001"
THREE_YEARS = timedelta(days=3 * 365)


def personalised(provider: Provider, number: str, **changes: Any) -> dict[str, Any]:
    with provider.store.begin() as db:
        return personalise(provider, db, number, a_maker().body(**changes))


def certificates(provider: Provider, card: IssuedCard) -> dict[str, CardCertificate]:
    with provider.store.read() as db:
        rows = db.scalars(
            select(CardCertificate).where(CardCertificate.card_number == card.card_number)
        )
        return {row.use: row for row in rows}


P384 = ec.generate_private_key(ec.SECP384R1())
RSA = rsa.generate_private_key(65537, 2048)
CARD_KEY = ec.generate_private_key(ec.SECP256R1())


def altered(csr: str, old: bytes = b"whatever", new: bytes = b"somebody") -> str:
    """The same request for another name, or of another version: its signature no longer holds."""
    der = x509.load_pem_x509_csr(csr.encode()).public_bytes(Encoding.DER)
    return (
        "-----BEGIN CERTIFICATE REQUEST-----\n"
        + base64.encodebytes(der.replace(old, new, 1)).decode()
        + "-----END CERTIFICATE REQUEST-----\n"
    )


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("card_jwk", None),
        ("card_jwk", {}),
        ("card_jwk", jwk_of(CARD_KEY) | {"d": "AAAA"}),
        ("card_jwk", jwk_of(CARD_KEY) | {"x": "A" * 43}),
        ("card_jwk", jwk_of(CARD_KEY) | {"crv": "P-384"}),
        ("code_salt", None),
        ("code_salt", ""),
        ("code_salt", "AAAA"),
        ("code_salt", "A" * 90),
        ("unblock_salt", "é" * 43),
        ("unblock_salt", 7),
        ("authentication_csr", None),
        ("authentication_csr", ""),
        ("authentication_csr", "nonsense"),
        ("authentication_csr", "é"),
        ("authentication_csr", csr_of(P384)),
        ("authentication_csr", altered(csr_of(CARD_KEY))),
        ("authentication_csr", altered(csr_of(CARD_KEY), b"\x02\x01\x00", b"\x02\x01\x05")),
        ("signature_csr", csr_of(RSA)),
        ("signature_csr", []),
    ],
)
def test_a_request_of_another_form_makes_nothing(
    provider: Provider, member: str, value: Any
) -> None:
    """Decision 31."""
    number = order_card(provider)
    with pytest.raises(Malformed) as refused:
        personalised(provider, number, **{member: value})
    assert refused.value.members == {"member": member}
    row = card_row(provider, number)
    assert (row.state, row.share_sealed, row.card_jwk) == (CardState.COMMANDEE, None, None)


@pytest.mark.parametrize("twice", ["authentication_csr", "signature_csr", "both"])
def test_one_key_does_not_serve_two_purposes(provider: Provider, twice: str) -> None:
    """Decision 31: the card key needs no code."""
    csr = csr_of(CARD_KEY)
    changes: dict[str, Any] = {"authentication_csr": csr, "signature_csr": csr}
    if twice != "both":
        changes = {"card_jwk": jwk_of(CARD_KEY), twice: csr}
    with pytest.raises(Malformed):
        personalised(provider, order_card(provider), **changes)


def test_a_card_is_made_once(provider: Provider) -> None:
    """Decision 31: who could make it again would have its codes."""
    card = issued_card(provider, card_number=order_card(provider), state=CardState.EXPEDIEE)
    before = card_row(provider, card.card_number)
    with provider.store.begin() as db, pytest.raises(TransitionRefused) as refused:
        personalise(provider, db, card.card_number, a_maker().body())
    assert refused.value.state == CardState.EXPEDIEE
    after = card_row(provider, card.card_number)
    assert (after.share_sealed, after.card_jwk) == (before.share_sealed, before.card_jwk)
    assert len(certificates(provider, card)) == 2
    (event,) = recorded(provider, Event.CARD_TRANSITION_REFUSED, card.card_number)
    assert event.data["act"] == "manufacture"


def test_a_card_in_use_is_not_made_again(provider: Provider) -> None:
    """Decision 31."""
    card = issued_card(provider)
    with pytest.raises(TransitionRefused):
        personalised(provider, card.card_number)


def test_of_simultaneous_makers_one_makes_the_card(both: Provider) -> None:
    """Decision 31."""
    number, ready = order_card(both), threading.Barrier(3)

    def make(_: int) -> bool:
        ready.wait()
        try:
            personalised(both, number)
        except TransitionRefused:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(make, range(3))) == [False, False, True]


def test_an_unknown_card_is_not_made(provider: Provider) -> None:
    with pytest.raises(TransitionRefused) as refused:
        personalised(provider, "9800000000")
    assert refused.value.state == "unknown"


def test_nobody_unknown_to_the_directory_is_named(provider: Provider) -> None:
    """Attack 39."""
    number = order_card(provider, "899799999999", profession="10C")
    with pytest.raises(HolderUnknown):
        personalised(provider, number)
    assert card_row(provider, number).share_sealed is None


def test_a_real_database_makes_no_card(provider: Provider) -> None:
    """Decision 1."""
    number = order_card(provider)
    real = dataclasses.replace(provider, kind="real")
    with pytest.raises(AuthorityRefused):
        personalised(real, number)


def test_the_maker_never_learns_the_codes(provider: Provider) -> None:
    """CP-06: they are in the letter that follows the card."""
    card = issued_card(provider)
    del card.given["certificates"], card.given["content"], card.given["evaluations"]
    told = json.dumps(card.given)
    assert len(card.code) == 4
    assert len(card.unblock_code) == 8
    assert card.unblock_code not in told
    assert set(card.given) == {"issuer", "base_url", "wallet_base_url", "card_base_url", "card"}


def test_the_evaluations_are_of_the_codes_in_the_letter(provider: Provider) -> None:
    """Decision 31: HMAC-SHA-256(share, kind ‖ 0x00 ‖ scrypt(code, salt))."""
    card = issued_card(provider)
    sealed = card_row(provider, card.card_number).share_sealed
    assert sealed is not None
    share = provider.sealer.open(sealed, purpose=SEAL)
    assert len(share) == 32
    for kind, code, salt in (
        (Kind.CODE, card.code, card.code_salt),
        (Kind.UNBLOCK, card.unblock_code, card.unblock_salt),
    ):
        given = decode_base64url(card.given["evaluations"][kind])
        assert given == evaluate(share, kind, proof_of(code, salt))


def test_codes_and_shares_differ_from_card_to_card(provider: Provider) -> None:
    """Decision 43: randomness is never seeded."""
    cards = [issued_card(provider) for _ in range(2)]
    assert cards[0].unblock_code != cards[1].unblock_code
    assert cards[0].given["evaluations"] != cards[1].given["evaluations"]
    assert cards[0].authentication.serial_number != cards[1].authentication.serial_number


def test_an_ordered_card_is_made_and_sent(provider: Provider) -> None:
    """CP-03, CP-10."""
    card = make_card(provider, order_card(provider))
    row = card_row(provider, card.card_number)
    assert row.state == CardState.EXPEDIEE
    assert row.starts_at is not None
    assert row.ends_at is not None
    assert row.ends_at - row.starts_at == provider.settings.card_lifetime
    moves = [e.data["state"] for e in recorded(provider, Event.CARD_MOVED, card.card_number)]
    assert moves == [CardState.EN_FABRICATION, CardState.EXPEDIEE]
    assert card.given["card"] == {
        "number": card.card_number,
        "family": "CPS",
        "version": "CPS4",
        "national_id": HOLDER,
        "holder": "Anatole BRISELAME",
        "starts_at": int(row.starts_at.timestamp()),
        "ends_at": int(row.ends_at.timestamp()),
    }


def test_a_card_lasts_three_years_at_most_whatever_the_settings_say(
    sqlite_url: str, master_key: str, provider: Provider
) -> None:
    """CP-10."""
    settings = make_settings(sqlite_url, master_key, card_lifetime=10 * 365 * 86400)
    generous = dataclasses.replace(provider, settings=settings)
    card = make_card(generous, order_card(generous))
    row = card_row(provider, card.card_number)
    assert row.starts_at is not None
    assert row.ends_at == row.starts_at + THREE_YEARS


def test_both_certificates_end_with_the_card(provider: Provider) -> None:
    """CP-10."""
    card = make_card(provider, order_card(provider))
    row = card_row(provider, card.card_number)
    for certificate in (card.authentication, card.signature):
        assert certificate.not_valid_before_utc == row.starts_at
        assert certificate.not_valid_after_utc == row.ends_at


@pytest.mark.parametrize("state", [CardState.ACTIVE, CardState.BLOQUEE, CardState.EXPIREE])
def test_a_sample_card_keeps_its_state_and_dates(provider: Provider, state: CardState) -> None:
    """Decision 1: the sample people have had their cards for long."""
    starts_at = provider.clock.now().replace(microsecond=0) - timedelta(days=1200)
    ends_at = starts_at + timedelta(days=1000)
    card = issued_card(provider, state=state, starts_at=starts_at, ends_at=ends_at)
    assert card_row(provider, card.card_number).state == state
    assert recorded(provider, Event.CARD_MOVED, card.card_number) == []
    assert card.authentication.not_valid_before_utc == starts_at
    assert card.authentication.not_valid_after_utc == ends_at
    assert {row.revoked_at for row in certificates(provider, card).values()} == {None}


def test_a_sample_card_in_the_making_is_sent(provider: Provider) -> None:
    """CP-03."""
    number = order_card(provider, state=CardState.EN_FABRICATION)
    dates = card_row(provider, number).starts_at, card_row(provider, number).ends_at
    make_card(provider, number)
    row = card_row(provider, number)
    assert row.state == CardState.EXPEDIEE
    assert (row.starts_at, row.ends_at) == dates


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"state": "opposee", "opposition_reason": "perte"}, "keyCompromise"),
        ({"state": "opposee", "opposition_reason": "vol"}, "keyCompromise"),
        ({"state": "opposee", "opposition_reason": "dysfonctionnement"}, "superseded"),
        ({"state": "opposee", "opposition_reason": "radiation"}, "cessationOfOperation"),
        ({"state": "invalidee"}, "superseded"),
    ],
)
def test_an_opposed_or_replaced_sample_card_gets_revoked_certificates(
    provider: Provider, columns: dict[str, Any], reason: str
) -> None:
    """CP-13: no card file makes an opposed card good again."""
    since = provider.clock.now() - timedelta(days=3)
    card = issued_card(provider, opposed_at=since, **columns)
    found = certificates(provider, card)
    assert len(found) == 2
    for row in found.values():
        assert (row.revoked_at, row.revocation_reason) == (since, reason)


def test_one_certificate_authenticates_and_the_other_signs(provider: Provider) -> None:
    """Decision 31; attack 39."""
    card = issued_card(provider)
    for certificate, key in (
        (card.authentication, card.authentication_key),
        (card.signature, card.signature_key),
    ):
        certificate.verify_directly_issued_by(card.chain[0])
        assert certificate.public_key() == key.public_key()
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
        assert usage.critical
        signs = certificate is not card.authentication and key is card.signature_key
        assert usage.value.content_commitment == signs
        assert usage.value.digital_signature != signs
    purposes = card.authentication.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    with pytest.raises(x509.ExtensionNotFound):
        card.signature.extensions.get_extension_for_class(x509.ExtendedKeyUsage)


def test_a_certificate_says_where_it_can_be_checked(provider: Provider) -> None:
    """Docs/cards.md 2: under the provider's own address."""
    extensions = issued_card(provider).authentication.extensions
    (point,) = extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert point.full_name is not None
    base_url = provider.settings.base_url
    assert [name.value for name in point.full_name] == [f"{base_url}/pki/persons.crl"]
    access = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert [each.access_location.value for each in access] == [
        f"{base_url}/pki/ocsp",
        f"{base_url}/pki/persons.crt",
    ]


def test_the_maker_decides_nothing_of_the_subject(provider: Provider) -> None:
    """Decision 30."""
    subject = parse_subject(issued_card(provider).authentication.subject)
    assert (subject.national_id, subject.family_name, subject.given_name) == (
        HOLDER,
        "BRISELAME",
        "Anatole",
    )
    assert subject.profession_title == "Médecin"


def test_an_employee_is_named_with_the_structure(provider: Provider) -> None:
    """Decision 30."""
    subject = parse_subject(issued_card(provider, EMPLOYEE, family="CPE").authentication.subject)
    assert subject.national_id == EMPLOYEE
    assert subject.structure == "699700990015001"
    assert subject.is_nominative


def test_a_service_card_names_nobody(provider: Provider) -> None:
    """Decision 30."""
    card = issued_card(provider, EMPLOYEE, family="CPE", is_nominative=False)
    assert card.authentication.subject.get_attributes_for_oid(NameOID.SURNAME) == []
    assert card.given["card"]["holder"] == ""
