"""The phone's answer: order of checks, one evaluation a nonce, one outcome a challenge."""

from datetime import timedelta
from typing import Any

import pytest

from idp.challenges.answer import _approved, _read
from idp.challenges.outcome import cancel, finish, state_of
from idp.devices.answers import Answered
from idp.devices.documents import bytes_to_sign
from idp.devices.evaluation import begin
from idp.store.models import Challenge
from tests.devices import phone_driver
from tests.devices.helpers import Bench, Statements
from tests.devices.phone_driver import Driver, payload_of

ELSEWHERE = "899700990023"


def finished(bench: Bench, challenge: Challenge, completion: str | None = None) -> bool:
    now = bench.provider.clock.now()
    with bench.provider.store.begin() as db:
        spent = finish(db, challenge.challenge_id, completion=completion, now=now)
    return spent is not None


def other_number(document: dict[str, Any], number: str) -> str:
    return str(next(option for option in document["number"]["options"] if option != number))


def test_a_wrong_number_kills_the_challenge_and_raises_an_alert(bench: Bench) -> None:
    """Attack 26, decision 20: the right number afterwards is too late; the try is given back."""
    phone = bench.enrol()
    challenge = bench.start()
    document = bench.pending(phone)[0]
    number = str(challenge.number)
    wrong = bench.answer(phone, document, other_number(document, number))
    assert (wrong.status_code, wrong.get_json()["code"]) == (403, "wrong_number")
    right = bench.answer(phone, document, number)
    assert right.get_json()["code"] == "challenge_closed"
    assert bench.pending(phone) == []
    device = bench.device(phone)
    assert (device.failures, device.lifetime_failures, device.locked_until) == (0, 0, None)
    assert "challenges:number:mismatched" in bench.events()
    assert not finished(bench, challenge)


def test_a_right_pin_with_a_wrong_number_does_not_reset_the_count(bench: Bench) -> None:
    """Only a full success resets."""
    phone = bench.enrol()
    challenge = bench.start()
    document = bench.pending(phone)[0]
    number = str(challenge.number)
    answer = bench.answer(phone, document, number, pin="111111")
    document = payload_of(answer.get_json()["document"])
    bench.answer(phone, document, other_number(document, number))
    assert bench.device(phone).failures == 1


def test_the_number_of_another_session_is_a_wrong_number(bench: Bench) -> None:
    """Attack 27."""
    phone = bench.enrol()
    first = bench.start()
    # Two sessions may show the same number: then another one is looked at.
    second = next(started for started in iter(bench.start, None) if started.number != first.number)
    documents = {d["challenge_id"]: d for d in bench.pending(phone)}
    document = documents[second.challenge_id]
    response = bench.answer(phone, document, str(first.number))
    assert response.get_json()["code"] == "wrong_number"


def test_a_document_altered_on_the_phone_is_not_what_the_server_accepts(bench: Bench) -> None:
    """Attack 28, phone half: nothing is counted, the true document is told."""
    phone = bench.enrol()
    challenge = bench.start()
    document = bench.pending(phone)[0]
    altered = document | {"client_name": "Une autre application"}
    response = bench.answer(phone, altered, str(challenge.number))
    body = response.get_json()
    assert (response.status_code, body["code"]) == (409, "nonce_stale")
    assert payload_of(body["document"]) == document
    assert bench.device(phone).failures == 0


def test_an_assertion_is_good_for_one_answer(bench: Bench) -> None:
    """Attack 14: replayed on the same challenge and on another."""
    phone = bench.enrol()
    challenge = bench.start()
    members = phone.approval(bench.pending(phone)[0], str(challenge.number))
    path = f"/challenges/{challenge.challenge_id}/answer"
    assert bench.send(phone, path, members).status_code == 200
    same = bench.send(phone, path, members | {"roll": phone.roll})
    assert same.get_json()["code"] == "challenge_closed"
    other = bench.start()
    path = f"/challenges/{other.challenge_id}/answer"
    replayed = members | {"roll": phone.roll, "number": str(other.number)}
    assert bench.send(phone, path, replayed).get_json()["code"] == "nonce_stale"


