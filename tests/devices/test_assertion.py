"""The inner proof, bent in every way: form is refused before any key is looked at."""

from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from idp.devices.assertion import (
    FormRefused,
    KeyRefused,
    counter_advances,
    is_signed_by,
    read_assertion,
    verify_registration,
)
from tests.devices.phone_driver import ORIGIN, RP_ID, Driver, b64, bytes_to_sign, cose_key

DOCUMENT = {"v": 1, "purpose": "enrol", "challenge_id": "c", "nonce": "n", "device": "d"}
CHALLENGE = bytes(range(32))


def register(registration: Any) -> None:
    challenge = bytes_to_sign(DOCUMENT, "register", None)
    verify_registration(registration, challenge=challenge, rp_id=RP_ID, origin=ORIGIN)


def read(assertion: Any) -> None:
    read_assertion(assertion, rp_id=RP_ID, origin=ORIGIN)


@pytest.fixture
def phone() -> Driver:
    return Driver("", 0)


@pytest.mark.parametrize(
    "bent",
    [
        {"flags": 0x01},
        {"flags": 0x04},
        {"flags": 0x0D},
        {"flags": 0x1D},
        {"flags": 0x85},
        {"flags": 0x45},
        {"rp_id": "elsewhere.test"},
        {"kind": "webauthn.create"},
        {"client": {"origin": "https://elsewhere.test"}},
        {"client": {"crossOrigin": True}},
        {"client": {"crossOrigin": 0}},
        {"client": {"topOrigin": "https://elsewhere.test"}},
        {"client": {"tokenBinding": {"status": "supported"}}},
        {"userHandle": "AAAA"},
        {"attestationObject": "AAAA"},
        {"authenticatorData": b64(bytes(4096))},
        {"clientDataJSON": b64(b"{" + b" " * 5000 + b"}")},
        {"clientDataJSON": b64(b'{"type":"webauthn.get","type":"webauthn.get"}')},
        {"clientDataJSON": b64(b"[" * 500)},
        {"signature": b64(bytes(200))},
        {"signature": ""},
        {"signature": None},
        {"credential_id": bytes(16)},
    ],
    ids=str,
)
def test_an_assertion_of_another_form_is_refused(phone: Driver, bent: dict[str, Any]) -> None:
    """Attacks 17 and 22."""
    with pytest.raises(FormRefused):
        read(phone.assertion(CHALLENGE, **bent))


@pytest.mark.parametrize("value", [None, [], "x", {}, {"type": "public-key"}, {"id": 1}], ids=str)
def test_what_is_no_credential_is_refused(value: Any) -> None:
    with pytest.raises(FormRefused):
        read(value)


def test_id_and_raw_id_must_agree(phone: Driver) -> None:
    """Attack 15."""
    bent = phone.assertion(CHALLENGE) | {"rawId": b64(bytes(32))}
    with pytest.raises(FormRefused):
        read(bent)


def test_only_the_right_pin_signs(phone: Driver) -> None:
    key = cose_key(phone.pin_key())
    verdicts = []
    for pin in (phone.pin, "111111"):
        presented = read_assertion(phone.assertion(CHALLENGE, pin=pin), rp_id=RP_ID, origin=ORIGIN)
        signed = is_signed_by(presented, key, challenge=CHALLENGE, rp_id=RP_ID, origin=ORIGIN)
        verdicts.append(signed)
    assert verdicts == [True, False]


@pytest.mark.parametrize("signature", [b"\x30\x00", b"\xff" * 70, bytes(64)])
def test_a_signature_that_is_none_is_a_wrong_pin(phone: Driver, signature: bytes) -> None:
    bent = phone.assertion(CHALLENGE, signature=b64(signature))
    presented = read_assertion(bent, rp_id=RP_ID, origin=ORIGIN)
    key = cose_key(phone.pin_key())
    assert not is_signed_by(presented, key, challenge=CHALLENGE, rp_id=RP_ID, origin=ORIGIN)


@pytest.mark.parametrize(
    ("stored", "presented", "holds"),
    [(0, 1, True), (5, 5, False), (5, 4, False), (5, 0, False), (5, 1005, True), (5, 1006, False)],
)
def test_the_counter_moves_forward_within_its_window(
    stored: int, presented: int, holds: bool
) -> None:
    assert counter_advances(stored, presented, window=1000) is holds


