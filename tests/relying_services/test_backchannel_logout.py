"""How a service takes a logout token (OpenID Connect Back-Channel Logout 1.0, 2.6 to 2.8)."""

import base64
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from relying_services.demo import DemoSettings, create_app

ISSUER = "http://localhost:8000/auth/realms/esante-wallet"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
KEY = RSAKey.generate_key(2048, {"kid": "now"}, private=True)
NEXT = RSAKey.generate_key(2048, {"kid": "next"}, private=True)
SIGNED_IN = {"sid": "the-sid", "sub": "the-sub"}


class Provider:
    """The keys it publishes, and how often it was asked."""

    def __init__(self) -> None:
        self.published = [KEY]
        self.asked: list[bool] = []
        self._known = self._set()

    def _set(self) -> dict[str, Any]:
        return {"keys": [key.as_dict(private=False) for key in self.published]}

    def fetch_jwk_set(self, *, force: bool) -> dict[str, Any]:
        self.asked.append(force)
        if force:
            self._known = self._set()
        return self._known


@pytest.fixture
def service() -> Flask:
    return create_app(DemoSettings(ISSUER, "demo", "secret", "http://localhost:8001", timeout=2))


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    provider = Provider()
    monkeypatch.setattr("relying_services.demo.views._psc", lambda: provider)
    return provider


@pytest.fixture
def caller(service: Flask) -> Iterator[FlaskClient]:
    with service.test_client() as client:
        yield client


def sign_in(service: Flask, **claims: str) -> str:
    handle: str = service.extensions["demo.sessions"].open({"userinfo": SIGNED_IN | claims}, {})
    return handle


def is_signed_in(service: Flask, handle: str) -> bool:
    return service.extensions["demo.sessions"].find(handle) is not None


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    given = {
        "iss": ISSUER,
        "aud": "demo",
        "iat": now,
        "exp": now + 120,
        "jti": f"jti-{time.perf_counter_ns()}",
        "events": {EVENT: {}},
        **SIGNED_IN,
    }
    return {name: value for name, value in (given | changes).items() if value is not None}


def token(key: RSAKey = KEY, typ: str = "logout+jwt", **changes: Any) -> str:
    header = {"alg": "RS256", "kid": key.kid, "typ": typ}
    return jwt.encode(header, claims(**changes), key, ["RS256"])


def send(caller: FlaskClient, logout_token: str) -> TestResponse:
    return caller.post("/backchannel-logout", data={"logout_token": logout_token})


def assert_refused(answer: TestResponse) -> None:
    """2.8: 400, an error in JSON, nothing cached."""
    assert answer.status_code == 400, answer.text
    assert json.loads(answer.text)["error"] == "invalid_request"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://elsewhere.test"},
        {"iss": None},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": ["demo", "another"]},
        {"aud": None},
        {"iat": None},
        {"iat": "now"},
        {"iat": int(time.time()) + 3600, "exp": int(time.time()) + 3700},
        {"exp": None},
        {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 3700},
        {"exp": int(time.time()) + 86400},
        {"exp": True},
        {"jti": None},
        {"jti": 5},
        {"jti": ""},
        {"sid": None, "sub": None},
        {"sid": ["the-sid"]},
        {"sub": {}},
        {"sid": ""},
        {"nonce": "n"},
        {"nonce": ""},
        {"events": None},
        {"events": [EVENT]},
        {"events": EVENT},
        {"events": {EVENT: None}},
        {"events": {"http://schemas.openid.net/event/other": {}}},
    ],
)
def test_a_token_with_a_claim_amiss_ends_nothing(
    service: Flask, caller: FlaskClient, provider: Provider, changes: dict[str, Any]
) -> None:
    """2.6, steps 3 to 6; a claim that is None here is missing."""
    handle = sign_in(service)
    assert_refused(send(caller, token(**changes)))
    assert is_signed_in(service, handle)
    assert provider.asked


def none_signed() -> str:
    header, payload, _ = token().split(".")
    del header
    return f"eyJhbGciOiJub25lIiwidHlwIjoibG9nb3V0K2p3dCJ9.{payload}."


def signed_by_the_public_key() -> str:
    members = {"alg": "HS256", "kid": "now", "typ": "logout+jwt"}
    signed = ".".join(encoded(json.dumps(part).encode()) for part in (members, claims()))
    mac = hmac.digest(KEY.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{encoded(mac)}"


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "x",
        "é.é.é",
        "a.b.c",
        "e30.e30.",
        token()[:-6] + "AAAAAA",
        token(RSAKey.generate_key(2048, {"kid": "now"}, private=True)),
        none_signed(),
        signed_by_the_public_key(),
        token(typ="JWT"),
        token(typ="at+jwt"),
        token(aud="demo", events={EVENT: {"x": "y" * 10_000}}),
    ],
    ids=lambda forged: forged[:20],
)
def test_what_the_provider_did_not_sign_as_a_logout_token_ends_nothing(
    service: Flask, caller: FlaskClient, provider: Provider, forged: str
) -> None:
    """2.6, step 2, and 2.4 for `typ`: an ID token or access token is none."""
    del provider
    handle = sign_in(service)
    assert_refused(send(caller, forged))
    assert is_signed_in(service, handle)


def test_a_request_without_a_token_or_by_get_is_refused(
    caller: FlaskClient, provider: Provider
) -> None:
    del provider
    assert_refused(caller.post("/backchannel-logout"))
    assert caller.get("/backchannel-logout").status_code == 405


def test_a_token_is_used_once(service: Flask, caller: FlaskClient, provider: Provider) -> None:
    """2.6, step 7: `jti`."""
    del provider
    sent = token()
    assert send(caller, sent).status_code == 200
    handle = sign_in(service)
    assert_refused(send(caller, sent))
    assert is_signed_in(service, handle)


def test_a_session_ends_and_no_other(
    service: Flask, caller: FlaskClient, provider: Provider
) -> None:
    del provider
    mine, twin = sign_in(service), sign_in(service)
    others = [sign_in(service, sid="another"), sign_in(service, sub="another")]
    answer = send(caller, token())
    assert (answer.status_code, answer.text) == (200, "")
    assert answer.headers["Cache-Control"] == "no-store"
    assert not is_signed_in(service, mine)
    assert not is_signed_in(service, twin)
    assert all(is_signed_in(service, other) for other in others)


def test_a_token_without_sid_ends_all_of_the_person(
    service: Flask, caller: FlaskClient, provider: Provider
) -> None:
    """2.7."""
    del provider
    handles = [sign_in(service), sign_in(service, sid="another")]
    other = sign_in(service, sub="another")
    assert send(caller, token(sid=None)).status_code == 200
    assert not any(is_signed_in(service, handle) for handle in handles)
    assert is_signed_in(service, other)


def test_a_session_that_was_over_is_success(caller: FlaskClient, provider: Provider) -> None:
    """2.8: nothing is left to end."""
    del provider
    assert send(caller, token()).status_code == 200


def test_a_new_key_of_the_provider_is_looked_for_and_not_at_each_made_up_name(
    service: Flask, caller: FlaskClient, provider: Provider
) -> None:
    handle = sign_in(service)
    provider.published = [KEY, NEXT]
    assert send(caller, token(NEXT)).status_code == 200
    assert not is_signed_in(service, handle)
    for _ in range(5):
        made_up = RSAKey.import_key(KEY.as_dict(private=True) | {"kid": "made-up"})
        assert_refused(send(caller, token(made_up)))
    assert provider.asked.count(True) == 1