def test_an_assertion_for_the_nonce_before_is_stale(bench: Bench) -> None:
    phone = bench.enrol()
    challenge = bench.start()
    document = bench.pending(phone)[0]
    number = str(challenge.number)
    bench.answer(phone, document, number, pin="111111")
    stale = bench.answer(phone, document, number)
    assert stale.get_json()["code"] == "nonce_stale"
    assert bench.device(phone).failures == 1


def test_a_credential_id_of_somebody_else_is_refused(bench: Bench) -> None:
    """Attack 15."""
    phone, other = bench.enrol(), bench.enrol(ELSEWHERE)
    challenge = bench.start()
    document = bench.pending(phone)[0]
    response = bench.answer(
        phone, document, str(challenge.number), credential_id=other.credential_id
    )
    assert (response.status_code, response.get_json()["code"]) == (400, "malformed")
    assert bench.device(phone).failures == 0


def test_a_challenge_of_somebody_else_is_closed(bench: Bench) -> None:
    phone = bench.enrol(ELSEWHERE)
    challenge = bench.start()
    assert bench.pending(phone) == []
    document = {**challenge.document, "nonce": challenge.nonce, "device_id": phone.device_id}
    answered = bench.answer(phone, document, str(challenge.number))
    assert answered.get_json()["code"] == "challenge_closed"
    refused = bench.send(
        phone, f"/challenges/{challenge.challenge_id}/refuse", {"reason": "cancelled"}
    )
    assert refused.get_json()["code"] == "challenge_closed"


@pytest.mark.parametrize("how", ["expiry", "cancel", "refuse", "approve"])
def test_nothing_is_approved_after_the_end(bench: Bench, how: str) -> None:
    """Attack 29."""
    phone = bench.enrol()
    challenge = bench.start()
    document = bench.pending(phone)[0]
    if how == "expiry":
        bench.advance(bench.provider.settings.web_challenge_lifetime + timedelta(seconds=1))
    elif how == "cancel":
        with bench.provider.store.begin() as db:
            assert cancel(db, challenge.challenge_id)
    elif how == "refuse":
        path = f"/challenges/{challenge.challenge_id}/refuse"
        assert bench.send(phone, path, {"reason": "cancelled"}).status_code == 200
    else:
        assert bench.answer(phone, document, str(challenge.number)).status_code == 200
    late = bench.answer(phone, document, str(challenge.number))
    assert (late.status_code, late.get_json()["code"]) == (409, "challenge_closed")
    assert bench.device(phone).failures == 0


def test_an_approval_nobody_finishes_in_time_is_lost(bench: Bench) -> None:
    phone = bench.enrol()
    assert bench.sign_in(phone).status_code == 200
    challenge_id = bench.last_challenge_id()
    bench.advance(bench.provider.settings.finish_grace + timedelta(seconds=1))
    challenge = bench.challenge(challenge_id)
    assert state_of(challenge, bench.provider.clock.now()) == "expired"
    assert not finished(bench, challenge)


def test_an_approval_is_finished_once(bench: Bench) -> None:
    phone = bench.enrol()
    body = bench.sign_in(phone).get_json()
    assert body["outcome"] == "approved"
    assert body["completion"] is None
    challenge = bench.challenge(bench.last_challenge_id())
    assert challenge.device_id == phone.device_id
    assert finished(bench, challenge)
    assert not finished(bench, challenge)


def test_a_same_device_approval_is_finished_with_its_secret_only(bench: Bench) -> None:
    """Decision 25."""
    phone = bench.enrol()
    challenge = bench.start(same_device=True)
    document = bench.pending(phone)[0]
    completion = bench.answer(phone, document, str(challenge.number)).get_json()["completion"]
    for wrong in (None, "", "AAAA", completion[:-1], "é"):
        assert not finished(bench, challenge, wrong)
    assert finished(bench, challenge, completion)
    assert not finished(bench, challenge, completion)


