"""The refresh grant: rotation, grace, reuse, and what ends it (decision 9)."""

import base64
import json

import pytest
from sqlalchemy import delete

from idp.provider import Provider
from idp.store.clients import change_client
from idp.store.models import BrowserSession, LocalCorrection, RefreshToken
from idp.store.sessions import end_session
from tests.conftest import make_settings
from tests.oauth.helpers import PERSON, Service, add_client, advance, events, open_session


def test_the_previous_token_is_honoured_as_a_retry_and_gives_the_same_successor(
    service: Service,
) -> None:
    token = service.sign_in()["refresh_token"]
    first = service.refresh(token).json
    advance(service.provider, 29)
    retry = service.refresh(token)
    assert retry.status_code == 200
    assert retry.json["refresh_token"] == first["refresh_token"] != token


def test_later_reuse_ends_the_family(service: Service) -> None:
    token = service.sign_in()["refresh_token"]
    fresh = service.refresh(token).json
    advance(service.provider, 30)
    assert service.refresh(token).json["error"] == "invalid_grant"
    assert service.refresh(fresh["refresh_token"]).json["error"] == "invalid_grant"
    assert service.userinfo(fresh["access_token"]).status_code == 401
    assert "oauth:refresh:reused" in events(service.provider)


def test_reuse_of_an_older_token_within_the_grace_ends_the_family(service: Service) -> None:
    """Only the token just replaced is a retry."""
    oldest = service.sign_in()["refresh_token"]
    newer = service.refresh(oldest).json["refresh_token"]
    newest = service.refresh(newer).json["refresh_token"]
    assert service.refresh(oldest).json["error"] == "invalid_grant"
    assert service.refresh(newest).json["error"] == "invalid_grant"


def test_strict_rotates_without_grace(service: Service, sqlite_url: str, master_key: str) -> None:
    strict = make_settings(sqlite_url, master_key, profile="strict", pkce_required=False)
    service.provider.settings = strict
    token = service.sign_in()["refresh_token"]
    assert service.refresh(token).status_code == 200
    assert service.refresh(token).json["error"] == "invalid_grant"


def test_a_strict_client_is_given_no_grace(service: Service) -> None:
    token = service.sign_in()["refresh_token"]
    with service.provider.store.begin() as db:
        change_client(db, "service", profile="strict")
    assert service.refresh(token).status_code == 200
    assert service.refresh(token).json["error"] == "invalid_grant"


def test_a_token_of_another_client_is_refused(service: Service) -> None:
    """oidcc-refresh-token: bound to its client."""
    add_client(service.provider, "other")
    token = service.sign_in()["refresh_token"]
    assert service.as_client("other").refresh(token).json["error"] == "invalid_grant"
    assert service.refresh(token).status_code == 200


def test_an_access_token_does_not_refresh(service: Service) -> None:
    assert service.refresh(service.sign_in()["access_token"]).json["error"] == "invalid_grant"


def test_logout_ends_it(service: Service) -> None:
    session = open_session(service.provider)
    token = service.sign_in(session)
    with service.provider.store.begin() as db:
        end_session(db, session.sid, now=service.provider.clock.now())
    assert service.refresh(token["refresh_token"]).json["error"] == "invalid_grant"
    assert service.introspect(token["access_token"]) == {"active": False}


def test_a_phone_that_is_no_longer_active_ends_it(service: Service) -> None:
    session = open_session(service.provider)
    token = service.sign_in(session)
    with service.provider.store.begin() as db:
        row = db.get(BrowserSession, session.sid)
        assert row is not None
        row.device_id = "gone"
    assert service.refresh(token["refresh_token"]).json["error"] == "invalid_grant"


def test_a_person_struck_off_is_refused(service: Service) -> None:
    token = service.sign_in()
    with service.provider.store.begin() as db:
        row = db.get(LocalCorrection, PERSON)
        assert row is not None
        row.struck_off = True
    assert service.refresh(token["refresh_token"]).json["error"] == "invalid_grant"
    assert service.userinfo(token["access_token"]).status_code == 401


def test_the_session_ends_idle_but_for_refreshes(service: Service) -> None:
    """Decision 8: activity is authorize and refresh."""
    token = service.sign_in()["refresh_token"]
    for _ in range(3):
        advance(service.provider, 1700)
        answer = service.refresh(token)
        assert answer.status_code == 200
        token = answer.json["refresh_token"]
    advance(service.provider, 1800)
    assert service.refresh(token).json["error"] == "invalid_grant"


def test_no_refresh_outlives_the_session(service: Service) -> None:
    token = service.sign_in()["refresh_token"]
    for _ in range(9):
        advance(service.provider, 1500)
        token = service.refresh(token).json["refresh_token"]
    advance(service.provider, 800)
    answer = service.refresh(token)
    assert 0 < answer.json["refresh_expires_in"] <= 4 * 3600 - 9 * 1500 - 800
    advance(service.provider, 101)
    assert service.refresh(answer.json["refresh_token"]).json["error"] == "invalid_grant"


@pytest.mark.parametrize("scope", ["openid profile", "openid scope_all email x"])
def test_more_scope_than_granted_is_refused(service: Service, scope: str) -> None:
    token = service.sign_in()["refresh_token"]
    assert service.refresh(token, scope=scope).json["error"] == "invalid_scope"


def test_scope_may_be_narrowed_for_one_answer(service: Service) -> None:
    token = service.sign_in(scope="openid scope_all profile")["refresh_token"]
    narrowed = service.refresh(token, scope="openid").json
    assert narrowed["scope"] == "openid"
    assert service.claims(narrowed["access_token"])["scope"] == "openid"
    assert service.refresh(narrowed["refresh_token"]).json["scope"] == "openid profile scope_all"


def test_the_id_token_keeps_the_first_auth_time(service: Service) -> None:
    """Core 12.2; measured.md, pitfall 5."""
    token = service.sign_in()
    first = service.claims(token["id_token"])
    advance(service.provider, 600)
    second = service.claims(service.refresh(token["refresh_token"]).json["id_token"])
    assert second["auth_time"] == first["auth_time"]
    assert second["iat"] >= first["iat"] + 600
    assert (second["sub"], second["aud"], second["nonce"]) == (
        first["sub"],
        first["aud"],
        first["nonce"],
    )


def test_the_token_is_a_jwt_with_audience_scope_and_jti(service: Service) -> None:
    """Decision 9: clients decode it."""
    payload = service.sign_in()["refresh_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert claims["aud"] == service.provider.settings.issuer
    assert claims["scope"] == "openid scope_all"
    assert claims["typ"] == "Refresh"
    assert claims["jti"]


def test_a_stored_row_decides(service: Service, provider: Provider) -> None:
    """A JWT that is well signed, but whose row is gone, gives nothing."""
    token = service.sign_in()["refresh_token"]
    with provider.store.begin() as db:
        db.execute(delete(RefreshToken))
    assert service.refresh(token).json["error"] == "invalid_grant"
