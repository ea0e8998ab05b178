"""The code grant: what it refuses, and what it gives."""

import json

import pytest

from idp.outbox.expiry import delete_expired
from tests.oauth.helpers import (
    PERSON,
    REDIRECT,
    SECRET,
    VERIFIER,
    Service,
    add_client,
    advance,
    challenge_of,
    events,
    open_session,
)


def test_a_code_used_twice_is_refused_and_ends_what_it_gave(service: Service) -> None:
    """oidcc-codereuse, oidcc-codereuse-30seconds."""
    code = service.authorize()["code"]
    first = service.exchange(code).json
    advance(service.provider, 30)
    second = service.exchange(code)
    assert (second.status_code, second.json["error"]) == (400, "invalid_grant")
    assert service.userinfo(first["access_token"]).status_code == 401
    assert service.introspect(first["access_token"]) == {"active": False}
    assert service.refresh(first["refresh_token"]).json["error"] == "invalid_grant"
    assert "oauth:code:reused" in events(service.provider)


def test_a_code_lapses(service: Service) -> None:
    """Decision 8: 60 seconds."""
    code = service.authorize()["code"]
    advance(service.provider, 60)
    assert service.exchange(code).json["error"] == "invalid_grant"


def test_a_code_of_another_client_is_refused_and_not_spent(service: Service) -> None:
    add_client(service.provider, "other")
    code = service.authorize()["code"]
    assert service.as_client("other").exchange(code).json["error"] == "invalid_grant"
    assert service.exchange(code).status_code == 200


@pytest.mark.parametrize("uri", ["https://service.test/callback/", "https://evil.test/", None])
def test_the_redirect_address_must_be_repeated_exactly(service: Service, uri: str | None) -> None:
    code = service.authorize()["code"]
    assert service.exchange(code, redirect_uri=uri).json["error"] == "invalid_grant"


@pytest.mark.parametrize("verifier", [None, "w" * 43, "v" * 42, "v" * 42 + "é"])
def test_a_wrong_or_missing_verifier_is_refused(service: Service, verifier: str | None) -> None:
    code = service.authorize(code_challenge=challenge_of(VERIFIER), code_challenge_method="S256")[
        "code"
    ]
    answer = service.exchange(code, code_verifier=verifier)
    assert answer.status_code == 400
    assert answer.json["error"] in {"invalid_grant", "invalid_request"}
    assert service.exchange(code, code_verifier=VERIFIER).status_code == 200


def test_a_verifier_without_a_challenge_is_refused(service: Service) -> None:
    """RFC 9700, 4.8: a downgrade of PKCE."""
    code = service.authorize()["code"]
    assert service.exchange(code, code_verifier=VERIFIER).status_code == 400


def test_the_code_of_an_ended_session_gives_nothing(service: Service) -> None:
    session = open_session(service.provider)
    code = service.authorize(session)["code"]
    with service.provider.store.begin() as db:
        db.merge(session).ended_at = service.provider.clock.now()
    assert service.exchange(code).json["error"] == "invalid_grant"


def test_parameters_in_the_address_are_not_read(service: Service) -> None:
    code = service.authorize()["code"]
    answer = service.http.post(
        f"/auth/realms/esante-wallet/protocol/openid-connect/token?grant_type=authorization_code"
        f"&code={code}&redirect_uri={REDIRECT}",
        headers=service.basic,
    )
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": ["a", "b"]}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "x" * 9000}, "invalid_grant"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "é.é.é"}, "invalid_grant"),
    ],
)
def test_malformed_requests_get_an_oauth_error(
    service: Service, form: dict[str, str], error: str
) -> None:
    answer = service.post("token", form)
    assert (answer.status_code, answer.json["error"]) == (400, error)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_type == "application/json"


def test_the_answer_has_the_members_of_psc_in_its_order(service: Service) -> None:
    """Pro-sante-connect 3.1; oidcc-server."""
    session = open_session(service.provider)
    token = service.exchange(service.authorize(session)["code"])
    assert list(json.loads(token.text)) == [
        "access_token",
        "expires_in",
        "refresh_expires_in",
        "refresh_token",
        "token_type",
        "id_token",
        "not-before-policy",
        "session_state",
        "scope",
    ]
    assert token.json["expires_in"] == 120
    assert token.json["refresh_expires_in"] == 1800
    assert token.json["session_state"] == session.sid
    assert token.json["scope"] == "openid scope_all"