def test_a_registration_that_holds_gives_the_key(phone: Driver) -> None:
    challenge = bytes_to_sign(DOCUMENT, "register", None)
    proved = verify_registration(
        phone.registration(DOCUMENT), challenge=challenge, rp_id=RP_ID, origin=ORIGIN
    )
    assert proved.credential_id == b64(phone.credential_id)
    assert proved.public_key == cose_key(phone.pin_key())


def off_curve() -> bytes:
    members = {1: 2, 3: -7, -1: 1, -2: bytes(32), -3: b"\x01" * 32}
    return cbor2.dumps(members, canonical=True)


def other_keys() -> list[bytes]:
    numbers = rsa.generate_private_key(65537, 2048).public_key().public_numbers()
    point = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    x, y = point.x.to_bytes(32), point.y.to_bytes(32)
    return [
        cbor2.dumps({1: 3, 3: -65535, -1: numbers.n.to_bytes(256), -2: b"\x01\x00\x01"}),
        cbor2.dumps({1: 3, 3: -257, -1: numbers.n.to_bytes(256), -2: b"\x01\x00\x01"}),
        cbor2.dumps({1: 1, 3: -8, -1: 6, -2: bytes(32)}),
        cbor2.dumps({1: 7, 3: -48, -1: bytes(1312)}),
        cbor2.dumps({1: 2, 3: -47, -1: 8, -2: x, -3: y}),
        cbor2.dumps({1: 2, 3: -7, -1: 2, -2: x, -3: y}),
        b"\x04" + x + y,
        b"\x81" * 900,
        b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
        off_curve(),
    ]


@pytest.mark.parametrize("number", range(10))
def test_another_key_than_es256_on_p256_is_refused(phone: Driver, number: int) -> None:
    """Attack 21: RS1, RS256, Ed25519, ML-DSA, ES256K, P-384, bombs, off the curve."""
    with pytest.raises((FormRefused, KeyRefused)):
        register(phone.registration(DOCUMENT, cose=other_keys()[number]))


@pytest.mark.parametrize(
    "bent",
    [
        {"flags": 0x41},
        {"flags": 0x44},
        {"flags": 0x4D},
        {"flags": 0x5D},
        {"flags": 0xC5},
        {"fmt": "none", "statement": {}},
        {"fmt": "none"},
        {"fmt": "fido-u2f"},
        {"statement": {"alg": -257, "sig": b"\x30\x00"}},
        {"statement": {"alg": -7, "sig": b"\x30\x00", "x5c": [b"x"]}},
        {"statement": {"alg": -7}},
        {"statement": {"alg": -7, "sig": "text"}},
        {"statement": {"alg": -7, "sig": b"\x30\x00"}},
        {"aaguid": bytes(16)},
        {"kind": "webauthn.get"},
        {"client": {"origin": "ecps:elsewhere"}},
        {"client": {"crossOrigin": True}},
        {"client": {"challenge": b64(bytes(32))}},
        {"signer": ec.derive_private_key(7, ec.SECP256R1())},
    ],
    ids=lambda bent: next(iter(bent)),
)
def test_a_registration_that_proves_less_is_refused(phone: Driver, bent: dict[str, Any]) -> None:
    with pytest.raises((FormRefused, KeyRefused)):
        register(phone.registration(DOCUMENT, **bent))


@pytest.mark.parametrize(
    "attestation",
    [
        b"",
        b"\x81" * 1000,
        b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x5b\x00\x00\x00\xff\xff\xff\xff\xff",
        bytes(10_000),
        b"\xc2\x41\x00",
        b"\xa1\x01\x02",
        cbor2.dumps({"fmt": "packed", "attStmt": [], "authData": b""}),
        cbor2.dumps({"fmt": ["packed"], "attStmt": {}, "authData": b""}),
    ],
    ids=lambda value: value[:6].hex(),
)
def test_cbor_bombs_are_refused(phone: Driver, attestation: bytes) -> None:
    """Attack 21."""
    client_data = phone.client_data("webauthn.create", bytes_to_sign(DOCUMENT, "register", None))
    with pytest.raises(FormRefused):
        register(phone.credential(client_data, attestation))
