"""Begin, commit, roll back: exactly one PIN is valid at each moment (protocol, section 8)."""

import hashlib
from typing import Any

import pytest
from werkzeug.test import TestResponse

from idp.devices.proofs import decode_base64url
from tests.devices.helpers import Bench
from tests.devices.phone_driver import PIN, Driver, b64, bytes_to_sign, payload_of

NEW = "735081"


def begin_change(
    bench: Bench, phone: Driver, new_pin: str, *, old_pin: str = PIN, **members: Any
) -> tuple[TestResponse, Driver]:
    started = bench.send(phone, "/pin-change/start")
    document = payload_of(started.get_json()["document"])
    fresh = Driver(phone.issuer, phone.now, phone.device_id, pin=new_pin, key=phone.key)
    registration = fresh.registration(document)
    attested = decode_base64url(registration["response"]["attestationObject"])
    decision = "change:" + b64(hashlib.sha256(attested).digest())
    phone.counter += 1
    challenge = bytes_to_sign(document, decision, None)
    body = {
        "challenge_id": document["challenge_id"],
        "roll": phone.roll,
        "counter": phone.counter,
        "assertion": phone.assertion(challenge, pin=old_pin),
        "registration": registration,
        "policy_version": 1,
    }
    response = bench.send(phone, "/pin-change/begin", body | members)
    fresh.roll, fresh.counter = phone.roll, phone.counter
    return response, fresh


def commit(bench: Bench, fresh: Driver) -> TestResponse:
    return bench.send(fresh, "/pin-change/commit", {"credential_id": b64(fresh.credential_id)})


def test_a_wrong_old_pin_is_counted_and_changes_nothing(bench: Bench) -> None:
    """Attack 10."""
    phone = bench.enrol()
    response, fresh = begin_change(bench, phone, NEW, old_pin="111111")
    assert response.get_json()["code"] == "wrong_pin"
    assert bench.device(phone).next_credential_id is None
    assert commit(bench, fresh).get_json()["code"] == "nothing_begun"
    assert bench.sign_in(phone).status_code == 200


def test_until_the_commit_the_old_pin_alone_is_valid(bench: Bench) -> None:
    """Attack 11, cut after begin."""
    phone = bench.enrol()
    response, fresh = begin_change(bench, phone, NEW)
    assert response.get_json()["outcome"] == "begun"
    assert bench.sign_in(phone).status_code == 200
    fresh.roll, fresh.counter = phone.roll, phone.counter
    assert bench.sign_in(fresh).get_json()["code"] == "malformed"


def test_after_the_commit_the_new_pin_alone_is_valid(bench: Bench) -> None:
    """Attacks 11 and 12, cut after commit: the old file with the old PIN is refused."""
    phone = bench.enrol()
    _, fresh = begin_change(bench, phone, NEW)
    assert commit(bench, fresh).get_json() == {"outcome": "committed"}
    assert commit(bench, fresh).get_json() == {"outcome": "committed"}
    assert bench.sign_in(fresh).status_code == 200
    status = bench.send(fresh, "/status").get_json()
    assert status["credential_id"] == b64(fresh.credential_id)
    assert status["pin_generation"] == 2
    phone.roll, phone.counter = fresh.roll, fresh.counter
    assert bench.sign_in(phone).get_json()["code"] == "malformed"
    phone.credential_id = fresh.credential_id
    assert bench.sign_in(phone).get_json()["code"] == "wrong_pin"


def test_a_rollback_keeps_the_old_pin(bench: Bench) -> None:
    phone = bench.enrol()
    _, fresh = begin_change(bench, phone, NEW)
    assert bench.send(phone, "/pin-change/rollback").get_json() == {"outcome": "rolled_back"}
    assert bench.send(phone, "/pin-change/rollback").get_json() == {"outcome": "rolled_back"}
    assert commit(bench, fresh).get_json()["code"] == "nothing_begun"
    assert bench.sign_in(phone).status_code == 200


def test_the_old_pin_vouches_for_one_new_key_only(one: Bench) -> None:
    """Another registration under the same signature is another document: nothing is counted."""
    phone = one.enrol()
    started = one.send(phone, "/pin-change/start")
    document = payload_of(started.get_json()["document"])
    foreign = Driver(phone.issuer, phone.now, pin="000001").registration(document)
    response, _ = begin_change(one, phone, NEW, registration=foreign)
    assert response.get_json()["code"] == "nonce_stale"
    assert one.device(phone).failures == 0


def test_a_new_key_under_another_policy_waits_for_nothing(one: Bench) -> None:
    phone = one.enrol()
    response, _ = begin_change(one, phone, NEW, policy_version=7)
    body = response.get_json()
    assert body["code"] == "policy_stale"
    assert body["roll"] == phone.roll
    assert one.device(phone).failures == 0
    assert one.device(phone).next_credential_id is None


def test_a_document_for_a_pin_change_is_no_sign_in(one: Bench) -> None:
    """Attack 16."""
    phone = one.enrol()
    started = one.send(phone, "/pin-change/start")
    document = payload_of(started.get_json()["document"])
    assert one.answer(phone, document, "00").get_json()["code"] == "challenge_closed"


@pytest.mark.parametrize("path", ["start", "begin", "commit", "rollback"])
def test_nothing_is_changed_without_a_device_key(one: Bench, path: str) -> None:
    assert one.post(f"/pin-change/{path}", "e30.e30.AA").status_code == 401
