"""The phone's keys, against fixed figures and against py_webauthn."""

import hashlib
import json
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers.exceptions import InvalidAuthenticationResponse

from wallet_sim.documents import thumbprint
from wallet_sim.encoding import b64url, from_b64url
from wallet_sim.errors import PinMalformed
from wallet_sim.keys import (
    Kdf,
    RelyingParty,
    assert_key,
    bytes_to_sign,
    derive_pin_key,
    make_device_key,
    pin_bytes,
    public_jwk,
    register,
    sign_request,
    wipe,
)

SALT = bytes(range(32))
CHEAP = Kdf(10, 8, 1)
PARTY = RelyingParty("ecps.simulation", "ecps:ecps.simulation")
CREDENTIAL = bytes(range(32, 64))
CHALLENGE = hashlib.sha256(b"challenge").digest()


VECTORS = json.loads(
    (Path(__file__).parents[2] / "docs" / "phone-vectors.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("vector", VECTORS["pin_key"], ids=lambda vector: vector["pin"])
def test_pin_key_is_that_of_the_published_vectors(vector: dict[str, Any]) -> None:
    """Decision 6."""
    kdf = Kdf(vector["log2_n"], vector["r"], vector["p"])
    pin = bytearray(vector["pin"].encode())
    key = derive_pin_key(pin, bytes.fromhex(vector["salt_hex"]), kdf)
    assert f"{key.private_numbers().private_value:064x}" == vector["scalar_hex"]


@pytest.mark.parametrize("vector", VECTORS["bytes_to_sign"], ids=lambda v: v["decision"][:16])
def test_bytes_to_sign_are_those_of_the_published_vectors(vector: dict[str, Any]) -> None:
    """Decision 18."""
    document = vector["document"]
    signed = bytes_to_sign(document["purpose"], document, vector["decision"], vector["number"])
    assert b64url(signed) == vector["sha256"]


def test_authenticator_data_is_that_of_the_published_vectors() -> None:
    vector, keyed = VECTORS["authenticator_data"], VECTORS["pin_key"][0]
    party = RelyingParty(vector["rp_id"], vector["origin"])
    kdf = Kdf(keyed["log2_n"], keyed["r"], keyed["p"])
    key = derive_pin_key(bytearray(keyed["pin"].encode()), bytes.fromhex(keyed["salt_hex"]), kdf)
    credential = bytes(range(32))
    assertion = assert_key(key, credential, CHALLENGE, party, vector["counter"])
    data = from_b64url(assertion["response"]["authenticatorData"])
    assert data.hex() == vector["assertion_hex"]
    _, attestation = register(key, credential, CHALLENGE, party)
    assert cbor2.loads(attestation)["authData"].hex() == vector["registration_hex"]


def test_thumbprint_is_that_of_the_published_vectors() -> None:
    vector = VECTORS["thumbprint"]
    assert thumbprint(vector["jwk"]) == vector["rfc7638"]


def test_what_is_no_run_of_digits_is_no_pin() -> None:
    for text in ("", "12a4", "١٢٣٤", "12 34", "-123"):
        with pytest.raises(PinMalformed):
            pin_bytes(text)


def test_a_wiped_secret_is_gone() -> None:
    secret = pin_bytes("2580")
    wipe(secret)
    assert secret == bytes(4)


def test_pin_key_is_the_scalar_of_the_protocol() -> None:
    """Section 4: scrypt to 40 bytes, big-endian, modulo n - 1, plus 1."""
    material = "aae4dad0f1317fd36bdc0f94a2c9bf518a2d75c163a6a2f39cd2699677e0266aa4f8f99088befeb2"
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    scalar = int(material, 16) % (order - 1) + 1
    key = derive_pin_key(bytearray(b"2580"), SALT, CHEAP)
    assert key.private_numbers().private_value == scalar


def test_every_pin_gives_a_valid_key_of_its_own() -> None:
    """Attack 1: no PIN fails on the phone, so the phone tells nobody which one is right."""
    points = set()
    for pin in (b"0000", b"2580", b"2581", b"99999999"):
        key = derive_pin_key(bytearray(pin), SALT, CHEAP)
        points.add(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    assert len(points) == 4


def test_another_salt_gives_another_key() -> None:
    """Attack 12: after a PIN change the old copy of the file derives a dead key."""
    one = derive_pin_key(bytearray(b"2580"), SALT, CHEAP).private_numbers().private_value
    other = derive_pin_key(bytearray(b"2580"), bytes(32), CHEAP).private_numbers().private_value
    assert one != other


def test_bytes_to_sign_are_the_hash_of_the_canonical_act() -> None:
    """Decision 18: SHA-256 over the JCS of {v, purpose, document, decision, number}."""
    canonical = (
        '{"decision":"approve","document":{"client_name":"Hôpital €","nonce":"AA","v":1},'
        '"number":"42","purpose":"signin","v":1}'
    )
    document = {"v": 1, "nonce": "AA", "client_name": "Hôpital €"}
    signed = bytes_to_sign("signin", document, "approve", "42")
    assert signed == hashlib.sha256(canonical.encode()).digest()


def test_every_part_of_the_act_changes_the_bytes_to_sign() -> None:
    """Attacks 16 and 28: purpose, document, decision and number are all inside."""
    document = {"v": 1, "client_name": "A"}
    acts = {
        bytes_to_sign("signin", document, "approve", "42"),
        bytes_to_sign("pin-change", document, "approve", "42"),
        bytes_to_sign("signin", {"v": 1, "client_name": "B"}, "approve", "42"),
        bytes_to_sign("signin", document, "register", "42"),
        bytes_to_sign("signin", document, "approve", "43"),
        bytes_to_sign("signin", document, "approve", None),
    }
    assert len(acts) == 6


def test_registration_and_assertion_hold_for_py_webauthn() -> None:
    key = derive_pin_key(bytearray(b"2580"), SALT, CHEAP)
    registration, attestation = register(key, CREDENTIAL, CHALLENGE, PARTY)
    verified = verify_registration_response(
        credential=registration,
        expected_challenge=CHALLENGE,
        expected_rp_id=PARTY.rp_id,
        expected_origin=PARTY.origin,
        require_user_verification=True,
    )
    assert verified.credential_id == CREDENTIAL
    assert verified.fmt == "packed"
    assert verified.aaguid == "65637073-2d73-696d-756c-61746f720001"
    assert verified.attestation_object == attestation
    asserted = verify_authentication_response(
        credential=assert_key(key, CREDENTIAL, CHALLENGE, PARTY, 7),
        expected_challenge=CHALLENGE,
        expected_rp_id=PARTY.rp_id,
        expected_origin=PARTY.origin,
        credential_public_key=verified.credential_public_key,
        credential_current_sign_count=6,
        require_user_verification=True,
    )
    assert asserted.new_sign_count == 7


def test_assertion_by_the_key_of_another_pin_does_not_hold() -> None:
    right = derive_pin_key(bytearray(b"2580"), SALT, CHEAP)
    registration, _ = register(right, CREDENTIAL, CHALLENGE, PARTY)
    verified = verify_registration_response(
        credential=registration,
        expected_challenge=CHALLENGE,
        expected_rp_id=PARTY.rp_id,
        expected_origin=PARTY.origin,
    )
    wrong = derive_pin_key(bytearray(b"2581"), SALT, CHEAP)
    with pytest.raises(InvalidAuthenticationResponse):
        verify_authentication_response(
            credential=assert_key(wrong, CREDENTIAL, CHALLENGE, PARTY, 1),
            expected_challenge=CHALLENGE,
            expected_rp_id=PARTY.rp_id,
            expected_origin=PARTY.origin,
            credential_public_key=verified.credential_public_key,
            credential_current_sign_count=0,
        )


def test_request_carries_the_public_key_only_while_enrolling() -> None:
    key = make_device_key()
    told = {"issuer": "https://a/b", "path": "/wallet/v1/x", "issued_at": 1, "request_id": "r"}
    enrolling = jws.extract_compact(sign_request(key, {}, device_id=None, **told).encode())  # type: ignore[arg-type]
    enrolled = jws.extract_compact(sign_request(key, {}, device_id="d", **told).encode())  # type: ignore[arg-type]
    assert enrolling.headers() == {
        "alg": "ES256",
        "typ": "ecps-request+jws",
        "jwk": public_jwk(key),
    }
    assert set(public_jwk(key)) == {"kty", "crv", "x", "y"}
    assert enrolled.headers() == {"alg": "ES256", "typ": "ecps-request+jws", "kid": "d"}
