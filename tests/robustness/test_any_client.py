"""Whatever a client sends: what the protocol says, or its refusal, and never a fault of ours.

Parsers that have properties of their own elsewhere: `tests/ciba` (requests, signed ones),
`tests/oauth/test_dpop_proof.py`, `tests/signatures` (encrypted requests) and
`tests/dynamic_registration/test_any_input.py` (metadata, software statements).
"""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from idp import create_app
from idp.exchange import create_exchange_app
from idp.oauth.clients.metadata import ClientMetadataRefused, read_metadata
from idp.oauth.clients.registered import DEVICE_CODE, USUAL_GRANT_TYPES
from idp.oauth.tokens.refresh_tokens import ALGORITHM as REFRESH_ALGORITHM
from idp.provider import initialise
from tests.ciba.helpers import add_ciba_client
from tests.conftest import make_settings, provider_of
from tests.exchange.helpers import ACCESS_TOKEN, BASE_URL, CLIENT, GRANT, add_api_client, trust
from tests.oauth.dpop import signed
from tests.oauth.helpers import PROTOCOL, REDIRECT, SECRET, add_client, parameters
from tests.signatures.helpers import KEYS, SIGNER

SECRET_OF_PROXY = "secret-of-the-proxy-in-tests-0123456789"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
ADDRESSES = st.one_of(
    TEXT,
    TEXT.map("https://service.test/{}".format),
    st.sampled_from(["https://[::1", "https://a:99999/", "//x", "https://dossiers.test/v1#", "é"]),
)
HEADERS = st.dictionaries(
    st.sampled_from(["alg", "kid", "typ", "crit", "jwk", "jku", "x5c", "b64", "cty", "zip"]),
    st.sampled_from(["ES256", "none", "HS256", "signer", ["b64"], {"kty": "EC"}]) | JSON,
    max_size=4,
)
CLAIMS = st.dictionaries(
    st.sampled_from(["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "scope"]),
    st.sampled_from(["signer", "x", 0, 1e400, 2**70, -1]) | JSON,
    max_size=6,
)
fuzzed = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def asked(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, master_key: str
) -> Iterator[Flask]:
    """A provider behind a proxy that hands certificates on, with clients of each kind."""
    copy = tmp_path_factory.mktemp("any") / "ecps.db"
    copy.write_bytes(sqlite_template.read_bytes())
    app = create_app(
        make_settings(
            f"sqlite:///{copy}",
            master_key,
            token_requests_per_address=0,
            mtls_base_url="https://localhost:8005",
            certificate_proxies=["127.0.0.1"],
            certificate_proxy_secret=SECRET_OF_PROXY,
        )
    )
    provider = provider_of(app)
    add_client(provider, grant_types=[*USUAL_GRANT_TYPES, DEVICE_CODE])
    add_client(provider, "signer", token_endpoint_auth_method="private_key_jwt", jwks=KEYS)
    own = {"token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": KEYS}
    add_client(provider, "certified", **own)
    add_ciba_client(provider, jwks=KEYS)
    by_hmac = {"token_endpoint_auth_method": "client_secret_jwt", "client_secret": SECRET * 2}
    add_client(provider, "hmac", **by_hmac)
    yield app
    provider.store.close()


@pytest.fixture(scope="module")
def api_issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    url = f"sqlite:///{tmp_path_factory.mktemp('any')}/exchange.db"
    limits = {"token_requests_per_address": 0, "api_certificate_required": False}
    made = make_settings(url, "B" * 43, **trust("http://localhost/x", **limits))
    assert made.base_url == BASE_URL
    initialise(made, kind="simulation")
    app = create_exchange_app(made)
    add_api_client(provider_of(app))
    yield app
    provider_of(app).store.close()


def basic(client_id: str) -> dict[str, str]:
    pair = base64.b64encode(f"{client_id}:{SECRET}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def post(app: Flask, path: str, form: dict[str, Any], **more: Any) -> Any:
    return app.test_client().post(f"{PROTOCOL}/{path}", data=form, **more)


def assert_of_the_protocol(answer: Any, *statuses: int) -> None:
    """An answer by JSON, as the protocols write it."""
    assert answer.status_code in statuses, answer.text
    if answer.status_code >= 400:
        assert answer.json["error"].isascii()
        assert "Traceback" not in answer.text


@fuzzed
@given(
    form=st.dictionaries(
        st.sampled_from(
            [
                "subject_token", "subject_token_type", "subject_issuer", "actor_token",
                "actor_token_type", "requested_token_type", "audience", "resource", "scope",
            ]
        ),
        st.lists(ADDRESSES | st.sampled_from([ACCESS_TOKEN, "psc", "e30.e30.e30"]), max_size=3),
    ),
    header=HEADERS,
    claims=CLAIMS,
)  # fmt: skip
def test_any_exchange_is_refused(
    api_issuer: Flask, form: dict[str, list[str]], header: dict[str, Any], claims: dict[str, Any]
) -> None:
    """RFC 8693, 2.2.2. Nobody signed the tokens."""
    token = signed(header, claims, SIGNER)
    usual = {"subject_token": token, "subject_token_type": ACCESS_TOKEN, "subject_issuer": "psc"}
    for sent in (form, usual | form, form | usual):
        asked = {"grant_type": GRANT} | sent
        answer = post(api_issuer, "token", asked, headers=basic(CLIENT))
        assert_of_the_protocol(answer, 400, 503)


@fuzzed
@given(header=HEADERS, claims=CLAIMS)
@example(header={"alg": "ES256"}, claims={"sub": "signer", "iss": "signer", "exp": 1e400})
@example(header={"alg": "ES256", "crit": ["b64"], "b64": False}, claims={"sub": "signer"})
def test_any_assertion_authenticates_or_not(
    asked: Flask, header: dict[str, Any], claims: dict[str, Any]
) -> None:
    """RFC 7523, 3.2: signed by the client's own key, whatever it says."""
    for named in (header, {"alg": "ES256"} | header, {"alg": "ES256"}):
        assertion = signed(named, {"sub": "signer", "iss": "signer"} | claims, SIGNER)
        form = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
        answer = post(asked, "token/introspect", form | {"token": "x"})
        assert_of_the_protocol(answer, 200, 400, 401)


@fuzzed
@given(sent=st.binary(max_size=40) | TEXT.map(str.encode), encoded=st.booleans())
def test_any_basic_header_authenticates_nobody(asked: Flask, sent: bytes, encoded: bool) -> None:
    """RFC 6749, 2.3.1"""
    text = base64.b64encode(sent).decode() if encoded else sent.decode("latin-1")
    if "\n" in text or "\r" in text:
        text = quote(text)  # no header holds one
    answer = post(asked, "token/introspect", {}, headers={"Authorization": f"Basic {text}"})
    assert_of_the_protocol(answer, 400, 401)


@fuzzed
@given(sent=TEXT | st.binary(max_size=60).map(lambda b: base64.b64encode(b).decode()))
@example(sent="-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----")
@example(sent="-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----")
def test_any_certificate_of_the_proxy_authenticates_nobody(asked: Flask, sent: str) -> None:
    """Attack 39."""
    pem = f"-----BEGIN CERTIFICATE-----\n{sent}\n-----END CERTIFICATE-----\n"
    for shown in (quote(sent), quote(pem), quote(sent, safe="")[:-1]):
        headers = {"X-SSL-Client-Cert": f"{SECRET_OF_PROXY} {shown}"}
        form = {"client_id": "certified", "token": "x"}
        assert_of_the_protocol(post(asked, "token/introspect", form, headers=headers), 401)


@fuzzed
@given(header=HEADERS, claims=CLAIMS | st.dictionaries(st.sampled_from([*parameters()]), JSON))
def test_any_signed_request_is_pushed_or_refused(
    asked: Flask, header: dict[str, Any], claims: dict[str, Any]
) -> None:
    """RFC 9101, 6; RFC 9126, 2.3"""
    now = provider_of(asked).clock.timestamp()
    issuer = provider_of(asked).settings.issuer
    usual = parameters("ciba").to_dict() | {"iss": "ciba", "aud": issuer, "exp": now + 300}
    for named in (header, {"alg": "ES256"}):
        form = {"request": signed(named, usual | claims, SIGNER)}
        answer = post(asked, "ext/par/request", form, headers=basic("ciba"))
        assert_of_the_protocol(answer, 201, 400)


@fuzzed
@given(header=HEADERS, claims=CLAIMS | st.dictionaries(st.sampled_from(["sub_id", "sub"]), JSON))
def test_any_login_hint_token_is_refused(
    asked: Flask, header: dict[str, Any], claims: dict[str, Any]
) -> None:
    """CIBA Core 13"""
    usual = {"typ": "login-hint+jwt", "alg": "ES256", "kid": "signer"}
    for named in (header, usual | header, usual):
        form = {"scope": "openid", "login_hint_token": signed(named, claims, SIGNER)}
        answer = post(asked, "ext/ciba/auth", form, headers=basic("ciba"))
        assert_of_the_protocol(answer, 400)


@fuzzed
@given(scope=TEXT, resource=st.lists(ADDRESSES, max_size=3), code=TEXT)
def test_any_request_of_a_device_is_answered(
    asked: Flask, scope: str, resource: list[str], code: str
) -> None:
    """RFC 8628, 3.1 and 3.3; RFC 8707, 2"""
    for words in (scope, f"openid {scope}"):
        form = {"scope": words, "resource": resource}
        answer = post(asked, "auth/device", form, headers=basic("service"))
        assert_of_the_protocol(answer, 200, 400)
    page = asked.test_client().get("/device", query_string={"user_code": code})
    assert page.status_code < 500
    device = {"grant_type": DEVICE_CODE, "device_code": code, "resource": resource}
    assert_of_the_protocol(post(asked, "token", device, headers=basic("service")), 400)


@fuzzed
@given(expiry=TEXT | st.integers().map(str), code=TEXT, resource=st.lists(ADDRESSES, max_size=3))
def test_any_expiry_of_a_decoupled_request_is_answered(
    asked: Flask, expiry: str, code: str, resource: list[str]
) -> None:
    """CIBA Core 7.1"""
    form = {"scope": "openid", "login_hint": "899900000003", "binding_message": "42"}
    form |= {"requested_expiry": expiry, "user_code": code}
    for sent in (form, form | {"resource": resource}):
        answer = post(asked, "ext/ciba/auth", sent, headers=basic("ciba"))
        assert_of_the_protocol(answer, 200, 400, 429)


@fuzzed
@given(
    name=st.sampled_from(
        ["redirect_uris", "post_logout_redirect_uris", "request_uris", "frontchannel_logout_uri",
         "backchannel_logout_uri", "sector_identifier_uri", "jwks_uri",
         "backchannel_client_notification_endpoint", "logo_uri"]
    ),
    value=ADDRESSES,
)  # fmt: skip
def test_any_address_is_registered_or_refused(name: str, value: str) -> None:
    """RFC 7591, 3.2.2"""
    given: dict[str, Any] = {"client_id": "c", "client_secret": SECRET, "redirect_uris": [REDIRECT]}
    try:
        kept = read_metadata(given | {name: [value] if name.endswith("s") else value})
    except ClientMetadataRefused as refused:
        assert str(refused)  # noqa: PT017 - either outcome is right; this one says why
    else:
        assert value in getattr(kept, name)


@fuzzed
@given(address=ADDRESSES, hint=TEXT, state=TEXT)
def test_any_address_after_logout_leads_nowhere(
    asked: Flask, address: str, hint: str, state: str
) -> None:
    """OpenID Connect RP-Initiated Logout 1.0, 3"""
    sent = {"post_logout_redirect_uri": address, "state": state, "client_id": "service"}
    for query in (sent, sent | {"id_token_hint": hint}):
        answer = asked.test_client().get(f"{PROTOCOL}/logout", query_string=query)
        assert answer.status_code < 500
        assert not answer.headers.get("Location", "").startswith(("https:", "//"))
        assert "Traceback" not in answer.text


@fuzzed
@given(header=st.dictionaries(st.sampled_from(["alg", "enc", "kid", "zip", "epk", "crit"]), JSON))
def test_any_header_of_an_encrypted_request_is_refused(
    asked: Flask, header: dict[str, Any]
) -> None:
    """RFC 7516, 5.2"""
    for named in (header, {"alg": "ECDH-ES", "enc": "A256GCM"} | header):
        head = base64.urlsafe_b64encode(json.dumps(named).encode()).rstrip(b"=").decode()
        form = {"request": f"{head}.AAAA.AAAA.AAAA.AAAA"}
        answer = post(asked, "ext/par/request", form, headers=basic("ciba"))
        assert_of_the_protocol(answer, 400)


@pytest.mark.parametrize("crit", [None, 5, True, [None], [{}], [["alg"]]], ids=str)
def test_critical_headers_that_are_no_names_are_refused(asked: Flask, crit: Any) -> None:
    """RFC 7515, 4.1.11: in whatever somebody may send, and whoever it is."""
    keys = asked.test_client().get(f"{PROTOCOL}/certs").get_json(force=True)["keys"]
    ours = signed({"alg": keys[0]["alg"], "kid": keys[0]["kid"], "crit": crit}, {}, SIGNER)
    bearer = {"Authorization": f"Bearer {ours}"}
    assert asked.test_client().get(f"{PROTOCOL}/userinfo", headers=bearer).status_code == 401
    named = {"sub": "signer", "iss": "signer"}
    form = {"token": "x", "client_assertion_type": ASSERTION_TYPE}
    for key in ("signer", "hmac"):
        alg = "HS256" if key == "hmac" else "ES256"
        header = {"alg": alg, "crit": crit}
        assertion = signed(header, named | {"sub": key, "iss": key}, SIGNER)
        assert (
            post(asked, "token/introspect", form | {"client_assertion": assertion}).status_code
            == 401
        )
    refresh = signed({"alg": REFRESH_ALGORITHM, "crit": crit}, {}, SIGNER)
    form = {"grant_type": "refresh_token", "refresh_token": refresh}
    assert_of_the_protocol(post(asked, "token", form, headers=basic("service")), 400)