def test_the_id_token_has_the_members_of_psc_in_its_order(service: Service) -> None:
    """Pro-sante-connect 3.2, decision 7; oidcc-idtoken-signature."""
    claims = service.claims(service.sign_in()["id_token"])
    assert list(claims) == [
        "exp",
        "iat",
        "auth_time",
        "jti",
        "iss",
        "aud",
        "sub",
        "typ",
        "azp",
        "nonce",
        "session_state",
        "at_hash",
        "sid",
        "authMode",
        "acr",
        "SubjectNameID",
        "preferred_username",
        "given_name",
        "family_name",
    ]
    assert claims["aud"] == "service"
    assert claims["sub"] == f"f:550dc1c8-d97b-4b1e-ac8c-8eb4471cf9dd:{PERSON}"
    assert (claims["acr"], claims["authMode"]) == ("eidas1", "MOBILE")
    assert claims["exp"] - claims["iat"] == 120


def test_the_access_token_has_the_members_of_psc_in_its_order(service: Service) -> None:
    """Pro-sante-connect 3.3."""
    claims = service.claims(service.sign_in(nonce=None)["access_token"])
    assert list(claims) == [
        "exp",
        "iat",
        "auth_time",
        "jti",
        "iss",
        "sub",
        "typ",
        "azp",
        "nonce",
        "session_state",
        "acr",
        "scope",
        "sid",
        "authMode",
        "otherIds",
        "preferred_username",
    ]
    assert (claims["nonce"], claims["typ"]) == ("", "Bearer")


def test_a_card_says_eidas3_in_the_access_token_and_eidas1_in_the_id_token(
    service: Service,
) -> None:
    """Decision 7."""
    token = service.sign_in(open_session(service.provider, means="CARD"))
    assert service.claims(token["access_token"])["acr"] == "eidas3"
    assert service.claims(token["id_token"])["acr"] == "eidas1"
    assert service.introspect(token["access_token"])["acr"] == "eidas3"


def test_no_nonce_no_claim(service: Service) -> None:
    """oidcc-ensure-request-without-nonce-succeeds-for-code-flow."""
    assert "nonce" not in service.claims(service.sign_in(nonce=None)["id_token"])


def test_scope_all_alone_gives_no_id_token_but_userinfo(service: Service) -> None:
    """Decision 10."""
    token = service.sign_in(scope="scope_all")
    assert "id_token" not in token
    assert service.userinfo(token["access_token"]).json["SubjectNameID"] == PERSON


def test_openid_alone_gives_no_names(service: Service) -> None:
    claims = service.claims(service.sign_in(scope="openid")["id_token"])
    assert "family_name" not in claims


def test_pkce_succeeds(service: Service) -> None:
    """oidcc-ensure-request-with-valid-pkce-succeeds."""
    add_client(service.provider, "app", token_endpoint_auth_method="none")
    app = service.as_client("app")
    code = app.authorize(code_challenge=challenge_of(VERIFIER), code_challenge_method="S256")[
        "code"
    ]
    answer = app.exchange(code, basic=False, client_id="app", code_verifier=VERIFIER)
    assert answer.status_code == 200


def test_client_secret_post(service: Service) -> None:
    """oidcc-server-client-secret-post."""
    add_client(service.provider, "posting", token_endpoint_auth_method="client_secret_post")
    posting = service.as_client("posting")
    code = posting.authorize()["code"]
    answer = posting.exchange(code, basic=False, client_id="posting", client_secret=SECRET)
    assert answer.status_code == 200


def test_a_code_used_again_is_known_after_the_expiry_job(service: Service) -> None:
    """RFC 6749, 4.1.2: what it gave is worth taking back as long as it is worth anything."""
    code = service.authorize()["code"]
    given = service.exchange(code).json
    advance(service.provider, 600)
    delete_expired(service.provider)
    assert service.exchange(code).status_code == 400
    assert service.refresh(given["refresh_token"]).status_code == 400
