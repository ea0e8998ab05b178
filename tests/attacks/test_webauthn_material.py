"""Keys, encodings and identifiers that no phone of ours would send (attacks 21 and 22)."""

import json
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import ECKey
from werkzeug.test import TestResponse

from tests.attacks.attacker import OpenedPhone, code_of, costs_nothing, open_phone
from tests.conftest import BASE_URL
from tests.devices.helpers import Bench
from tests.devices.phone_driver import b64, bytes_to_sign, payload_of
from tests.devices.test_assertion import other_keys
from tests.signin.helpers import SOMEBODY_ELSE
from tests.wallet.helpers import (
    PERSON,
    PIN,
    Network,
    ask_signin,
    enrol,
    mailed_qr,
    new_phone,
    sms_code,
)
from wallet_sim.encoding import from_b64url
from wallet_sim.errors import NoAnswer, RegistrationRefused
from wallet_sim.phone import Phone


def ready_for_a_pin(bench: Bench, home: Path, national_id: str = PERSON) -> Phone:
    """A phone that passed mail and SMS, and has no PIN yet."""
    phone = new_phone(bench.app, home)
    phone.start_enrolment(BASE_URL, national_id)
    phone.scan(mailed_qr(bench.app, national_id))
    phone.enter_sms_code(sms_code(bench.app, national_id))
    return phone


def activate(bench: Bench, opened: OpenedPhone, registration: Any) -> TestResponse:
    """Register a PIN key that the phone's application would not make."""
    path = f"/enrolments/{opened.ticket_id}/activate"
    members = {"registration": registration, "policy_version": 1, "push": None}
    return bench.post(path, opened.sign_enrolling(path, members))


def enrolment_document(opened: OpenedPhone) -> dict[str, Any]:
    assert opened.document is not None
    return payload_of(opened.document)


def test_only_an_es256_key_on_the_curve_becomes_a_pin_key(one: Bench, tmp_path: Path) -> None:
    """Attack 21 (foreign keys): RS1, RS256, Ed25519, ML-DSA, ES256K, P-384, bombs, off-curve."""
    phone = ready_for_a_pin(one, tmp_path / "phone")
    opened = open_phone(phone)
    document = enrolment_document(opened)
    keys = other_keys()
    answers = [code_of(activate(one, opened, opened.registration(document, cose=k))) for k in keys]
    assert answers == ["registration_refused"] * len(keys)
    assert one.events().count("devices:device:activated") == 0
    phone.choose_pin(PIN)
    costs_nothing(one, phone)


BOMBS = {
    "nested": b"\x81" * 700 + b"\x00",
    "array of 2^64": b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
    "bytes of 2^40": b"\x5b\x00\x00\x01\x00\x00\x00\x00\x00",
    "map of itself": b"\xd8\x1c\xa1\x01\xd8\x1d\x00",
    "key twice": b"\xa2\x63fmt\x66packed\x63fmt\x64none",
    "endless string": b"\x7f" + b"\x61a" * 300,
    "bignum": b"\xc2\x59\x02\x00" + b"\xff" * 512,
    "trailing": cbor2.dumps({"fmt": "packed", "attStmt": {}, "authData": b""}) + b"\x00",
    "large": bytes(10_000),
}


def test_cbor_bombs_are_refused_and_leave_the_ticket_as_it_was(one: Bench, tmp_path: Path) -> None:
    """Attack 21 (CBOR bombs): through the real address, as attestation object."""
    phone = ready_for_a_pin(one, tmp_path / "phone")
    opened = open_phone(phone)
    challenge = bytes_to_sign(enrolment_document(opened), "register", None)
    client_data = opened.client_data("webauthn.create", challenge)
    answers = {
        name: code_of(activate(one, opened, opened.credential(client_data, bomb)))
        for name, bomb in BOMBS.items()
    }
    assert answers == dict.fromkeys(BOMBS, "registration_refused")
    phone.choose_pin(PIN)
    costs_nothing(one, phone)


