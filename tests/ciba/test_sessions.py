"""The session of a sign-in that no browser began: as any other, with a cookie that nobody holds."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from idp import create_app
from idp.provider import Provider
from idp.sessions import end_sessions_of_person
from idp.settings import Settings
from idp.store.models import BrowserSession
from idp.store.sessions import sessions_of_person
from idp.worker.dispatcher import drain
from tests.ciba.answers import refused, signed_in
from tests.ciba.helpers import CibaService, add_ciba_client, approve, phone_of, service
from tests.conftest import make_settings, provider_of
from tests.oauth.helpers import PERSON, advance
from tests.outbox.servers import HttpServer, http_server
from wallet_sim.phone import Phone


@pytest.fixture
def receiver() -> Iterator[HttpServer]:
    with http_server() as server:
        yield server


@pytest.fixture
def settings(database_url: str, master_key: str) -> Settings:
    return make_settings(database_url, master_key)


@pytest.fixture
def told(settings: Settings, receiver: HttpServer) -> Iterator[CibaService]:
    """A client that is told when a session ends, on either database."""
    app: Flask = create_app(settings)
    add_ciba_client(provider_of(app), development=True, backchannel_logout_uri=receiver.url)
    yield service(app)
    provider_of(app).store.close()


@pytest.fixture
def phone(told: CibaService, tmp_path: Path) -> Phone:
    return phone_of(told.app, tmp_path)


def live_sessions(provider: Provider) -> list[BrowserSession]:
    settings = provider.settings
    with provider.store.read() as db:
        now = provider.clock.now()
        return sessions_of_person(db, [PERSON], now=now, idle=settings.session_idle)


def test_each_sign_in_opens_a_session_of_its_own(told: CibaService, phone: Phone) -> None:
    """Decisions 7 and 8: whose, by which phone, by what means, for how long."""
    first = signed_in(told, phone)["session_state"]
    second = signed_in(told, phone)["session_state"]
    sessions = live_sessions(told.provider)
    assert [session.sid for session in sessions] == [first, second]
    for session in sessions:
        assert session.device_id == phone.device_id()
        assert session.means == {"MOBILE": int(session.auth_time.timestamp())}
        assert session.card_number is None
        life = session.expires_at - session.created_at
        assert life == told.provider.settings.session_lifetime
    assert sessions[0].cookie_hash != sessions[1].cookie_hash


def test_it_ends_with_its_phone_and_the_service_is_told(
    told: CibaService, phone: Phone, receiver: HttpServer
) -> None:
    tokens = signed_in(told, phone)
    phone.delete()
    assert told.userinfo(tokens["access_token"]).status_code == 401
    assert refused(told.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
    drain(told.provider, "logout")
    assert len(receiver.requests) == 1


def test_it_ends_with_all_sessions_of_its_person(
    told: CibaService, phone: Phone, receiver: HttpServer
) -> None:
    tokens = signed_in(told, phone)
    with told.provider.store.begin() as db:
        assert end_sessions_of_person(told.provider, db, [PERSON], reason="test") == 1
    assert told.introspect(tokens["access_token"]) == {"active": False}
    drain(told.provider, "logout")
    assert len(receiver.requests) == 1


def test_an_approval_that_is_not_redeemed_ends_with_them(told: CibaService, phone: Phone) -> None:
    """Whoever ends every session of somebody leaves none to be opened behind their back."""
    begun, waiting = told.begin()["auth_req_id"], told.begin()["auth_req_id"]
    approve(phone)
    with told.provider.store.begin() as db:
        end_sessions_of_person(told.provider, db, [PERSON], reason="test")
    answers = {refused(told.poll(auth_req_id))[1] for auth_req_id in (begun, waiting)}
    assert answers == {"access_denied", "authorization_pending"}
    assert live_sessions(told.provider) == []


def test_it_ends_idle_unless_it_is_refreshed(told: CibaService, phone: Phone) -> None:
    """Decision 8: 30 minutes without a refresh."""
    kept, left = signed_in(told, phone), signed_in(told, phone)
    advance(told.provider, 1500)
    refreshed = told.refresh(kept["refresh_token"])
    assert refreshed.status_code == 200
    advance(told.provider, 400)
    assert refused(told.refresh(left["refresh_token"])) == (400, "invalid_grant")
    assert told.refresh(refreshed.json["refresh_token"]).status_code == 200


def test_a_request_that_is_not_redeemed_opens_none(told: CibaService, phone: Phone) -> None:
    told.begin()
    approve(phone)
    assert live_sessions(told.provider) == []
