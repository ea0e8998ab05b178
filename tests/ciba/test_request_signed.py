"""Signed authentication requests (OpenID Connect CIBA Core 1.0, 7.1.1)."""

import hmac
import json
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jws

from idp.devices.proofs import encode_base64url
from idp.oauth.ciba.request import PARAMETERS
from idp.provider import Provider
from tests.ciba.helpers import (
    NUMBER,
    OTHER_SIGNER,
    SIGNER,
    CibaService,
    add_ciba_client,
    challenges,
    public_keys,
    requests,
    service,
    sign,
    signed_members,
)
from tests.oauth.helpers import PERSON, advance


@pytest.fixture
def signing(app: Flask, provider: Provider) -> CibaService:
    """A client that signs its requests by PS256."""
    add_ciba_client(
        provider,
        backchannel_authentication_request_signing_alg="PS256",
        jwks=public_keys(SIGNER, OTHER_SIGNER),
    )
    return service(app)


def refused(answer: Any) -> str:
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request"), answer.text
    return str(answer.json["error_description"])


def test_a_signed_request_counts_alone(signing: CibaService, provider: Provider) -> None:
    """fapi-ciba-id1: the members of the JWT are the request."""
    answer = signing.ask_signed(signed_members(provider, scope="profile openid"))
    assert answer.status_code == 200, answer.text
    assert requests(provider)[0].scope == "openid profile"
    assert challenges(provider)[0].number == NUMBER


MISSING = ["aud", "iss", "exp", "iat", "nbf", "jti"]


@pytest.mark.parametrize("member", MISSING)
def test_each_required_member_is_demanded(
    signing: CibaService, provider: Provider, member: str
) -> None:
    """fapi-ciba-id1-ensure-request-object-missing-aud-fails, …-missing-iss-fails,
    …-missing-exp-fails, …-missing-iat-fails, …-missing-nbf-fails, …-missing-jti-fails"""
    refused(signing.ask_signed(signed_members(provider, **{member: None})))
    assert requests(provider) == []


BAD: dict[str, dict[str, Any]] = {
    "aud of another": {"aud": "https://other.test"},
    "aud is the endpoint": {
        "aud": "http://localhost:8000/auth/realms/esante-wallet/protocol/openid-connect/ext/ciba/auth"
    },
    "aud no text": {"aud": {"a": 1}},
    "iss of another": {"iss": "somebody"},
    "iss a list": {"iss": ["ciba"]},
    "exp no number": {"exp": "soon"},
    "exp a truth": {"exp": True},
    "iat no number": {"iat": "now"},
    "nbf no number": {"nbf": "now"},
    "jti empty": {"jti": ""},
    "jti no text": {"jti": 7},
    "jti endless": {"jti": "j" * 257},
    "another request inside": {"request": "e.e.e"},
    "an authorization request": {"response_type": "code"},
    "a client assertion": {"sub": "ciba"},
    "hint twice": {"id_token_hint": "e.e.e"},
    "no hint": {"login_hint": None},
    "member of another type": {"scope": ["openid"]},
    "truth as a text": {"requested_expiry": True},
    "lone surrogate": {"binding_message": "\ud800"},
}


@pytest.mark.parametrize("changes", BAD.values(), ids=BAD.keys())
def test_a_member_that_does_not_hold_is_refused(
    signing: CibaService, provider: Provider, changes: dict[str, Any]
) -> None:
    """fapi-ciba-id1-ensure-request-object-bad-aud-fails, …-bad-iss-fails,
    fapi-ciba-id1-ensure-authorization-request-with-multiple-hints-fails"""
    refused(signing.ask_signed(signed_members(provider, **changes)))


TIMES = {
    "exp past": ("exp", -60),
    "exp 70 minutes ahead": ("exp", 70 * 60),
    "nbf 10 minutes ahead": ("nbf", 600),
    "nbf 70 minutes ago": ("nbf", -70 * 60),
    "iat 10 minutes ahead": ("iat", 600),
    "iat 70 minutes ago": ("iat", -70 * 60),
}


