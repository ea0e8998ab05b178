"""The outer proof: who is not proved is told one thing, and nothing is counted."""

import json
import secrets
from datetime import timedelta
from typing import Any

import pytest
from joserfc.jwk import ECKey

from idp.devices.proofs import ProofRefused, decode_base64url, open_envelope, strict_json
from tests.devices.helpers import Bench, Statements
from tests.devices.phone_driver import BASE, b64


def test_an_unknown_device_and_a_bad_signature_get_the_same_answer(bench: Bench) -> None:
    """Attack 6, first half; protocol, section 2."""
    phone = bench.enrol()
    stranger = ECKey.generate_key("P-256")
    unknown = {"alg": "ES256", "typ": "ecps-request+jws", "kid": "nobody"}
    answers = [
        bench.post("/pending", phone.sign("/pending", header=unknown)),
        bench.post("/pending", phone.sign("/pending", key=stranger)),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert answers[0].get_data() == answers[1].get_data()
    assert answers[0].get_json()["code"] == "not_recognised"
    assert answers[0].mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://elsewhere.test"},
        {"path": BASE + "/status"},
        {"v": 2},
        {"iat": 0},
        {"iat": "now"},
        {"iat": True},
        {"request_id": "short"},
        {"request_id": 7},
    ],
    ids=str,
)
def test_a_request_meant_otherwise_is_not_recognised(one: Bench, changes: dict[str, Any]) -> None:
    phone = one.enrol()
    response = one.post("/pending", phone.sign("/pending", changes))
    assert (response.status_code, response.get_json()["code"]) == (401, "not_recognised")


@pytest.mark.parametrize("seconds", [-61, 61])
def test_a_request_off_by_more_than_the_skew_is_not_recognised(one: Bench, seconds: int) -> None:
    phone = one.enrol()
    now = one.provider.clock.timestamp() + seconds + (1 if seconds > 0 else -1)
    assert one.post("/pending", phone.sign("/pending", iat=now)).status_code == 401


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"crit": ["b64"], "b64": False},
        {"jku": "http://attacker.test/keys"},
        {"kid": ["a"]},
    ],
    ids=str,
)
def test_a_header_with_other_members_is_not_recognised(one: Bench, header: dict[str, Any]) -> None:
    phone = one.enrol()
    usual = {"alg": "ES256", "typ": "ecps-request+jws", "kid": phone.device_id}
    text = json.dumps(usual | header)
    token = phone.sign("/pending")
    forged = ".".join([b64(text.encode()), *token.split(".")[1:]])
    assert one.post("/pending", forged).status_code == 401


def test_no_other_algorithm_is_taken(one: Bench) -> None:
    phone = one.enrol()
    payload = phone.sign("/pending").split(".")[1]
    for alg in ("none", "HS256", "ES384", "RS256"):
        header = {"alg": alg, "typ": "ecps-request+jws", "kid": phone.device_id}
        token = f"{b64(json.dumps(header).encode())}.{payload}.{b64(bytes(64))}"
        assert one.post("/pending", token).status_code == 401


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":2}',
        '{"a":{"b":1,"b":2}}',
        '{"a":NaN}',
        '{"a":' + "[" * 20 + "]" * 20 + "}",
        '{"a":"\\u0000"}',
        '{"a":"\\ud800"}',
        "[]",
        "{",
        '{"a":' + "9" * 5000 + "}",
    ],
    ids=lambda text: text[:12],
)
def test_json_that_two_readers_could_read_differently_is_refused(text: str) -> None:
    """Attack 21: duplicate members, nesting, numbers without end."""
    with pytest.raises((ValueError, TypeError)):
        strict_json(text.encode())


@pytest.mark.parametrize("body", [b"", b"a.b", b"a.b.c.d", b"\xff\xfe", b"..", b"e30.e30.AA"])
def test_what_is_no_strict_jws_is_refused(body: bytes) -> None:
    with pytest.raises(ProofRefused):
        open_envelope(body)


def test_base64url_has_one_form_only() -> None:
    for text in ("AA==", "A", "AB", "A+", "A\n", None):
        with pytest.raises(ValueError, match="base64url"):
            decode_base64url(text)


def test_an_oversized_body_and_another_media_type_are_problems(one: Bench) -> None:
    large = one.post("/pending", "a" * 70_000)
    assert (large.status_code, large.get_json()["code"]) == (413, "body_too_large")
    form = one.post("/pending", "a=b", content_type="application/x-www-form-urlencoded")
    assert (form.status_code, form.get_json()["code"]) == (415, "media_type_refused")


def test_garbage_by_a_stranger_never_counts_against_the_pin(bench: Bench) -> None:
    """Attack 6."""
    phone = bench.enrol()
    challenge = bench.start()
    document = bench.pending(phone)[0]
    stranger = ECKey.generate_key("P-256")
    for _ in range(30):
        members = phone.approval(document, "00", pin="111111")
        path = f"/challenges/{challenge.challenge_id}/answer"
        assert bench.post(path, phone.sign(path, members, key=stranger)).status_code == 401
    device = bench.device(phone)
    assert (device.failures, device.lifetime_failures, device.state) == (0, 0, "active")
    assert bench.challenge(challenge.challenge_id).tries == 0


def test_a_change_is_carried_out_once_and_told_again_to_the_same_bytes(bench: Bench) -> None:
    phone = bench.enrol()
    body = phone.sign("/push", {"endpoint": None})
    first, second = bench.post("/push", body), bench.post("/push", body)
    assert first.status_code == second.status_code == 200
    assert first.get_data() == second.get_data()
    assert bench.events().count("devices:push:changed") == 1


def test_a_request_id_with_other_bytes_is_refused(bench: Bench) -> None:
    """Attack 20: the twin of a signature is not a new request either."""
    phone = bench.enrol()
    request_id = b64(secrets.token_bytes(16))
    body = phone.sign("/push", {"endpoint": None}, request_id=request_id)
    assert bench.post("/push", body).status_code == 200
    twin = bench.post("/push", _twin(body))
    assert (twin.status_code, twin.get_json()["code"]) == (409, "request_id_reused")


def _twin(token: str) -> str:
    """The other valid ECDSA signature, (r, n-s), of the same bytes."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    head, payload, signature = token.split(".")
    raw = decode_base64url(signature)
    s = order - int.from_bytes(raw[32:])
    return f"{head}.{payload}.{b64(raw[:32] + s.to_bytes(32))}"


def test_a_deleted_phone_is_told_its_answer_again_and_nothing_else(bench: Bench) -> None:
    phone = bench.enrol()
    body = phone.sign("/delete")
    assert bench.post("/delete", body).get_json() == {"outcome": "deleted"}
    assert bench.post("/delete", body).get_json() == {"outcome": "deleted"}
    later = bench.send(phone, "/pending")
    assert later.status_code == 403
    assert (later.get_json()["code"], later.get_json()["state"]) == ("device_inactive", "revoked")


def test_a_phone_past_its_life_is_inactive(bench: Bench) -> None:
    """EC-27."""
    phone = bench.enrol()
    bench.advance(bench.provider.settings.device_lifetime + timedelta(seconds=1))
    response = bench.send(phone, "/pending")
    assert (response.status_code, response.get_json()["state"]) == (403, "expired")


def test_pending_costs_three_statements_and_no_commit(bench: Bench) -> None:
    phone = bench.enrol()
    bench.start()
    bench.pending(phone)
    with Statements(bench.provider) as counted:
        bench.pending(phone)
    assert len(counted.statements) <= 3, counted.statements
    assert counted.commits == 0
