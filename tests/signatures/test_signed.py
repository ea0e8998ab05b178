"""What a client is issued is signed by the algorithm that it registered."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from idp.oauth.tokens.signing import Use, sign_for, verify
from idp.outbox.delivery import Delivery
from idp.outbox.logout import logout_token
from idp.store.clients import change_client, find_client
from tests.oauth.helpers import PROTOCOL, Service, add_client
from tests.signatures.helpers import SIGNING, header, payload, published, verified, with_keys


def logout(service: Service, hint: str) -> int:
    answer = service.http.get(f"{PROTOCOL}/logout", query_string={"id_token_hint": hint})
    return int(answer.status_code)


def encoded(part: Any) -> str:
    text = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


@pytest.mark.parametrize("alg", ["HS256", "none", "RS1"])
def test_a_hint_by_no_signature_of_ours_is_refused(service: Service, alg: str) -> None:
    """RFC 8725, 3.1: the key names the one algorithm that it verifies by.

    oidcc-rp-initiated-logout-modified-id-token-hint.
    """
    token = service.sign_in()["id_token"]
    kid = header(token)["kid"]
    (found,) = (key for key in published(service) if key["kid"] == kid)
    secret = RSAKey.import_key(found).as_pem(private=False)
    signed = f"{encoded({'alg': alg, 'kid': kid})}.{token.split('.')[1]}"
    mac = b"" if alg == "none" else hmac.digest(secret, signed.encode(), "sha256")
    assert logout(service, f"{signed}.{encoded(mac)}") == 400
    assert logout(service, token) != 400


@pytest.mark.parametrize(("alg", "other"), [("RS256", "PS256"), ("PS256", "RS256")])
def test_a_key_verifies_by_no_algorithm_but_its_own(service: Service, alg: str, other: str) -> None:
    """One key, one algorithm: also where the kind of key would fit another."""
    provider = service.provider
    key = provider.keyring.active({"RS256": "tokens", "PS256": "tokens-ps256"}[alg])
    claims = {"iss": provider.settings.issuer, "typ": "ID"}
    right = jwt.encode({"alg": alg, "kid": key.kid}, claims, key.key, [alg])
    wrong = jwt.encode({"alg": other, "kid": key.kid}, claims, key.key, [other])
    assert verify(provider, right, typ="ID") == claims
    assert verify(provider, wrong, typ="ID") is None


def test_a_key_of_another_purpose_signs_no_token(service: Service) -> None:
    provider = service.provider
    claims = {"iss": provider.settings.issuer, "typ": "ID"}
    for purpose in ("phone", "journal", "vapid"):
        key = provider.keyring.active(purpose)
        token = jwt.encode({"alg": key.alg, "kid": key.kid}, claims, key.key, [key.alg])
        assert verify(provider, token, typ="ID") is None


def test_the_id_token_is_rs256_where_nothing_is_registered(service: Service) -> None:
    """oidcc-idtoken-rs256, oidcc-server."""
    tokens = service.sign_in()
    claims = verified(service, tokens["id_token"], "RS256")
    assert claims["aud"] == service.client_id
    assert header(tokens["id_token"])["typ"] == "JWT"


@pytest.mark.parametrize("alg", SIGNING)
def test_the_id_token_is_signed_as_registered(service: Service, alg: str) -> None:
    """OpenID Connect Core 3.1.3.6: `at_hash` follows the algorithm.

    oidcc-idtoken-rs256, fapi2-security-profile-final-happy-flow.
    """
    client = with_keys(service, id_token_signed_response_alg=alg)
    tokens = client.sign_in()
    claims = verified(client, tokens["id_token"], alg)
    assert claims["iss"] == service.provider.settings.issuer
    assert claims["at_hash"] == half_hash(tokens["access_token"])
    refreshed = client.refresh(tokens["refresh_token"]).json
    assert verified(client, refreshed["id_token"], alg)["sub"] == claims["sub"]
    assert logout(client, tokens["id_token"]) != 400


def half_hash(token: str) -> str:
    """Of the three algorithms' SHA-256, the left half (Core 3.1.3.6)."""
    digest = hashlib.sha256(token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@pytest.mark.parametrize("alg", SIGNING)
def test_the_access_token_stays_as_apis_expect_it(service: Service, alg: str) -> None:
    """Whatever its client registered: Pro Santé Connect's are RS256, and APIs read them."""
    client = with_keys(service, id_token_signed_response_alg=alg)
    token = client.sign_in()["access_token"]
    assert verified(client, token, "RS256")["typ"] == "Bearer"
    assert client.introspect(token)["active"]
    assert client.userinfo(token).status_code == 200


def test_userinfo_is_json_where_nothing_is_registered(service: Service) -> None:
    """oidcc-userinfo-get."""
    answer = service.userinfo(service.sign_in()["access_token"])
    assert answer.content_type == "application/json"
    assert {"iss", "aud"}.isdisjoint(answer.json)


@pytest.mark.parametrize("alg", SIGNING)
def test_userinfo_is_signed_as_registered(service: Service, alg: str) -> None:
    """OpenID Connect Core 5.3.2. oidcc-userinfo-rs256."""
    client = with_keys(service, userinfo_signed_response_alg=alg)
    tokens = client.sign_in()
    answer = client.userinfo(tokens["access_token"])
    assert answer.content_type == "application/jwt"
    assert answer.headers["Cache-Control"] == "no-store"
    claims = verified(client, answer.text, alg)
    assert (claims["iss"], claims["aud"]) == (service.provider.settings.issuer, "keys")
    assert claims["sub"] == payload(tokens["id_token"])["sub"]
    assert claims["SubjectNameID"]
    assert verified(client, tokens["id_token"], "RS256")


def test_an_error_of_userinfo_stays_json(service: Service) -> None:
    """RFC 6750, 3.1: what is signed are claims."""
    client = with_keys(service, userinfo_signed_response_alg="PS256")
    answer = client.userinfo("x.y.z")
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_token")


def test_signed_userinfo_is_no_hint(service: Service) -> None:
    """RFC 8725, 3.11: one kind of JWT does not pass for another."""
    client = with_keys(service, userinfo_signed_response_alg="RS256")
    answer = client.userinfo(client.sign_in()["access_token"])
    assert logout(client, answer.text) == 400
    assert client.introspect(answer.text) == {"active": False}


@pytest.mark.parametrize("alg", SIGNING)
def test_the_logout_token_is_signed_as_the_id_token(service: Service, alg: str) -> None:
    """OpenID Connect Back-Channel Logout 1.0, 2.4."""
    client = with_keys(service, id_token_signed_response_alg=alg)
    delivery = Delivery(
        message_id=1,
        kind="logout",
        recipient="keys",
        payload={"sub": "s", "sid": "i"},
        created_at=service.provider.clock.now(),
        expires_at=None,
    )
    with service.provider.store.read() as db:
        row = find_client(db, "keys")
    assert row is not None
    token = logout_token(service.provider, row, delivery)
    assert header(token)["typ"] == "logout+jwt"
    assert verified(client, token, alg)["sid"] == "i"


def test_the_profile_says_what_signs_where_nothing_is_registered(service: Service) -> None:
    add_client(service.provider, "strict", profile="strict")
    with service.provider.store.read() as db:
        row = find_client(db, "strict")
    assert row is not None
    assert header(sign_for(service.provider, row, {}, Use.ID_TOKEN))["alg"] == "RS256"


def test_what_is_registered_now_counts(service: Service) -> None:
    client = with_keys(service)
    refresh_token = client.sign_in()["refresh_token"]
    options: dict[str, Any] = {"id_token_signed_response_alg": "ES256"}
    with service.provider.store.begin() as db:
        assert change_client(db, "keys", options=options)
    assert verified(client, client.refresh(refresh_token).json["id_token"], "ES256")