@pytest.mark.parametrize(("member", "offset"), TIMES.values(), ids=TIMES.keys())
def test_a_request_out_of_its_time_is_refused(
    signing: CibaService, provider: Provider, member: str, offset: int
) -> None:
    """fapi-ciba-id1-ensure-request-object-expired-exp-fails,
    …-exp-is-70-minutes-in-future-fails, …-nbf-is-10-minutes-in-future-fails,
    …-nbf-is-70-minutes-in-past-fails"""
    now = int(provider.clock.now().timestamp())
    refused(signing.ask_signed(signed_members(provider, **{member: now + offset})))


def test_a_request_lives_no_longer_than_an_hour(signing: CibaService, provider: Provider) -> None:
    """FAPI-CIBA 5.2.2: from `nbf` to `exp`, wherever now stands between them."""
    now = int(provider.clock.now().timestamp())
    refused(signing.ask_signed(signed_members(provider, nbf=now - 1800, exp=now + 1801)))
    answer = signing.ask_signed(signed_members(provider, nbf=now - 1800, exp=now + 1800))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("member", "offset"), [("exp", 3600), ("nbf", -3300), ("nbf", 20), ("iat", 20), ("exp", -20)]
)
def test_clocks_may_differ_a_little(
    signing: CibaService, provider: Provider, member: str, offset: int
) -> None:
    now = int(provider.clock.now().timestamp())
    answer = signing.ask_signed(signed_members(provider, **{member: now + offset}))
    assert answer.status_code == 200, answer.text


def test_a_request_that_nobody_signed_is_refused(signing: CibaService, provider: Provider) -> None:
    """fapi-ciba-id1-ensure-request-object-signature-algorithm-is-none-fails"""
    text = sign(signed_members(provider))
    header = "eyJhbGciOiJub25lIn0"
    refused(signing.post("ext/ciba/auth", {"request": f"{header}.{text.split('.')[1]}."}))


def test_an_altered_signature_is_refused(signing: CibaService, provider: Provider) -> None:
    """fapi-ciba-id1-ensure-request-object-signature-algorithm-is-bad-fails"""
    head, body, _ = sign(signed_members(provider)).split(".")
    other = sign(signed_members(provider)).split(".")[2]
    refused(signing.post("ext/ciba/auth", {"request": f"{head}.{body}.{other}"}))


def test_another_algorithm_than_the_registered_is_refused(
    signing: CibaService, provider: Provider
) -> None:
    """fapi-ciba-id1-ensure-request-object-signature-algorithm-is-RS256-fails"""
    for key, algorithm in ((SIGNER, "RS256"), (OTHER_SIGNER, "ES256")):
        text = sign(signed_members(provider), key=key, alg=algorithm)
        refused(signing.post("ext/ciba/auth", {"request": text}))


def test_a_public_key_is_no_secret(signing: CibaService, provider: Provider) -> None:
    """RFC 8725, 2.1: HS256 with the registered public key as the secret."""
    parts = ({"alg": "HS256"}, signed_members(provider))
    signed = ".".join(encode_base64url(json.dumps(part).encode()) for part in parts)
    mac = hmac.digest(SIGNER.as_pem(private=False), signed.encode(), "sha256")
    refused(signing.post("ext/ciba/auth", {"request": f"{signed}.{encode_base64url(mac)}"}))


def test_a_request_of_another_client_is_refused(
    app: Flask, signing: CibaService, provider: Provider
) -> None:
    """fapi-ciba-id1-ensure-request-object-signed-by-other-client-fails"""
    add_ciba_client(
        provider,
        "other",
        backchannel_authentication_request_signing_alg="ES256",
        jwks=public_keys(OTHER_SIGNER),
    )
    text = sign(signed_members(provider))
    refused(service(app, "other").post("ext/ciba/auth", {"request": text}))
    del signing


def test_an_unsigned_request_of_a_client_that_signs_is_refused(signing: CibaService) -> None:
    """CIBA Core 4: it registered that it signs."""
    refused(signing.ask())


