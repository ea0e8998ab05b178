"""Two workers seal at once: no event moves from one segment to another (decision 39)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from idp.audit import seal
from idp.audit.verify import verify_journal
from idp.provider import Provider, open_provider
from idp.store import journal
from tests.audit.test_seal import write_events
from tests.conftest import make_settings


@pytest.fixture
def worker(fresh_postgresql_url: str, master_key: str) -> Iterator[Provider]:
    """On PostgreSQL, where a writer does not keep others out."""
    provider = open_provider(make_settings(fresh_postgresql_url, master_key))
    yield provider
    provider.store.close()


def test_events_that_another_worker_sealed_meanwhile_are_not_sealed_again(
    worker: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that has read them is overtaken before it writes."""
    other = open_provider(worker.settings)
    write_events(worker)
    for provider in (worker, other):
        provider.clock.synchronise(timedelta(days=1))
    read = journal.unsealed_events

    def overtaken(*given: Any, **named: Any) -> Any:
        events = read(*given, **named)
        monkeypatch.setattr(seal, "unsealed_events", read)
        assert seal.seal_segment(other) is not None
        return events

    monkeypatch.setattr(seal, "unsealed_events", overtaken)
    assert seal.seal_segment(worker) is None
    assert verify_journal(worker).holds
    other.store.close()
