"""Input made to break a parser or a database: a clear refusal, never a fault of ours."""

import base64
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE
from flask.testing import FlaskClient
from joserfc import jws
from joserfc.jwk import ECKey

from idp import create_app
from idp.provider import Provider
from tests.oauth.helpers import PROTOCOL, REDIRECT, add_client, parameters

DEEP = "[" * 2900
KEY = ECKey.generate_key("P-256")


def segment(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def compact(header: str, claims: str = "{}") -> str:
    """A JWT of these two texts, with a signature of nobody."""
    return f"{segment(header)}.{segment(claims)}.AAAA"


TOKENS = {
    "a header that is no object": compact("[]"),
    "a header that is nothing": compact("null"),
    "a header nested too deep": compact(DEEP),
    "claims nested too deep": compact('{"alg":"RS256"}', DEEP),
    "claims that are no object": compact('{"alg":"RS256"}', "[]"),
    "a key that is no text": compact('{"alg":"RS256","kid":[]}'),
    "an algorithm that is no text": compact('{"alg":[]}'),
    "no JSON": "a.b.c",
    "letters that are not ASCII": "é.é.é",
}


@pytest.fixture
def http(both: Provider) -> FlaskClient:
    add_client(both)
    return create_app(both.settings, provider=both).test_client()


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS.keys())
def test_a_malformed_token_is_no_token(http: FlaskClient, token: str) -> None:
    basic = base64.b64encode(b"service:a secret: with+plus & %25").decode()
    headers = {"Authorization": f"Basic {basic}"}
    for path in ("token/introspect", "revoke"):
        answer = http.post(f"{PROTOCOL}/{path}", data={"token": token}, headers=headers)
        assert answer.status_code == 200, (path, answer.text)
    form = {"grant_type": "refresh_token", "refresh_token": token}
    assert http.post(f"{PROTOCOL}/token", data=form, headers=headers).status_code == 400
    assert http.post(f"{PROTOCOL}/userinfo", data={"access_token": token}).status_code == 401
    bearer = {"Authorization": "Bearer " + token}
    assert http.get(f"{PROTOCOL}/userinfo", headers=bearer).status_code == 401


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS.keys())
def test_a_malformed_hint_is_refused(http: FlaskClient, token: str) -> None:
    logout = http.get(f"{PROTOCOL}/logout?" + urlencode({"id_token_hint": token}))
    assert logout.status_code == 400
    asked = http.get("/auth?" + urlencode(parameters(id_token_hint=token).to_dict()))
    assert asked.status_code == 303
    assert "error=invalid_request" in asked.headers["Location"]


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS.keys())
def test_a_malformed_assertion_authenticates_nobody(http: FlaskClient, token: str) -> None:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": "x",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": token,
    }
    answer = http.post(f"{PROTOCOL}/token", data=form)
    assert (answer.status_code, (answer.json or {})["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("client_id", ["\0", "%00", "a\0", "\ud800", "é", "x" * 300])
def test_an_identifier_no_client_can_have_is_no_client(http: FlaskClient, client_id: str) -> None:
    pair = base64.b64encode(f"{client_id}:s".encode("utf-8", "surrogatepass")).decode()
    form: dict[str, Any] = {"grant_type": "refresh_token", "refresh_token": "x"}
    answers = [
        http.post(f"{PROTOCOL}/token", data=form, headers={"Authorization": f"Basic {pair}"})
    ]
    assertion = compact('{"alg":"ES256"}', json.dumps({"sub": client_id, "iss": client_id}))
    form |= {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
    answers.append(http.post(f"{PROTOCOL}/token", data=form))
    assert [answer.status_code for answer in answers] == [401, 401]


@pytest.mark.parametrize("jti", ["\0", "\ud800"])
def test_an_assertion_whose_jti_is_no_text_is_refused(
    http: FlaskClient, both: Provider, jti: str
) -> None:
    jwks = {"keys": [KEY.as_dict(private=False)]}
    add_client(both, "signer", token_endpoint_auth_method="private_key_jwt", jwks=jwks)
    now = both.clock.timestamp()
    claims = {"iss": "signer", "sub": "signer", "aud": both.settings.issuer, "exp": now + 60}
    payload = json.dumps(claims | {"jti": jti}).encode()
    form = {
        "grant_type": "refresh_token",
        "refresh_token": "x",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": jws.serialize_compact({"alg": "ES256"}, payload, KEY, ["ES256"]),
    }
    assert http.post(f"{PROTOCOL}/token", data=form).status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        '{"userinfo":{"name":{"value":' + "[" * 300 + "]" * 300 + "}}}",
        '{"userinfo":{"name":{"value":' + "[" * 1900 + "]" * 1900 + "}}}",
        '{"userinfo":' + '{"a":' * 600 + "1" + "}" * 601,
        '{"userinfo":{"\\u0000":null}}',
        '{"userinfo":{"name":{"value":"\\u0000"}}}',
        '{"id_token":{"sub":{"value":"\\ud800"}}}',
        '{"id_token":{"acr":{"essential":true,"values":[{}]}}}',
        '{"id_token":{"authMode":{"essential":true,"values":"MOBILE"}}}',
        '{"id_token":{"authMode":{"essential":true,"value":{}}}}',
    ],
)
def test_a_hostile_claims_parameter_is_refused_or_kept(http: FlaskClient, claims: str) -> None:
    answer = http.get("/auth?" + urlencode(parameters(claims=claims).to_dict()))
    assert answer.status_code == 303
    location = answer.headers["Location"]
    assert location.startswith(("/signin/", REDIRECT + "?error=")), location


@pytest.mark.parametrize("name", ["state", "nonce", "login_hint", "client_id", "claims"])
def test_a_nul_in_a_multipart_form_is_refused(http: FlaskClient, name: str) -> None:
    given = parameters().to_dict() | {name: "a\0b"}
    answer = http.post("/auth", data=given, content_type="multipart/form-data")
    assert answer.status_code == 400
