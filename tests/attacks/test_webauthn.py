"""The inner proof: replayed, moved, bent, cloned (attacks 14 to 20)."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from tests.attacks.attacker import Tap, code_of, costs_nothing, open_phone
from tests.devices.helpers import Bench
from tests.devices.phone_driver import b64, bytes_to_sign, payload_of
from tests.signin.helpers import SOMEBODY_ELSE
from tests.wallet.helpers import (
    PERSON,
    PIN,
    ask_signin,
    enrol,
    outbox,
    stolen,
)
from wallet_sim.encoding import from_b64url
from wallet_sim.errors import (
    CloneSuspected,
    DeviceInactive,
    DocumentRefused,
)
from wallet_sim.phone import Phone

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
WRONG = "9753"


def test_an_assertion_is_worth_one_answer(bench: Bench, tmp_path: Path) -> None:
    """Attack 14 (replay): the bytes as captured, then its assertion under the device key."""
    tap = Tap(bench.app)
    phone = enrol(bench.app, tmp_path / "phone", transport=tap)
    first = ask_signin(bench.app)
    phone.approve(PIN, first.number)
    path, captured = next(each for each in tap.requests if each[0].endswith("/answer"))
    approved = bench.challenge(first.challenge_id)
    path = path.removeprefix("/wallet/v1")
    assert code_of(bench.post(path, captured.decode())) == "approved"
    assert vars_of(bench.challenge(first.challenge_id)) == vars_of(approved)
    (members,) = tap.sent("/answer")
    opened, other = open_phone(phone), ask_signin(bench.app)
    members |= {"roll": opened.roll}
    again = {name: members[name] for name in ("decision", "number", "roll", "counter", "assertion")}
    assert code_of(bench.send(opened, path, again)) == "challenge_closed"
    elsewhere = f"/challenges/{other.challenge_id}/answer"
    assert code_of(bench.post(elsewhere, captured.decode())) == "not_recognised"
    for number in (members["number"], other.number):
        moved = bench.send(opened, elsewhere, again | {"number": number})
        assert code_of(moved) == "nonce_stale"
    assert bench.challenge(other.challenge_id).state == "pending"
    costs_nothing(bench, phone)


def vars_of(row: object) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}


def test_an_assertion_belongs_to_one_phone(bench: Bench, tmp_path: Path) -> None:
    """Attack 15 (another's credential id): by either phone, under either name."""
    mine = enrol(bench.app, tmp_path / "mine")
    victim = enrol(bench.app, tmp_path / "victim", SOMEBODY_ELSE)
    held, theirs = open_phone(mine), open_phone(victim)
    asked, wanted = ask_signin(bench.app), ask_signin(bench.app, SOMEBODY_ELSE)
    document = bench.pending(held)[0]
    named = bench.answer(held, document, str(asked.number), credential_id=theirs.credential_id)
    assert code_of(named) == "malformed"
    # My phone, their sign-in: it is none of mine, whatever I sign.
    (their_document,) = bench.pending(theirs)
    for credential_id in (held.credential_id, theirs.credential_id):
        answer = bench.answer(held, their_document, str(wanted.number), credential_id=credential_id)
        assert code_of(answer) in {"malformed", "challenge_closed"}
    # Their device key stolen, my PIN key: their tries, and their lock.
    challenge = bytes_to_sign(their_document, "approve", wanted.number)
    theirs.counter += 1
    members = theirs.approval(their_document, str(wanted.number)) | {
        "assertion": held.assertion(challenge, counter=theirs.counter + 1)
    }
    path = f"/challenges/{wanted.challenge_id}/answer"
    assert code_of(bench.send(theirs, path, members)) == "malformed"
    members["assertion"] = held.assertion(
        challenge, counter=theirs.counter, credential_id=theirs.credential_id
    )
    assert code_of(bench.send(theirs, path, members)) == "wrong_pin"
    assert bench.challenge(wanted.challenge_id).state == "pending"
    costs_nothing(bench, mine)


def test_a_document_for_another_purpose_signs_nobody_in(one: Bench, phone: Phone) -> None:
    """Attack 16 (purpose exchanged): pin-change and enrol for sign-in, and back."""
    opened, asked = open_phone(phone), ask_signin(one.app)
    (document,) = one.pending(opened)
    started = one.send(opened, "/pin-change/start").get_json()["document"]
    change = payload_of(started)
    assert code_of(one.answer(opened, change, "00")) == "challenge_closed"
    for purpose in ("pin-change", "enrol"):
        for challenge in (change, document):
            bent = challenge | {"purpose": purpose, "challenge_id": asked.challenge_id}
            assert code_of(one.answer(opened, bent, str(asked.number))) == "nonce_stale"
    opened.counter += 1
    members = opened.approval(document, str(asked.number)) | {
        "challenge_id": asked.challenge_id,
        "registration": opened.registration(change),
        "policy_version": 1,
    }
    assert code_of(one.send(opened, "/pin-change/begin", members)) == "challenge_closed"
    assert one.challenge(asked.challenge_id).state == "pending"
    costs_nothing(one, phone)


def test_the_phone_shows_no_document_of_another_purpose(one: Bench, phone: Phone, tap: Tap) -> None:
    """Attack 16 (purpose exchanged): the provider's own signature, in the wrong place."""
    started = one.send(open_phone(phone), "/pin-change/start").get_json()["document"]
    handle = tap.handle_request

    def slip_in(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/pending"):
            return httpx.Response(200, json={"challenges": [started]})
        return handle(request)

    tap.handle_request = slip_in  # type: ignore[method-assign]
    with pytest.raises(DocumentRefused, match="purpose"):
        phone.pending()
    with pytest.raises(DocumentRefused, match="purpose"):
        phone.approve(PIN, "42")
    assert tap.sent("/answer") == []


@pytest.mark.parametrize(
    "bent",
    [
        {"flags": 0x01},
        {"flags": 0x04},
        {"flags": 0x00},
        {"rp_id": "elsewhere.test"},
        {"client": {"origin": "https://elsewhere.test"}},
        {"client": {"origin": "ecps:elsewhere"}},
        {"client": {"crossOrigin": True}},
        {"client": {"topOrigin": "https://elsewhere.test"}},
        {"kind": "webauthn.create"},
    ],
    ids=str,
)
def test_an_assertion_made_otherwise_is_no_answer(
    one: Bench, phone: Phone, bent: dict[str, Any]
) -> None:
    """Attack 17 (UV, UP, rpIdHash, origin, crossOrigin, type): under the right PIN."""
    opened, asked = open_phone(phone), ask_signin(one.app)
    answer = one.answer(opened, one.pending(opened)[0], str(asked.number), **bent)
    assert (answer.status_code, code_of(answer)) == (400, "malformed")
    assert one.challenge(asked.challenge_id).tries == 0
    costs_nothing(one, phone)


@pytest.mark.parametrize("step", ["equal", "lower", "zero", "a million above"])
@pytest.mark.parametrize("signed", [True, False], ids=["right PIN", "wrong PIN"])
def test_a_counter_out_of_line_is_a_clone_only_under_the_right_pin(
    one: Bench, phone: Phone, step: str, *, signed: bool
) -> None:
    """Attack 18 (sign counter): an unsigned claim raises no alarm."""
    for _ in range(3):
        phone.approve(PIN, ask_signin(one.app).number)
    opened, asked = open_phone(phone), ask_signin(one.app)
    last = one.device(opened).sign_count
    assert last == 3
    counter = {"equal": last, "lower": last - 1, "zero": 0, "a million above": last + 10**6}[step]
    answer = one.answer(
        opened,
        one.pending(opened)[0],
        str(asked.number),
        counter=counter,
        pin=PIN if signed else WRONG,
    )
    device = one.device(opened)
    assert code_of(answer) == ("clone_suspected" if signed else "wrong_pin")
    assert device.state == ("suspended" if signed else "active")
    assert device.failures == (0 if signed else 1)
    assert one.challenge(asked.challenge_id).state in {"pending", "cancelled"}
    assert bool(told_of(one, "suspendue")) is signed


def told_of(bench: Bench, word: str) -> list[str]:
    """Mails and SMS to the person that speak of it."""
    messages = outbox(bench.app, PERSON)
    return [each["kind"] for each in messages if word in each["payload"].get("text", "")]


@pytest.mark.parametrize("first", ["owner", "thief"])
def test_two_phones_from_one_file_are_both_suspended(
    bench: Bench, tmp_path: Path, first: str
) -> None:
    """Attack 19 (clone): whoever comes second, both stop and the person is told."""
    owner = enrol(bench.app, tmp_path / "phone")
    thief = stolen(bench.app, tmp_path / "thief", owner.file.path.read_bytes())
    second = {"owner": thief, "thief": owner}[first]
    {"owner": owner, "thief": thief}[first].approve(PIN, ask_signin(bench.app).number)
    assert not told_of(bench, "suspendue")
    asked = ask_signin(bench.app)
    with pytest.raises(CloneSuspected):
        second.approve(PIN, asked.number)
    for phone in (owner, thief):
        with pytest.raises(DeviceInactive) as refused:
            phone.approve(PIN, asked.number)
        assert refused.value.state == "suspended"
    assert bench.challenge(asked.challenge_id).state in {"pending", "cancelled"}
    assert set(told_of(bench, "suspendue")) == {"mail", "sms"}


def test_the_twin_of_an_accepted_signature_is_no_new_answer(
    one: Bench, phone: Phone, tap: Tap
) -> None:
    """Attack 20 ((r, n-s) twin): of the inner signature, and of the outer one."""
    asked = ask_signin(one.app)
    phone.approve(PIN, asked.number)
    path, body = tap.requests[-1]
    path = path.removeprefix("/wallet/v1")
    head, payload, signature = body.decode().split(".")
    raw = from_b64url(signature)
    outer = raw[:32] + (ORDER - int.from_bytes(raw[32:])).to_bytes(32)
    assert code_of(one.post(path, f"{head}.{payload}.{b64(outer)}")) == "request_id_reused"
    (members,) = tap.sent("/answer")
    response = members["assertion"]["response"]
    r, s = decode_dss_signature(from_b64url(response["signature"]))
    response["signature"] = b64(encode_dss_signature(r, ORDER - s))
    opened, other = open_phone(phone), ask_signin(one.app)
    kept = ("decision", "number", "counter", "assertion")
    twin = {name: members[name] for name in kept} | {"roll": opened.roll}
    assert code_of(one.send(opened, path, twin)) == "challenge_closed"
    elsewhere = f"/challenges/{other.challenge_id}/answer"
    assert code_of(one.send(opened, elsewhere, twin)) == "nonce_stale"
    costs_nothing(one, phone)
