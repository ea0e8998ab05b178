"""Asking the trusted issuer again and again whether its session lives (decision 35)."""

import pytest
from sqlalchemy import select

from idp.exchange import create_exchange_app
from idp.outbox.expiry import delete_expired
from idp.sessions import end_session
from idp.store.clients import change_client
from idp.store.models import ApiSession, BrowserSession
from tests.conftest import make_settings, provider_of
from tests.exchange.helpers import Exchange, refusal, trust
from tests.oauth.helpers import Service, advance, events, open_session

HALF_HOUR = 1800


def log_out(first: Service, session: BrowserSession) -> None:
    with first.app.test_request_context(), first.provider.store.begin() as db:
        end_session(first.provider, db, session.sid)


def keep_alive(exchange: Exchange, refresh_token: str, seconds: int) -> str:
    """Let time pass while the service keeps its session at the provider from ending idle."""
    exchange.advance(seconds)
    answer = exchange.first.refresh(refresh_token)
    assert answer.status_code == 200, answer.text
    return str(answer.json["refresh_token"])


def test_a_token_whose_session_ended_ends_at_the_first_question(exchange: Exchange) -> None:
    """A token that was logged out within its two minutes is exchanged, and ended at once."""
    session = open_session(exchange.first.provider)
    token = exchange.first.sign_in(session)["access_token"]
    log_out(exchange.first, session)
    answer = exchange.exchanged_for(token)
    assert exchange.check_sessions() == 1
    assert exchange.introspect(answer["access_token"]) == {"active": False}
    assert refusal(exchange.refresh(answer["refresh_token"])) == (400, "invalid_grant")
    assert refusal(exchange.exchange(token)) == (400, "invalid_request")


def test_a_token_that_was_revoked_there_ends_at_the_first_question(exchange: Exchange) -> None:
    token = exchange.first.sign_in()["access_token"]
    assert exchange.first.post("revoke", {"token": token}).status_code == 200
    answer = exchange.exchanged_for(token)
    exchange.check_sessions()
    assert exchange.introspect(answer["access_token"]) == {"active": False}


def test_a_logout_ends_all_that_was_exchanged_in_the_session(exchange: Exchange) -> None:
    session = open_session(exchange.first.provider)
    token = exchange.first.sign_in(session)["access_token"]
    answers = [exchange.exchanged_for(token) for _ in range(3)]
    other = exchange.exchanged()
    exchange.check_sessions()
    log_out(exchange.first, session)
    exchange.advance(HALF_HOUR - 1)
    assert exchange.introspect(answers[0]["access_token"])["active"] is True
    exchange.advance(2)
    exchange.check_sessions()
    assert [exchange.introspect(a["access_token"])["active"] for a in answers] == [False] * 3
    recorded = events(exchange.provider)
    # The other sign-in was left idle for half an hour, and is over as well.
    assert recorded.count("exchange:session:ended") == 4
    assert exchange.introspect(other["access_token"])["active"] is False


def test_a_session_that_lives_is_asked_about_every_half_hour(exchange: Exchange) -> None:
    """Also when the token it was exchanged for lapsed long ago."""
    session = open_session(exchange.first.provider)
    signed_in = exchange.first.sign_in(session)
    answer = exchange.exchanged_for(signed_in["access_token"])
    assert exchange.check_sessions() == 1
    refresh_token = signed_in["refresh_token"]
    for _ in range(4):
        refresh_token = keep_alive(exchange, refresh_token, HALF_HOUR - 10)
        assert exchange.check_sessions() == 0
        refresh_token = keep_alive(exchange, refresh_token, 11)
        assert exchange.check_sessions() == 1
        assert exchange.introspect(answer["access_token"])["active"] is True
    log_out(exchange.first, session)
    exchange.advance(HALF_HOUR)
    exchange.check_sessions()
    assert exchange.introspect(answer["access_token"]) == {"active": False}


