"""Whatever ends a session tells each service entered in it, once, and no other.

OpenID Connect Back-Channel Logout 1.0, 2.3 and 2.5; oidcc-backchannel-rp-initiated-logout.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from idp.cards.opposition import oppose
from idp.cards.renewal import expire_cards
from idp.devices.lifecycle import expire, revoke_device, suspend_device
from idp.holders import close_person, follow_directory
from idp.provider import Provider
from idp.sessions import end_session, end_sessions_of_person
from idp.store.models import BrowserSession, Card, Client, Device
from idp.worker.dispatcher import drain
from tests.architecture.imports import modules
from tests.cards.rows import (
    CARD,
    PERSON,
    a_card,
    a_grant,
    a_phone,
    add,
    all_of,
    events,
)
from tests.holders.helpers import leave_directory
from tests.oauth.helpers import Service, add_client, open_session
from tests.sessions.helpers import Listening, listening, session_with

PHONE = "the-phone"
STORE_ENDS = {
    "idp.store.sessions.end_session",
    "idp.store.sessions.end_sessions",
    "idp.store.sessions.end_sessions_of_device",
    "idp.store.card_life.end_sessions_of_card",
    "idp.store.holders.end_sessions_of_holders",
}


@pytest.fixture
def heard(both: Provider) -> Iterator[Listening]:
    with listening(both) as services:
        yield services


def by_the_person(provider: Provider, sid: str) -> None:
    with provider.store.begin() as db:
        end_session(provider, db, sid)


def by_revocation_of_the_phone(provider: Provider, _sid: str) -> None:
    with provider.store.begin() as db:
        revoke_device(provider, db, db.get_one(Device, PHONE), "lost")


def by_suspension_of_the_phone(provider: Provider, _sid: str) -> None:
    with provider.store.begin() as db:
        suspend_device(provider, db, db.get_one(Device, PHONE), "stale-roll")


def by_expiry_of_the_phone(provider: Provider, _sid: str) -> None:
    with provider.store.begin() as db:
        db.get_one(Device, PHONE).expires_at = provider.clock.now() - timedelta(seconds=1)
    with provider.store.begin() as db:
        expire(provider, db)


def by_opposition_of_the_card(provider: Provider, _sid: str) -> None:
    with provider.store.begin() as db:
        oppose(provider, db, CARD, reason="perte")


def by_expiry_of_the_card(provider: Provider, _sid: str) -> None:
    with provider.store.begin() as db:
        card = db.get_one(Card, CARD)
        card.ends_at = provider.clock.now() - timedelta(seconds=1)
    expire_cards(provider)


def by_strike_off(provider: Provider, _sid: str) -> None:
    with provider.store.begin() as db:
        close_person(provider, db, PERSON, "radiation")


def by_leaving_the_directory(provider: Provider, _sid: str) -> None:
    leave_directory(provider, PERSON)
    follow_directory(provider)


def by_an_operator(provider: Provider, _sid: str) -> None:
    with provider.store.begin() as db:
        end_sessions_of_person(provider, db, [PERSON], reason="administrator")


ENDS = [
    by_the_person,
    by_revocation_of_the_phone,
    by_suspension_of_the_phone,
    by_expiry_of_the_phone,
    by_opposition_of_the_card,
    by_expiry_of_the_card,
    by_strike_off,
    by_leaving_the_directory,
    by_an_operator,
]


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_each_end_tells_each_service_of_the_session_once(
    heard: Listening, end: Callable[[Provider, str], None]
) -> None:
    provider = heard.provider
    add(provider, a_card(provider), a_phone(provider, device_id=PHONE, paired_card=None))
    sid = session_with(provider, "one", "two", "silent", device_id=PHONE, card_number=CARD)
    add_client(provider, "stranger", **heard.metadata())
    session_with(provider, "stranger", "one", national_id="899700990023")
    assert heard.told() == []
    end(provider, sid)
    assert heard.told() == [("one", sid), ("two", sid)]
    by_the_person(provider, sid)
    assert heard.told() == []
    (ended,) = events(provider, "signin:session:ended")
    assert (ended.sid, ended.person) == (sid, PERSON)


def test_a_session_that_was_over_tells_nobody(heard: Listening) -> None:
    provider = heard.provider
    sid = session_with(provider, "one", ended_at=provider.clock.now())
    by_the_person(provider, sid)
    assert heard.told() == []


def test_what_is_rolled_back_is_told_to_nobody(heard: Listening) -> None:
    """Sent after the commit, never before (decision 40)."""
    provider = heard.provider
    sid = session_with(provider, "one")
    with pytest.raises(RuntimeError):
        break_off(provider, sid)
    assert heard.told() == []
    assert all_of(provider, BrowserSession)[0].ended_at is None


def break_off(provider: Provider, sid: str) -> None:
    with provider.store.begin() as db:
        end_session(provider, db, sid)
        raise RuntimeError


def test_every_session_of_a_person_is_told_by_itself(heard: Listening) -> None:
    provider = heard.provider
    sids = [session_with(provider, "one") for _ in range(3)]
    by_an_operator(provider, "")
    assert heard.told() == [("one", sid) for sid in sorted(sids)]


def test_a_service_the_person_refused_afterwards_was_entered_all_the_same(
    heard: Listening,
) -> None:
    """2.3: what counts is that the person was signed in there, by a grant of this session."""
    provider = heard.provider
    sid = session_with(provider, "one")
    session = next(row for row in all_of(provider, BrowserSession) if row.sid == sid)
    grant = a_grant(provider, session)
    grant.client_id = "two"
    add(provider, grant)
    by_the_person(provider, sid)
    assert heard.told() == [("one", sid), ("two", sid)]


@pytest.mark.parametrize("sub_format", ["federated", "uuid", "pairwise"])
def test_the_token_names_the_person_and_session_as_the_id_token_did(
    sqlite_url: str, master_key: str, sub_format: str
) -> None:
    """2.6, steps 9 and 10; decision 11: pairwise in every place a `sub` appears."""
    from idp import create_app  # noqa: PLC0415 - only this test opens applications of its own
    from tests.conftest import make_settings, provider_of  # noqa: PLC0415

    app = create_app(make_settings(sqlite_url, master_key, sub_format=sub_format))
    provider = provider_of(app)
    with listening(provider) as heard:
        add_client(provider, "service", **heard.metadata())
        service = Service(app, provider)
        session = open_session(provider)
        id_token = service.claims(service.sign_in(session)["id_token"])
        by_the_person(provider, session.sid)
        drain(provider, "logout")
        (token,) = heard.tokens()
    provider.store.close()
    assert {token[name] for name in ("iss", "aud", "sid", "sub")} == {
        id_token[name] for name in ("iss", "aud", "sid", "sub")
    }


def test_a_client_with_another_use_of_the_name_is_left_alone(heard: Listening) -> None:
    """Metadata that was kept unread, before this provider knew its name."""
    provider = heard.provider
    with provider.store.begin() as db:
        db.get_one(Client, "one").options = {"backchannel_logout_uri": 5}
    sid = session_with(provider, "one", "two")
    by_the_person(provider, sid)
    assert heard.told() == [("two", sid)]


def test_sessions_end_in_one_place() -> None:
    """Else a service would not be told of some end."""
    offences = [
        f"{module.name}: {name}"
        for module in modules("idp")
        if not module.name.startswith("idp.store") and module.name != "idp.sessions"
        for name in module.imports & STORE_ENDS
    ]
    assert offences == []