def test_ten_megabytes_are_refused_unread(one: Bench, phone: Phone) -> None:
    """Attack 21 (10 MB of clientData): with its length told, and without."""
    opened, asked = open_phone(phone), ask_signin(one.app)
    path = f"/challenges/{asked.challenge_id}/answer"
    members = opened.approval(one.pending(opened)[0], str(asked.number))
    members["assertion"]["response"]["clientDataJSON"] = "A" * 10_000_000
    body = opened.sign(path, members)
    told = one.post(path, body)
    assert (told.status_code, code_of(told)) == (413, "body_too_large")
    chunked = one.post(
        path,
        body,
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    # Read no further than the bound: what is left of it is no signed request.
    assert chunked.status_code in {401, 413}
    costs_nothing(one, phone)


def test_json_with_a_member_twice_is_refused_everywhere(one: Bench, phone: Phone) -> None:
    """Attack 21 (duplicate JSON keys): in header, payload and clientData."""
    opened, asked = open_phone(phone), ask_signin(one.app)
    path = f"/challenges/{asked.challenge_id}/answer"
    document, number = one.pending(opened)[0], str(asked.number)
    members = opened.approval(document, number)
    head, payload, _ = opened.sign(path, members).split(".")
    for segments in (
        (twice(head, '"alg":"ES256",'), payload),
        (head, twice(payload, '"number":"00",')),
        (head, twice(payload, '"aud":"elsewhere",')),
    ):
        assert code_of(one.post(path, resigned(opened, *segments))) == "not_recognised"
    challenge = bytes_to_sign(document, "approve", number)
    plain = opened.client_data("webauthn.get", challenge).decode()
    doubled = plain.replace("{", '{"origin":"https://elsewhere.test",', 1)
    answer = one.answer(opened, document, number, clientDataJSON=b64(doubled.encode()))
    assert code_of(answer) == "malformed"
    costs_nothing(one, phone)


def twice(segment: str, member: str) -> str:
    """A segment with a member that it has already, put before the others."""
    text = from_b64url(segment).decode()
    assert member.partition(":")[0] in text
    return b64(("{" + member + text[1:]).encode())


def resigned(opened: OpenedPhone, head: str, payload: str) -> str:
    """Segments under a signature of the device key that holds for just these bytes."""
    private = opened.key.private_key
    assert private is not None
    signed = private.sign(f"{head}.{payload}".encode(), ec.ECDSA(hashes.SHA256()))
    r, s = decode_dss_signature(signed)
    return f"{head}.{payload}.{b64(r.to_bytes(32) + s.to_bytes(32))}"


@pytest.mark.parametrize("flags", [0x08, 0x10, 0x18], ids=["BE", "BS", "BE and BS"])
def test_a_key_that_leaves_its_phone_is_refused(one: Bench, tmp_path: Path, flags: int) -> None:
    """Attack 22 (backup flags): at registration, and in an assertion."""
    phone = ready_for_a_pin(one, tmp_path / "phone")
    opened = open_phone(phone)
    registration = opened.registration(enrolment_document(opened), flags=0x45 | flags)
    assert code_of(activate(one, opened, registration)) == "registration_refused"
    phone.choose_pin(PIN)
    opened, asked = open_phone(phone), ask_signin(one.app)
    answer = one.answer(opened, one.pending(opened)[0], str(asked.number), flags=0x05 | flags)
    assert code_of(answer) == "malformed"
    costs_nothing(one, phone)


@pytest.mark.parametrize("whose", ["active", "revoked", "awaited"])
def test_a_credential_id_that_is_taken_is_refused(bench: Bench, tmp_path: Path, whose: str) -> None:
    """Attack 22 (credential id collision): in use, of a revoked phone, of a PIN change begun."""
    network = Network(bench.app)
    victim = enrol(bench.app, tmp_path / "victim", SOMEBODY_ELSE, transport=network)
    taken = open_phone(victim).credential_id
    if whose == "revoked":
        victim.delete()
    elif whose == "awaited":
        with network.cut("/commit", request_lost=True), pytest.raises(NoAnswer):
            victim.change_pin(PIN, "1379")
        kept = json.loads(victim.file.path.read_text())
        taken = from_b64url(kept["next_credential"]["credential_id"])
    phone = ready_for_a_pin(bench, tmp_path / "phone")
    opened = open_phone(phone)
    opened.credential_id = taken
    registration = opened.registration(enrolment_document(opened))
    assert code_of(activate(bench, opened, registration)) == "registration_refused"
    phone.choose_pin(PIN)
    costs_nothing(bench, phone)
    if whose == "awaited":
        victim.recover()
        victim.approve("1379", ask_signin(bench.app, SOMEBODY_ELSE).number)


@pytest.mark.parametrize("national_id", [PERSON, SOMEBODY_ELSE], ids=["owner", "somebody else"])
def test_the_device_key_of_a_revoked_phone_never_returns(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, national_id: str
) -> None:
    """Attack 22 (revoked key registered again): for its owner as for anybody."""
    first = enrol(bench.app, tmp_path / "first")
    key = ECKey.import_key(open_phone(first).key.as_dict(private=True))
    first.delete()
    monkeypatch.setattr("wallet_sim.enrolment.make_device_key", lambda: key)
    second = ready_for_a_pin(bench, tmp_path / "second", national_id)
    with pytest.raises(RegistrationRefused):
        second.choose_pin(PIN)
    monkeypatch.undo()
    assert second.stage() == "pin"
    third = enrol(bench.app, tmp_path / "third", national_id)
    third.approve(PIN, ask_signin(bench.app, national_id).number)
