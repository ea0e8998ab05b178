"""Durable, claimed once, sent outside any transaction (decision 40)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from idp.outbox.queue import withhold_message
from idp.provider import Provider
from idp.store.outbox import claim_message, finish_message
from idp.worker.dispatcher import drain
from tests.outbox.helpers import advance, messages, provider_with, queue_sms
from tests.outbox.servers import http_server


def claim(provider: Provider) -> int | None:
    now = provider.clock.now()
    with provider.store.begin() as db:
        message = claim_message(
            db, kind="sms", now=now, lease_ends=now + provider.settings.outbox_lease
        )
    return None if message is None else message.id


def test_of_many_workers_each_message_goes_to_one(database_url: str, master_key: str) -> None:
    with (
        http_server() as server,
        provider_with(database_url, master_key, sms_url=server.url) as provider,
    ):
        for _ in range(12):
            queue_sms(provider)
        with ThreadPoolExecutor(4) as pool:
            drained = list(pool.map(lambda _n: drain(provider, "sms"), range(4)))
        while drain(provider, "sms"):
            pass
        assert sum(drained) <= 12
        assert len(server.requests) == 12
        assert {m.state for m in messages(provider)} == {"sent"}


def test_a_message_of_a_worker_that_died_is_taken_again_after_its_lease(both: Provider) -> None:
    queue_sms(both)
    first = claim(both)
    assert first is not None
    assert claim(both) is None
    advance(both, both.settings.outbox_lease)
    assert claim(both) == first
    assert messages(both)[0].attempts == 2


def test_a_worker_that_lost_its_lease_changes_nothing(both: Provider) -> None:
    queue_sms(both)
    claim(both)
    (stale,) = messages(both)
    advance(both, both.settings.outbox_lease)
    claim(both)
    with both.store.begin() as db:
        assert not finish_message(db, stale, state="sent", now=both.clock.now())
    assert messages(both)[0].state == "sending"


def test_a_rolled_back_transaction_queues_nothing_and_a_commit_wakes_the_worker(
    both: Provider,
) -> None:
    both.outbox_filled.clear()
    queue_sms(both)
    assert both.outbox_filled.is_set()
    assert len(messages(both)) == 1


def test_a_withheld_message_is_never_claimed_nor_shown(both: Provider) -> None:
    """Decision 41."""
    with both.store.begin() as db:
        withhold_message(both, db, size=100)
    assert drain(both, "mail") == 0
    assert messages(both)[0].state == "withheld"


def test_the_payload_is_sealed_at_rest(both: Provider) -> None:
    """Attack 13."""
    queue_sms(both)
    assert b"123456" not in messages(both)[0].payload_sealed


def test_oldest_first(both: Provider) -> None:
    for _ in range(3):
        queue_sms(both)
        advance(both, timedelta(seconds=1))
    taken = [claim(both) for _ in range(3)]
    assert taken == sorted(m.id for m in messages(both))