def test_an_issuer_that_is_away_for_a_while_ends_nothing(exchange: Exchange) -> None:
    signed_in = exchange.first.sign_in()
    answer = exchange.exchanged_for(signed_in["access_token"])
    exchange.check_sessions()
    refresh_token = keep_alive(exchange, signed_in["refresh_token"], HALF_HOUR - 10)
    exchange.server.away = True
    exchange.advance(11)
    assert exchange.check_sessions() == 1
    assert exchange.check_sessions() == 0
    assert exchange.introspect(answer["access_token"])["active"] is True
    exchange.server.away = False
    keep_alive(exchange, refresh_token, 60)
    assert exchange.check_sessions() == 1
    exchange.advance(HALF_HOUR - 100)
    assert exchange.introspect(answer["access_token"])["active"] is True


def test_an_issuer_that_is_away_too_long_ends_what_it_vouched_for(exchange: Exchange) -> None:
    """It fails closed."""
    answer = exchange.exchanged()
    exchange.check_sessions()
    exchange.server.away = True
    exchange.advance(2 * HALF_HOUR + 1)
    assert exchange.introspect(answer["access_token"]) == {"active": False}
    assert exchange.check_sessions() == 1
    with exchange.provider.store.read() as db:
        assert db.scalars(select(ApiSession.ended_by)).all() == ["silence"]


def test_where_nobody_asks_tokens_end_by_themselves(exchange: Exchange) -> None:
    """A worker that does not run must not keep sessions alive."""
    answer = exchange.exchanged()
    exchange.advance(2 * HALF_HOUR - 1)
    assert exchange.introspect(answer["access_token"])["active"] is True
    exchange.advance(1)
    assert exchange.introspect(answer["access_token"]) == {"active": False}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"client_secret": "another"}, id="secret"),
        pytest.param({"introspection_endpoint": "http://[bad"}, id="no-address"),
        pytest.param({"introspection_endpoint": "http://127.0.0.1:9/x"}, id="nobody-listens"),
        pytest.param({"introspection_endpoint": "http://169.254.1.1/x"}, id="forbidden"),
    ],
)
def test_an_issuer_that_cannot_be_asked_says_nothing(
    exchange: Exchange, exchange_url: str, changes: dict[str, str]
) -> None:
    answer = exchange.exchanged()
    given = trust(exchange.first.provider.settings.issuer)
    given["trusted_issuers"]["psc"] |= changes
    app = create_exchange_app(make_settings(exchange_url, "B" * 43, **given))
    exchange.provider = provider_of(app)
    assert exchange.check_sessions() == 1
    assert exchange.introspect(answer["access_token"])["active"] is True
    exchange.provider.store.close()


def test_an_issuer_trusted_no_more_vouches_for_nothing(
    exchange: Exchange, exchange_url: str
) -> None:
    answer = exchange.exchanged()
    given = trust(exchange.first.provider.settings.issuer)
    given["trusted_issuers"] = {"another": given["trusted_issuers"]["psc"]}
    app = create_exchange_app(make_settings(exchange_url, "B" * 43, **given))
    exchange.provider = provider_of(app)
    exchange.check_sessions()
    assert exchange.introspect(answer["access_token"]) == {"active": False}
    exchange.provider.store.close()


def test_a_lapsed_token_tells_of_its_session_to_an_apis_issuer_alone(exchange: Exchange) -> None:
    """RFC 7662, 2.2: whoever did not register for it is told nothing beside `active`."""
    session = open_session(exchange.first.provider)
    token = exchange.first.sign_in(session)["access_token"]
    asking = exchange.first.as_client("api-issuer")
    assert asking.introspect(token)["active"] is True
    advance(exchange.first.provider, 121)
    assert asking.introspect(token) == {"active": False, "session_active": True}
    assert exchange.first.introspect(token) == {"active": False}
    assert exchange.first.userinfo(token).status_code == 401
    log_out(exchange.first, session)
    assert asking.introspect(token) == {"active": False}
    assert asking.introspect("x") == {"active": False}


def test_what_lapsed_is_forgotten(exchange: Exchange) -> None:
    exchange.exchanged()
    exchange.advance(4 * 3600)
    delete_expired(exchange.provider)
    with exchange.provider.store.read() as db:
        assert db.scalars(select(ApiSession)).all() == []


def test_a_disabled_client_has_no_tokens(exchange: Exchange) -> None:
    answer = exchange.exchanged()
    with exchange.provider.store.begin() as db:
        change_client(db, "logiciel", disabled_at=exchange.provider.clock.now())
    assert exchange.introspect(answer["access_token"]) == {"active": False}
