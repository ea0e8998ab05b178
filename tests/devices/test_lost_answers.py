"""A lost answer is told as long as it matters, also while it is on its way (decision 21)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from idp.devices import answers, evaluation
from idp.devices.answers import Answered, begin_answer, recover
from idp.outbox.expiry import delete_expired
from idp.provider import open_provider
from tests.conftest import make_settings
from tests.devices.helpers import Bench
from tests.devices.phone_driver import BASE

REQUEST_ID = "C" * 21 + "A"


@pytest.fixture
def parallel(fresh_postgresql_url: str, master_key: str) -> Iterator[Bench]:
    """A provider on PostgreSQL, where two transactions write at one moment."""
    provider = open_provider(make_settings(fresh_postgresql_url, master_key))
    yield Bench(provider)
    provider.store.close()


def test_the_answer_evaluated_last_is_known_long_after_what_it_said_is_deleted(
    bench: Bench,
) -> None:
    """Otherwise a phone that was out of reach for an hour would pass for a copy."""
    phone = bench.enrol()
    challenge = bench.start()
    document = bench.pending(phone)[0]
    path = f"/challenges/{challenge.challenge_id}/answer"
    lost = phone.sign(path, phone.approval(document, str(challenge.number)), request_id=REQUEST_ID)
    roll = bench.post(path, lost).get_json()["roll"]
    bench.advance(timedelta(hours=1))
    delete_expired(bench.provider)
    told = bench.send(phone, "/outcome", {"about": REQUEST_ID}).get_json()
    assert told == {"known": True, "status": 0, "body": {"roll": roll}}
    phone.roll = roll
    assert bench.sign_in(phone).status_code == 200


def test_an_answer_that_arrives_while_it_is_called_lost_is_refused_in_words(
    parallel: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = parallel.enrol()
    challenge = parallel.start()
    document = parallel.pending(phone)[0]
    path = f"/challenges/{challenge.challenge_id}/answer"
    late = phone.sign(path, phone.approval(document, str(challenge.number)), request_id=REQUEST_ID)
    question = phone.sign("/outcome", {"about": REQUEST_ID})

    def call_it_lost(*given: Any) -> None:
        told = recover(parallel.provider, question.encode(), BASE + "/outcome")
        assert told == Answered(200, {"known": False})
        begin_answer(*given)

    monkeypatch.setattr(evaluation, "begin_answer", call_it_lost)
    refused = parallel.post(path, late)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "request_id_reused")
    monkeypatch.undo()
    assert parallel.device(phone).failures == 0
    assert parallel.answer(phone, document, str(challenge.number)).status_code == 200


def test_a_lost_answer_that_arrives_while_it_is_asked_about_is_known(
    parallel: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = parallel.enrol()
    challenge = parallel.start()
    document = parallel.pending(phone)[0]
    path = f"/challenges/{challenge.challenge_id}/answer"
    late = phone.sign(path, phone.approval(document, str(challenge.number)), request_id=REQUEST_ID)
    close = answers._close

    def arrive_first(*given: Any) -> None:
        assert parallel.post(path, late).status_code == 200
        close(*given)

    monkeypatch.setattr(answers, "_close", arrive_first)
    told = parallel.send(phone, "/outcome", {"about": REQUEST_ID}).get_json()
    assert (told["known"], told["status"]) == (True, 200)
