"""Wrong PINs: each is counted once, rounds lock, the last blocks (decision 19)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from idp.challenges.answer import _read
from idp.devices.answers import Answered
from idp.devices.evaluation import begin
from idp.devices.proofs import decode_base64url
from tests.devices.helpers import OWNER, Bench
from tests.devices.phone_driver import Driver, cose_key, payload_of
from tests.devices.test_pin_change import begin_change

WRONG = "111111"


def wrong_round(bench: Bench, phone: Driver) -> list[Any]:
    """Three wrong PINs in one sign-in."""
    challenge = bench.start()
    document = bench.pending(phone)[0]
    answers = []
    for _ in range(3):
        response = bench.answer(phone, document, str(challenge.number), pin=WRONG)
        answers.append(response)
        fresh = response.get_json().get("document")
        if fresh:
            document = payload_of(fresh)
    return answers


def test_a_wrong_pin_gives_the_same_question_with_a_fresh_nonce(bench: Bench) -> None:
    """Decision 20: number and options stay as first drawn."""
    phone = bench.enrol()
    challenge = bench.start()
    document = bench.pending(phone)[0]
    response = bench.answer(phone, document, str(challenge.number), pin=WRONG)
    body = response.get_json()
    assert (response.status_code, body["code"], body["tries_left"]) == (403, "wrong_pin", 2)
    fresh = payload_of(body["document"])
    assert fresh["nonce"] != document["nonce"]
    assert fresh | {"nonce": ""} == document | {"nonce": ""}
    again = bench.answer(phone, fresh, str(challenge.number))
    assert again.get_json()["failures_since_success"] == 1
    assert bench.device(phone).failures == 0


def test_the_third_wrong_pin_ends_the_sign_in_and_locks(bench: Bench) -> None:
    phone = bench.enrol()
    answers = wrong_round(bench, phone)
    last = answers[-1].get_json()
    assert [a.status_code for a in answers] == [403, 403, 403]
    assert "document" not in last
    assert last["retry_at"] > bench.provider.clock.timestamp() + 290
    challenge = bench.start()
    document = bench.pending(phone)[0]
    locked = bench.answer(phone, document, str(challenge.number))
    assert (locked.status_code, locked.get_json()["code"]) == (423, "locked")
    assert bench.challenge(challenge.challenge_id).tries == 0


def test_the_right_pin_during_the_wait_is_refused_without_a_look(bench: Bench) -> None:
    """Attack 4: right and wrong PIN get the same answer, and neither changes a count."""
    phone = bench.enrol()
    wrong_round(bench, phone)
    challenge = bench.start()
    document = bench.pending(phone)[0]
    right = bench.answer(phone, document, str(challenge.number))
    wrong = bench.answer(phone, document, str(challenge.number), pin=WRONG)
    assert right.get_json() == wrong.get_json()
    device = bench.device(phone)
    assert (device.failures, device.lifetime_failures) == (3, 3)


def test_nine_wrong_pins_block_for_good(bench: Bench) -> None:
    """Attacks 3 and 9: waiting resets nothing, the right PIN on the tenth try is refused."""
    phone = bench.enrol()
    wrong_round(bench, phone)
    bench.advance(timedelta(minutes=6))
    wrong_round(bench, phone)
    bench.advance(timedelta(minutes=6))
    challenge = bench.start()
    document = bench.pending(phone)[0]
    second_wait = bench.answer(phone, document, str(challenge.number))
    assert second_wait.get_json()["code"] == "locked"
    bench.advance(timedelta(hours=1))
    last = wrong_round(bench, phone)[-1]
    assert (last.status_code, last.get_json()["code"]) == (423, "blocked")
    bench.start()
    response = bench.send(phone, "/pending")
    assert (response.get_json()["code"], response.get_json()["state"]) == (
        "device_inactive",
        "blocked",
    )
    assert "devices:device:blocked" in bench.events()


def test_a_success_resets_the_row_but_not_the_life(bench: Bench) -> None:
    phone = bench.enrol()
    for _ in range(2):
        challenge = bench.start()
        document = bench.pending(phone)[0]
        bench.answer(phone, document, str(challenge.number), pin=WRONG)
        bench.sign_in(phone)
    device = bench.device(phone)
    assert (device.failures, device.failures_told, device.lifetime_failures) == (0, 0, 2)


def test_the_cap_over_the_life_of_a_credential_blocks(bench: Bench) -> None:
    """Decision 19: 30 wrong PINs, however many successes lie between."""
    phone = bench.enrol()
    limit = bench.provider.settings.pin_lifetime_failures
    for count in range(limit):
        challenge = bench.start()
        document = bench.pending(phone)[0]
        response = bench.answer(phone, document, str(challenge.number), pin=WRONG)
        if count < limit - 1:
            assert bench.sign_in(phone).status_code == 200
    assert response.get_json()["code"] == "blocked"


def test_fifty_wrong_pins_at_once_count_as_many_as_were_looked_at(bench: Bench) -> None:
    """Attack 5: of simultaneous answers to one question one is evaluated."""
    phone = bench.enrol()
    challenge = bench.start()
    document = bench.pending(phone)[0]
    path = f"/challenges/{challenge.challenge_id}/answer"
    bodies = [
        phone.sign(path, phone.approval(document, str(challenge.number), pin=WRONG))
        for _ in range(50)
    ]

    def post(body: str) -> str:
        response = bench.app.test_client().post(
            "/wallet/v1" + path, data=body, content_type="application/jose"
        )
        return str(response.get_json()["code"])

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(post, bodies))
    assert codes.count("wrong_pin") == 1
    assert set(codes) <= {"wrong_pin", "clone_suspected", "device_inactive"}
    device = bench.device(phone)
    assert (device.failures, device.lifetime_failures) == (1, 1)
    assert bench.challenge(challenge.challenge_id).tries == 1


def test_the_same_bytes_sent_at_once_are_evaluated_once_and_no_copy(bench: Bench) -> None:
    """An honest retry is never taken for a clone."""
    phone = bench.enrol()
    challenge = bench.start()
    document = bench.pending(phone)[0]
    path = f"/challenges/{challenge.challenge_id}/answer"
    body = phone.sign(path, phone.approval(document, str(challenge.number)))

    def post(_: int) -> tuple[int, str]:
        response = bench.app.test_client().post(
            "/wallet/v1" + path, data=body, content_type="application/jose"
        )
        return response.status_code, response.get_json().get("code", "approved")

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(post, range(8)))
    assert answers <= {(200, "approved"), (409, "answer_unfinished")}
    assert (200, "approved") in answers
    assert bench.device(phone).state == "active"


def test_one_counter_serves_sign_in_and_pin_change(bench: Bench) -> None:
    """Attack 7."""
    phone = bench.enrol()
    challenge = bench.start()
    document = bench.pending(phone)[0]
    bench.answer(phone, document, str(challenge.number), pin=WRONG)
    response, _ = begin_change(bench, phone, "735081", old_pin=WRONG)
    assert response.get_json()["tries_left"] == 1
    assert bench.device(phone).failures == 2


def test_a_success_on_one_phone_leaves_the_count_of_another(bench: Bench) -> None:
    """Attack 8."""
    other = bench.enrol("899700990023")
    challenge = bench.start("899700990023")
    document = bench.pending(other)[0]
    bench.answer(other, document, str(challenge.number), pin=WRONG)
    bench.sign_in(bench.enrol())
    assert bench.device(other).failures == 1


def test_an_interrupted_evaluation_costs_its_try_and_can_be_asked_about(bench: Bench) -> None:
    """Decision 21: status 0 and the next rolling token."""
    phone = bench.enrol()
    challenge = bench.start()
    document = bench.pending(phone)[0]
    path = f"/challenges/{challenge.challenge_id}/answer"
    members = phone.approval(document, str(challenge.number))
    request_id = "A" * 22
    body = phone.sign(path, members, request_id=request_id)
    attempt = begin(
        bench.provider,
        body.encode(),
        "/wallet/v1" + path,
        lambda request: _read(request, challenge.challenge_id),
    )
    assert not isinstance(attempt, Answered)
    assert bench.post(path, body).get_json()["code"] == "answer_unfinished"
    told = bench.send(phone, "/outcome", {"about": request_id}).get_json()
    assert (told["known"], told["status"]) == (True, 0)
    phone.roll = told["body"]["roll"]
    assert bench.device(phone).failures == 1
    assert bench.answer(phone, bench.pending(phone)[0], str(challenge.number)).status_code == 200


def test_a_lost_answer_is_told_as_it_was_given(bench: Bench) -> None:
    """Decision 21."""
    phone = bench.enrol()
    challenge = bench.start(same_device=True)
    document = bench.pending(phone)[0]
    path = f"/challenges/{challenge.challenge_id}/answer"
    request_id = "B" * 21 + "A"
    members = phone.approval(document, str(challenge.number))
    given = bench.post(path, phone.sign(path, members, request_id=request_id)).get_json()
    told = bench.send(phone, "/outcome", {"about": request_id}).get_json()
    assert told == {"known": True, "status": 200, "body": given}
    assert given["completion"]


def test_an_answer_that_was_said_never_to_have_arrived_cannot_arrive_later(bench: Bench) -> None:
    phone = bench.enrol()
    challenge = bench.start()
    document = bench.pending(phone)[0]
    path = f"/challenges/{challenge.challenge_id}/answer"
    request_id = "C" * 21 + "A"
    late = phone.sign(path, phone.approval(document, str(challenge.number)), request_id=request_id)
    asked = bench.send(phone, "/outcome", {"about": request_id})
    assert asked.get_json() == {"known": False}
    assert bench.answer(phone, document, str(challenge.number)).status_code == 200
    assert bench.post(path, late).get_json()["code"] == "request_id_reused"
    assert bench.device(phone).state == "active"


def test_a_stale_rolling_token_suspends_the_phone_before_any_pin_is_looked_at(
    bench: Bench,
) -> None:
    """Attack 19."""
    phone = bench.enrol()
    old = phone.roll
    bench.sign_in(phone)
    phone.roll = old
    copy = bench.sign_in(phone)
    assert (copy.status_code, copy.get_json()["code"]) == (409, "clone_suspected")
    assert (bench.device(phone).state, bench.device(phone).failures) == ("suspended", 0)
    assert "devices:device:suspended" in bench.events()
    assert bench.messages("mail")
    assert bench.send(phone, "/pending").get_json()["state"] == "suspended"


@pytest.mark.parametrize("counter", [0, 1, 1_000_002])
def test_a_counter_out_of_its_window_with_the_right_pin_is_a_copy(
    bench: Bench, counter: int
) -> None:
    """Attack 18, signed half."""
    phone = bench.enrol()
    bench.sign_in(phone)
    challenge = bench.start()
    document = bench.pending(phone)[0]
    response = bench.answer(phone, document, str(challenge.number), counter=counter)
    assert response.get_json()["code"] == "clone_suspected"
    assert bench.device(phone).state == "suspended"
    assert bench.challenge(challenge.challenge_id).state == "cancelled"


@pytest.mark.parametrize("counter", [0, 1, 1_000_002])
def test_a_counter_out_of_its_window_with_a_wrong_pin_is_a_wrong_pin(
    one: Bench, counter: int
) -> None:
    """Attack 18, unsigned half: no alarm on an unsigned claim."""
    phone = one.enrol()
    one.sign_in(phone)
    challenge = one.start()
    document = one.pending(phone)[0]
    response = one.answer(phone, document, str(challenge.number), counter=counter, pin=WRONG)
    assert response.get_json()["code"] == "wrong_pin"
    assert one.device(phone).state == "active"


def test_secrets_of_a_phone_are_unreadable_in_its_row(bench: Bench) -> None:
    """Attack 13."""
    phone = bench.enrol()
    bench.sign_in(phone)
    device = bench.device(phone)
    key = cose_key(phone.pin_key())
    assert key[10:42] not in device.pin_key_sealed
    assert decode_base64url(phone.roll) not in device.roll_hash
    assert device.national_id == OWNER
