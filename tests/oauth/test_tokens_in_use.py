"""Introspection, revocation and userinfo."""

from typing import Any

import pytest

from idp.store.models import LocalCorrection
from tests.conftest import make_settings
from tests.oauth.helpers import PERSON, PROTOCOL, Service, add_client, advance, open_session


def test_what_is_no_token_is_inactive(service: Service) -> None:
    token = service.sign_in()
    for text in ("nonsense", "a.b.c", "é", token["id_token"], token["access_token"][:-4] + "AAAA"):
        assert service.introspect(text) == {"active": False}


def test_a_token_that_lapsed_is_inactive(service: Service) -> None:
    token = service.sign_in()["access_token"]
    advance(service.provider, 120)
    assert service.introspect(token) == {"active": False}
    assert service.userinfo(token).status_code == 401


def test_the_tokens_of_a_person_struck_off_are_inactive(service: Service) -> None:
    """EC-01: an API that asks learns it at once, as userinfo says it."""
    token = service.sign_in()
    with service.provider.store.begin() as db:
        row = db.get(LocalCorrection, PERSON)
        assert row is not None
        row.struck_off = True
    for name in ("access_token", "refresh_token"):
        assert service.introspect(token[name]) == {"active": False}


def test_introspection_needs_a_token(service: Service) -> None:
    answer = service.post("token/introspect", {})
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


def test_any_confidential_client_may_introspect_an_access_token(service: Service) -> None:
    """Pro-sante-connect 3.5: APIs and proxies ask about tokens of others."""
    add_client(service.provider, "api")
    token = service.sign_in()
    api = service.as_client("api")
    answer = api.introspect(token["access_token"])
    assert answer["active"] is True
    assert (answer["client_id"], answer["username"]) == ("service", PERSON)
    assert answer["scope"] == "openid scope_all"
    assert list(answer)[-3:] == ["client_id", "username", "active"]
    assert api.introspect(token["refresh_token"]) == {"active": False}
    assert service.introspect(token["refresh_token"])["typ"] == "Refresh"


def test_a_hint_that_is_not_known_is_ignored(service: Service) -> None:
    token = service.sign_in()["access_token"]
    answer = service.post("token/introspect", {"token": token, "token_type_hint": "pat"})
    assert answer.json["active"] is True


def test_revoking_an_access_token_leaves_the_grant(service: Service) -> None:
    token = service.sign_in()
    answer = service.post("revoke", {"token": token["access_token"]})
    assert (answer.status_code, answer.json) == (200, {})
    assert service.introspect(token["access_token"]) == {"active": False}
    assert service.post("revoke", {"token": token["access_token"]}).status_code == 200
    assert service.refresh(token["refresh_token"]).status_code == 200


def test_revoking_a_refresh_token_takes_everything(service: Service) -> None:
    token = service.sign_in()
    service.post("revoke", {"token": token["refresh_token"], "token_type_hint": "access_token"})
    assert service.refresh(token["refresh_token"]).json["error"] == "invalid_grant"
    assert service.userinfo(token["access_token"]).status_code == 401


def test_another_clients_token_is_left_as_it_is(service: Service) -> None:
    add_client(service.provider, "other")
    token = service.sign_in()
    for text in (token["refresh_token"], token["access_token"], "nonsense"):
        assert service.as_client("other").post("revoke", {"token": text}).status_code == 200
    assert service.introspect(token["access_token"])["active"] is True


def test_revocation_needs_authentication(service: Service) -> None:
    token = service.sign_in()["access_token"]
    assert service.post("revoke", {"token": token}, basic=False).status_code == 401
    assert service.introspect(token)["active"] is True


# -- userinfo ------------------------------------------------------------------------------------


def test_userinfo_without_a_token_gets_the_bare_challenge(service: Service) -> None:
    """RFC 6750, 3.1."""
    answer = service.http.get(f"{PROTOCOL}/userinfo")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="userinfo"'


def test_userinfo_with_a_bad_token_names_the_error(service: Service) -> None:
    answer = service.userinfo("nonsense")
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_token_in_the_address_is_not_read(service: Service) -> None:
    token = service.sign_in()["access_token"]
    assert service.http.get(f"{PROTOCOL}/userinfo?access_token={token}").status_code == 401


