"""What sessions and interactions ask of SQL, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from idp.provider import Provider
from idp.store.interactions import (
    add_interaction,
    bind_browser,
    end_interaction,
    find_interaction,
    mark_public_workstation,
    replace_challenge,
    set_request,
)
from idp.store.models import BrowserSession, Interaction
from idp.store.sessions import (
    add_session,
    confirm_client,
    end_session,
    end_sessions_of_device,
    find_live_session,
    find_session_for_client,
)
from tests.signin.helpers import add_client

HASH, BROWSER, OTHER = b"h" * 32, b"b" * 32, b"o" * 32
IDLE = timedelta(minutes=30)


@pytest.fixture
def service() -> None:
    """Replaces the folder's fixture: these tests have no application."""


def _add_interaction(provider: Provider) -> None:
    now = provider.clock.now()
    with provider.store.begin() as db:
        add_interaction(
            db,
            Interaction(
                interaction_hash=HASH,
                client_id="service",
                request={},
                created_at=now,
                expires_at=now + IDLE,
            ),
        )


def test_what_an_interaction_learns_later_does_not_take_the_shared_workstation_back(
    both: Provider,
) -> None:
    """It stands in a column of its own, that simultaneous steps do not write."""
    _add_interaction(both)

    def learn(number: int) -> bool:
        with both.store.begin() as db:
            if number == 0:
                return mark_public_workstation(db, HASH)
            return set_request(db, HASH, {"failures": number})

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(learn, range(8)))
    with both.store.read() as db:
        assert db.scalars(select(Interaction.public_workstation)).one()


def test_one_of_simultaneous_steps_ends_an_interaction(both: Provider) -> None:
    _add_interaction(both)

    def end(_number: int) -> bool:
        with both.store.begin() as db:
            return end_interaction(db, HASH)

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(end, range(8))) == 1


def test_the_first_browser_keeps_an_interaction(both: Provider) -> None:
    add_client(both)
    _add_interaction(both)
    with both.store.begin() as db:
        assert bind_browser(db, HASH, BROWSER)
        assert bind_browser(db, HASH, BROWSER)
        assert not bind_browser(db, HASH, OTHER)
        assert replace_challenge(db, HASH, old=None, new="first")
        assert not replace_challenge(db, HASH, old=None, new="second")
        assert replace_challenge(db, HASH, old="first", new=None)
        assert set_request(db, HASH, {"failures": 1})
    with both.store.read() as db:
        found = find_interaction(db, HASH, now=both.clock.now())
        assert found is not None
        assert found[0].browser_hash == BROWSER
        assert found[2] is None
        assert find_interaction(db, HASH, now=both.clock.now() + IDLE) is None


def test_a_session_is_found_until_it_ends(both: Provider) -> None:
    now = both.clock.now()
    with both.store.begin() as db:
        for sid in ("one", "two", "three"):
            add_session(db, _session(sid, both))
        confirm_client(db, "one", "service", now=now)
        confirm_client(db, "one", "service", now=now)
    with both.store.begin() as db:
        found = find_session_for_client(db, b"one", "service", now=now, idle=IDLE)
        assert found is not None
        assert found[1]
        other = find_session_for_client(db, b"one", "other", now=now, idle=IDLE)
        assert other is not None
        assert not other[1]
        assert find_live_session(db, b"one", now=now + 2 * IDLE, idle=IDLE) is None
        assert end_session(db, "one", now=now) is not None
        assert end_session(db, "one", now=now) is None
        assert find_live_session(db, b"one", now=now, idle=IDLE) is None
        assert [row.sid for row in end_sessions_of_device(db, "device-two", now)] == ["two"]


def _session(sid: str, provider: Provider) -> BrowserSession:
    now = provider.clock.now()
    return BrowserSession(
        sid=sid,
        cookie_hash=sid.encode(),
        national_id="somebody",
        account_id="account",
        auth_time=now,
        means={"MOBILE": 1},
        device_id=f"device-{sid}",
        last_activity_at=now,
        created_at=now,
        expires_at=now + timedelta(hours=4),
    )