@pytest.mark.parametrize("name", ["scope", "login_hint", "binding_message", "requested_expiry"])
def test_nothing_stands_beside_a_signed_request(
    signing: CibaService, provider: Provider, name: str
) -> None:
    """CIBA Core 7.1.1."""
    assert name in refused(signing.ask_signed(signed_members(provider), **{name: "openid"}))


def test_a_request_is_taken_once(signing: CibaService, provider: Provider) -> None:
    """Its jti lasts as long as it could be presented, and is another client's own."""
    claims = signed_members(provider, jti="j")
    assert signing.ask_signed(claims).status_code == 200
    assert "jti" in refused(signing.ask_signed(claims))
    advance(provider, 299)
    assert "jti" in refused(signing.ask_signed(claims))


@pytest.mark.parametrize("typ", ["logout+jwt", "dpop+jwt", "login-hint+jwt"])
def test_a_jwt_of_another_kind_is_refused(
    signing: CibaService, provider: Provider, typ: str
) -> None:
    """RFC 8725, 3.11."""
    text = sign(signed_members(provider), typ=typ)
    refused(signing.post("ext/ciba/auth", {"request": text}))


@pytest.mark.parametrize("typ", ["JWT", "oauth-authz-req+jwt"])
def test_the_kind_may_be_that_of_request_objects(
    signing: CibaService, provider: Provider, typ: str
) -> None:
    """CIBA Core 7.1.1 names none; libraries write that of RFC 9101."""
    text = sign(signed_members(provider), typ=typ)
    assert signing.post("ext/ciba/auth", {"request": text}).status_code == 200


@pytest.mark.parametrize("given", ["30", 30])
def test_requested_expiry_may_be_a_text_or_a_number(
    signing: CibaService, provider: Provider, given: str | int
) -> None:
    """CIBA Core 7.1.1; fapi-ciba-id1-ensure-requested-expiry-as-string-succeeds"""
    answer = signing.ask_signed(signed_members(provider, requested_expiry=given))
    assert answer.json["expires_in"] == 30, answer.text


def test_claims_may_be_an_object(signing: CibaService, provider: Provider) -> None:
    claims = {"id_token": {"email": None}}
    assert signing.ask_signed(signed_members(provider, claims=claims)).status_code == 200
    assert requests(provider)[0].claims == claims


def test_resources_may_be_one_or_several(signing: CibaService, provider: Provider) -> None:
    """RFC 8707, 2.1."""
    own = provider.settings.issuer
    for named in (own, [own]):
        assert signing.ask_signed(signed_members(provider, resource=named)).status_code == 200
    assert [kept.resources for kept in requests(provider)] == [[own], [own]]


def test_a_long_request_is_refused(signing: CibaService, provider: Provider) -> None:
    refused(signing.ask_signed(signed_members(provider, filling="x" * 5000)))


def test_the_person_is_still_asked_by_the_hint(signing: CibaService, provider: Provider) -> None:
    assert signing.ask_signed(signed_members(provider)).status_code == 200
    assert challenges(provider)[0].national_id == PERSON


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(sorted(PARAMETERS | {*MISSING, "sub", "request"})), value=_JSON)
def test_whatever_a_client_signs_is_answered_as_the_protocol_says(
    signing: CibaService, provider: Provider, name: str, value: Any
) -> None:
    answer = signing.ask_signed(signed_members(provider) | {name: value})
    assert answer.status_code in {200, 400}, answer.text
    assert "error" in answer.json or "auth_req_id" in answer.json


@pytest.mark.parametrize("claims", ["null", "[]", '"text"', "{", "[" * 5000], ids=range(5))
def test_a_payload_that_is_no_object_is_refused(signing: CibaService, claims: str) -> None:
    text = jws.serialize_compact({"alg": "PS256"}, claims.encode(), SIGNER, ["PS256"])
    refused(signing.post("ext/ciba/auth", {"request": text}))