def test_a_refusal_needs_the_device_key_and_keeps_its_reason(bench: Bench) -> None:
    """Attack 30."""
    phone, stranger = bench.enrol(), bench.driver()
    challenge = bench.start()
    path = f"/challenges/{challenge.challenge_id}/refuse"
    forged = phone.sign(path, {"reason": "cancelled"}, key=stranger.key)
    assert bench.post(path, forged).status_code == 401
    signed = phone.sign(path, {"reason": "unknown_trigger"})
    head, _, signature = signed.split(".")
    payload = phone.sign(path, {"reason": "cancelled"}).split(".")[1]
    assert bench.post(path, f"{head}.{payload}.{signature}").status_code == 401
    assert bench.challenge(challenge.challenge_id).state == "pending"
    assert bench.post(path, signed).get_json() == {"outcome": "refused"}
    assert bench.challenge(challenge.challenge_id).state == "not_me"
    assert "challenges:challenge:disowned" in bench.events()


@pytest.mark.parametrize(
    "change",
    [
        {"decision": "refuse"},
        {"number": "7"},
        {"number": 42},
        {"number": None},
        {"number": "٤٢"},
        {"roll": "short"},
        {"roll": None},
        {"counter": 99},
        {"counter": True},
        {"assertion": None},
    ],
    ids=str,
)
def test_a_malformed_answer_takes_no_try(one: Bench, change: dict[str, Any]) -> None:
    phone = one.enrol()
    challenge = one.start()
    document = one.pending(phone)[0]
    members = phone.approval(document, str(challenge.number)) | change
    response = one.post(
        f"/challenges/{challenge.challenge_id}/answer",
        phone.sign(f"/challenges/{challenge.challenge_id}/answer", members),
    )
    assert (response.status_code, response.get_json()["code"]) == (400, "malformed")
    assert one.device(phone).failures == 0
    assert one.challenge(challenge.challenge_id).tries == 0


def test_a_browser_that_gives_up_during_the_evaluation_costs_no_try(bench: Bench) -> None:
    phone = bench.enrol()
    challenge = bench.start()
    path = f"/challenges/{challenge.challenge_id}/answer"
    members = phone.approval(bench.pending(phone)[0], str(challenge.number))
    body = phone.sign(path, members).encode()
    with bench.app.test_request_context():
        attempt = begin(
            bench.provider,
            body,
            "/wallet/v1" + path,
            lambda request: _read(request, challenge.challenge_id),
        )
        assert not isinstance(attempt, Answered)
        with bench.provider.store.begin() as db:
            cancel(db, challenge.challenge_id)
        answered = _approved(bench.provider, attempt)
    assert answered.body["code"] == "challenge_closed"
    phone.roll = answered.body["roll"]
    assert bench.device(phone).failures == 0
    assert bench.sign_in(phone).status_code == 200


def test_an_answer_costs_at_most_ten_statements_and_two_commits(bench: Bench) -> None:
    phone = bench.enrol()
    bench.sign_in(phone)
    challenge = bench.start()
    members = phone.approval(bench.pending(phone)[0], str(challenge.number))
    with Statements(bench.provider) as counted:
        response = bench.send(phone, f"/challenges/{challenge.challenge_id}/answer", members)
    assert response.status_code == 200
    # The clock of a simulation is read besides, in `--dev` only.
    said = [statement for statement in counted.statements if "clock_offset" not in statement]
    assert len(said) <= 10, said
    assert counted.commits == 2


def test_a_phone_that_was_replaced_answers_nothing(bench: Bench) -> None:
    """Decision 16; attack 41: its pending challenge is the new phone's."""
    old = bench.enrol()
    challenge = bench.start()
    document = bench.pending(old)[0]
    new = bench.enrol()
    response = bench.answer(old, document, str(challenge.number))
    assert (response.get_json()["code"], response.get_json()["state"]) == (
        "device_inactive",
        "revoked",
    )
    taken_over = bench.pending(new)[0]
    assert bench.answer(new, taken_over, str(challenge.number)).status_code == 200


def test_a_driver_is_told_what_it_signs() -> None:
    """The bytes to sign of the driver are the server's."""
    document = {"purpose": "signin", "client_name": "é", "iat": 1}
    mine = phone_driver.bytes_to_sign(document, "approve", "42")
    assert mine == bytes_to_sign(document, "approve", "42")
    assert isinstance(Driver("", 0).jwk, dict)
