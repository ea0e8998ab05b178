"""Form post certification plan: modules about what the code in the form is worth."""

import base64
import json

import pytest
from joserfc import jws

from idp.oauth.clients.metadata import ClientMetadataRefused
from idp.provider import Provider
from tests.conformance.form_post.helpers import SignedIn, id_token, tokens, told
from tests.oauth.helpers import (
    PROTOCOL,
    SECRET,
    VERIFIER,
    Service,
    add_client,
    advance,
    challenge_of,
)


def test_the_id_token_is_signed_by_a_published_key(service: Service, signed_in: SignedIn) -> None:
    """form_post-oidcc-idtoken-signature"""
    token = tokens(service, told(signed_in.ask()))["id_token"]
    header = jws.extract_compact(token.encode()).headers()
    published = service.http.get(f"{PROTOCOL}/certs").json["keys"]
    assert header["alg"] == "RS256"
    assert header["kid"] in {key["kid"] for key in published if key["use"] == "sig"}
    assert service.claims(token)["sub"]


def test_the_id_token_is_never_unsigned(
    service: Service, signed_in: SignedIn, provider: Provider
) -> None:
    """form_post-oidcc-idtoken-unsigned: no client can ask for `none`, and none gets it."""
    with pytest.raises(ClientMetadataRefused):
        add_client(provider, "unsigned", id_token_signed_response_alg="none")
    *_, signature = tokens(service, told(signed_in.ask()))["id_token"].split(".")
    assert base64.urlsafe_b64decode(signature + "==")


def test_userinfo_is_had_by_get(service: Service, signed_in: SignedIn) -> None:
    """form_post-oidcc-userinfo-get"""
    given = tokens(service, told(signed_in.ask()))
    sub = service.claims(given["id_token"])["sub"]
    assert service.userinfo(given["access_token"]).json["sub"] == sub


def test_userinfo_is_had_by_post_with_a_header(service: Service, signed_in: SignedIn) -> None:
    """form_post-oidcc-userinfo-post-header"""
    given = tokens(service, told(signed_in.ask()))
    headers = {"Authorization": f"Bearer {given['access_token']}"}
    answer = service.http.post(f"{PROTOCOL}/userinfo", headers=headers)
    assert answer.json["sub"] == service.claims(given["id_token"])["sub"]


def test_userinfo_is_had_by_post_with_a_form(service: Service, signed_in: SignedIn) -> None:
    """form_post-oidcc-userinfo-post-body"""
    given = tokens(service, told(signed_in.ask()))
    form = {"access_token": given["access_token"]}
    answer = service.http.post(f"{PROTOCOL}/userinfo", data=form)
    assert answer.json["sub"] == service.claims(given["id_token"])["sub"]


@pytest.mark.parametrize(
    ("scope", "members"),
    [
        ("profile", {"family_name", "given_name"}),
        ("email", set()),
        ("address", {"address"}),
        ("phone", {"phone_number"}),
        ("profile email address phone", {"family_name", "address", "phone_number"}),
    ],
    ids=["profile", "email", "address", "phone", "all"],
)
def test_each_scope_gives_its_claims(
    service: Service, signed_in: SignedIn, scope: str, members: set[str]
) -> None:
    """form_post-oidcc-scope-profile, form_post-oidcc-scope-email

    form_post-oidcc-scope-address, form_post-oidcc-scope-phone, form_post-oidcc-scope-all
    """
    given = tokens(service, told(signed_in.ask(scope=f"openid {scope}")))
    claims = service.userinfo(given["access_token"]).json
    assert members | {"sub"} <= claims.keys()
    assert ("address" in claims) == ("address" in scope)
    assert ("phone_number" in claims) == ("phone" in scope)


def test_a_code_is_good_once(service: Service, signed_in: SignedIn) -> None:
    """form_post-oidcc-codereuse"""
    members = told(signed_in.ask())
    tokens(service, members)
    again = service.exchange(members["code"])
    assert (again.status_code, again.json["error"]) == (400, "invalid_grant")


def test_a_code_used_again_later_ends_what_it_gave(
    service: Service, signed_in: SignedIn, provider: Provider
) -> None:
    """form_post-oidcc-codereuse-30seconds"""
    members = told(signed_in.ask())
    given = tokens(service, members)
    advance(provider, 30)
    assert service.exchange(members["code"]).json["error"] == "invalid_grant"
    assert service.userinfo(given["access_token"]).status_code == 401


def test_a_secret_may_come_in_the_form(
    service: Service, signed_in: SignedIn, provider: Provider
) -> None:
    """form_post-oidcc-server-client-secret-post"""
    add_client(provider, "poster", token_endpoint_auth_method="client_secret_post")
    members = told(signed_in.ask(client_id="poster"))
    posted = {"client_id": "poster", "client_secret": SECRET}
    assert id_token(service, members, basic=False, **posted)["aud"] == "poster"


def test_a_refresh_token_gives_the_same_person(service: Service, signed_in: SignedIn) -> None:
    """form_post-oidcc-refresh-token"""
    given = tokens(service, told(signed_in.ask()))
    fresh = service.refresh(given["refresh_token"])
    before, after = (service.claims(t["id_token"]) for t in (given, fresh.json))
    assert {n: before[n] for n in ("iss", "sub", "aud", "auth_time")} == {
        n: after[n] for n in ("iss", "sub", "aud", "auth_time")
    }
    assert "nonce" not in after or after["nonce"] == before["nonce"]


def test_a_claim_that_is_essential_is_given(service: Service, signed_in: SignedIn) -> None:
    """form_post-oidcc-claims-essential"""
    asked = json.dumps({"userinfo": {"given_name": {"essential": True}}})
    given = tokens(service, told(signed_in.ask(claims=asked)))
    assert service.userinfo(given["access_token"]).json["given_name"]


def test_a_code_holds_to_its_challenge(service: Service, signed_in: SignedIn) -> None:
    """form_post-oidcc-ensure-request-with-valid-pkce-succeeds"""
    asked = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
    refused = service.exchange(told(signed_in.ask(**asked))["code"], code_verifier="w" * 43)
    assert refused.json["error"] == "invalid_grant"
    assert id_token(service, told(signed_in.ask(**asked)), code_verifier=VERIFIER)["sub"]


def test_without_a_nonce_there_is_none(service: Service, signed_in: SignedIn) -> None:
    """form_post-oidcc-ensure-request-without-nonce-succeeds-for-code-flow"""
    assert "nonce" not in id_token(service, told(signed_in.ask(nonce="")))