def test_a_token_sent_twice_is_refused(service: Service) -> None:
    token = service.sign_in()["access_token"]
    answer = service.http.post(
        f"{PROTOCOL}/userinfo",
        data={"access_token": token},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


def test_a_refresh_or_id_token_opens_nothing(service: Service) -> None:
    token = service.sign_in()
    assert service.userinfo(token["refresh_token"]).status_code == 401
    assert service.userinfo(token["id_token"]).status_code == 401


def test_userinfo_by_get_and_both_posts(service: Service) -> None:
    """oidcc-userinfo-get, oidcc-userinfo-post-header, oidcc-userinfo-post-body."""
    token = service.sign_in()
    header = {"Authorization": f"Bearer {token['access_token']}"}
    path = f"{PROTOCOL}/userinfo"
    answers = [
        service.http.get(path, headers=header),
        service.http.post(path, headers=header),
        service.http.post(path, data={"access_token": token["access_token"]}),
    ]
    sub = service.claims(token["id_token"])["sub"]
    for answer in answers:
        assert answer.status_code == 200
        assert answer.content_type == "application/json"
        assert answer.json["sub"] == sub
    assert next(iter(answers[0].json)) in {"Secteur_Activite", "sub"}


@pytest.mark.parametrize(
    ("scope", "claims"),
    [
        ("openid profile", {"name", "given_name", "family_name"}),
        ("openid email", set()),
        ("openid phone", {"phone_number"}),
        ("openid address", {"address"}),
        ("openid profile email phone address", {"name", "phone_number", "address"}),
    ],
)
def test_standard_scopes_give_standard_claims(
    service: Service, scope: str, claims: set[str]
) -> None:
    """oidcc-scope-profile, -email, -phone, -address, -all; decision 10."""
    info = service.userinfo(service.sign_in(scope=scope)["access_token"]).json
    assert claims <= set(info)
    assert "SubjectRefPro" not in info
    # Private correspondence contacts are released to nobody.
    assert "exemple.test" not in str(info)
    assert "639980001" not in str(info)


def test_a_claim_asked_by_name_is_given(service: Service) -> None:
    """oidcc-claims-essential."""
    wanted = '{"userinfo":{"name":{"essential":true}},"id_token":{"name":null}}'
    token = service.sign_in(scope="openid", claims=wanted)
    info = service.userinfo(token["access_token"]).json
    assert set(info) == {"sub", "name"}
    assert service.claims(token["id_token"])["name"] == info["name"]


def test_a_claim_outside_the_registered_scope_is_not_given(service: Service) -> None:
    add_client(service.provider, "narrow", scope="openid")
    narrow = service.as_client("narrow")
    token = narrow.sign_in(scope="openid", claims='{"userinfo":{"name":null}}')
    assert set(narrow.userinfo(token["access_token"]).json) == {"sub"}


@pytest.fixture
def pairwise(service: Service, sqlite_url: str, master_key: str) -> Service:
    service.provider.settings = make_settings(sqlite_url, master_key, sub_format="pairwise")
    return service


def everything(service: Service, token: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        service.claims(token["id_token"]),
        service.claims(token["access_token"]),
        service.introspect(token["access_token"]),
        service.introspect(token["refresh_token"]),
        service.userinfo(token["access_token"]).json,
    ]


def test_pairwise_holds_wherever_a_sub_appears(pairwise: Service) -> None:
    """Decision 11."""
    add_client(pairwise.provider, "other", redirect_uris=["https://other.test/callback"])
    session = open_session(pairwise.provider)
    scope = "openid profile scope_all"
    seen = everything(pairwise, pairwise.sign_in(session, scope=scope))
    assert len({claims["sub"] for claims in seen}) == 1
    assert PERSON not in str(seen)
    other = pairwise.as_client("other")
    token = other.authorize(session, redirect_uri="https://other.test/callback", scope="openid")
    answer = other.exchange(token["code"], redirect_uri="https://other.test/callback").json
    assert pairwise.claims(answer["id_token"])["sub"] != seen[0]["sub"]


def test_a_client_may_be_granted_the_identifier_beside_a_pairwise_sub(pairwise: Service) -> None:
    add_client(pairwise.provider, "trusted", release_national_id=True)
    trusted = pairwise.as_client("trusted")
    info = trusted.userinfo(trusted.sign_in()["access_token"]).json
    assert info["SubjectNameID"] == PERSON != info["sub"]
