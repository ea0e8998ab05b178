"""Going back to a snapshot, and rotating keys, while others are in the middle of something."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from idp.audit.verify import verify_journal
from idp.keys import keyring
from idp.keys.keyring import Keyring
from idp.keys.rotation import rotate
from idp.provider import Provider
from idp.snapshots import restore_snapshot, take_snapshot
from idp.store.keys import all_keys
from idp.store.models import Account, SigningKey
from tests.dev.helpers import developer_of


def test_keys_that_were_being_read_when_they_changed_are_read_again(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another thread rotates or restores after they were read, and before they are kept."""

    def read_too_early(db: Session) -> list[SigningKey]:
        rows = all_keys(db)
        monkeypatch.setattr(keyring, "all_keys", all_keys)
        current = Keyring(provider.store, provider.sealer, provider.clock).active("tokens")
        with provider.store.begin() as other:
            rotate(other, provider.sealer, provider.settings, provider.clock.now(), current=current)
        provider.keyring.forget()
        return rows

    monkeypatch.setattr(keyring, "all_keys", read_too_early)
    assert len(provider.keyring.published("tokens")) == 1
    assert len(provider.keyring.published("tokens")) == 2


@pytest.mark.parametrize("act", [restore_snapshot, take_snapshot])
def test_a_snapshot_waits_for_who_is_writing_and_fails_nobody(
    both: Provider, act: Callable[[Provider, str], object]
) -> None:
    """Whatever tables they write in whatever order: PostgreSQL would end one of two that wait."""
    take_snapshot(both, "a")
    began, goes_on = threading.Event(), threading.Event()

    def write() -> None:
        with both.store.begin() as db:
            db.execute(text("UPDATE world SET id = id"))  # the last to be held
            began.set()
            goes_on.wait()
            db.execute(delete(Account).where(Account.national_id == ""))  # and the first

    with ThreadPoolExecutor(2) as threads:
        writing = threads.submit(write)
        began.wait()
        other = threads.submit(act, both, "a")
        goes_on.wait(0.3)  # until it waits; were it later, the test would prove less
        goes_on.set()
        writing.result()
        other.result()


def test_the_journal_holds_after_a_restoration_and_tells_of_it(both: Provider) -> None:
    """Decision 39: what was sealed since is gone, and nothing of what is left is altered."""
    developer = developer_of(both)
    developer.told("POST", "jobs")
    take_snapshot(both, "a")
    developer.told("POST", "clock", {"advance": 100})
    developer.told("POST", "jobs")
    restore_snapshot(both, "a")
    developer.told("POST", "clock", {"advance": 100})
    developer.told("POST", "jobs")
    found = verify_journal(both)
    assert (found.problems, found.unsealed) == ([], 0)
    told = [event["event"] for event in developer.told("GET", "events")["events"]]
    assert told[-2:] == ["store:snapshot:restored", "store:clock:moved"]
