"""Which client a request is from, by what it says; whatever it says, nothing breaks."""

import base64
from typing import Any

import pytest
from flask import Flask

from idp.dev.callers import client_of_request, unverified_claims
from idp.provider import Provider
from tests.dev.faults.asking import Faults
from tests.oauth.helpers import PROTOCOL, SECRET, Service


def _basic(pair: bytes) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(pair).decode()}


_SAID = (
    "eyJhbGciOiJub25lIn0."
    + base64.urlsafe_b64encode(b'{"sub":"by-assertion","azp":"by-token","aud":"by-hint"}')
    .decode()
    .rstrip("=")
    + ".c2ln"
)


@pytest.mark.parametrize(
    ("request_of", "client_id"),
    [
        ({"headers": _basic(b"by-basic:secret")}, "by-basic"),
        ({"headers": _basic(b"by%2Dbasic:secret")}, "by-basic"),
        ({"data": {"client_id": "by-form"}}, "by-form"),
        ({"query_string": {"client_id": "by-query"}}, "by-query"),
        ({"data": {"client_assertion": _SAID}}, "by-assertion"),
        ({"data": {"id_token_hint": _SAID}}, "by-hint"),
        ({"headers": {"Authorization": f"Bearer {_SAID}"}}, "by-token"),
        ({"headers": {"Authorization": f"DPoP {_SAID}"}}, "by-token"),
        ({"data": {"access_token": _SAID}}, "by-token"),
        ({"headers": _basic(b"by-basic:s"), "data": {"client_id": "by-form"}}, "by-basic"),
        ({}, None),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_the_client_is_named_by_what_the_request_says(
    app: Flask, request_of: dict[str, Any], client_id: str | None
) -> None:
    with app.test_request_context(method="POST", **request_of):
        assert client_of_request() == client_id


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic"},
        _basic(b"no separator"),
        _basic(b"with\0nul:secret"),
        _basic(b"\xff\xfe:secret"),
        {"Authorization": "Bearer a.b"},
        {"Authorization": "Bearer a.b.c"},
        {"Authorization": "Bearer e30.W10.c"},
        {"Authorization": "Bearer e30.eyJhenAiOjF9.c"},
        {"Authorization": "Bearer e30.eyJhenAiOiJcdWQ4MDAifQ.c"},
    ],
    ids=lambda value: value["Authorization"][:32],
)
def test_what_names_nobody_is_no_error(
    faults: Faults, service: Service, headers: dict[str, str]
) -> None:
    """With a fault standing, so that the client is really asked for."""
    faults.ask("malformed_json", endpoint="token", client_id="service")
    faults.ask("malformed_json", endpoint="userinfo", client_id="service")
    for path in ("token", "userinfo"):
        answer = service.http.post(f"{PROTOCOL}/{path}", headers=headers)
        assert 400 <= answer.status_code < 500, answer.text
        assert answer.json["error"]


def test_a_body_that_is_refused_for_its_size_is_not_read(
    faults: Faults, service: Service, provider: Provider
) -> None:
    faults.ask("malformed_json", endpoint="token", client_id="service")
    large = {"client_id": "service", "code": "x" * (provider.settings.max_body + 1)}
    answer = service.http.post(f"{PROTOCOL}/token", data=large)
    assert answer.status_code == 413
    with service.app.test_request_context(method="POST", data=large):
        assert client_of_request() is None


def test_a_client_s_own_registration_is_its_own(app: Flask) -> None:
    address = "/auth/realms/esante-wallet/clients-registrations/openid-connect/mine"
    with app.test_request_context(address):
        assert client_of_request() == "mine"


_NESTED = base64.urlsafe_b64encode(b'{"azp":"x","deep":' + b"[" * 500 + b"]" * 500 + b"}").decode()


@pytest.mark.parametrize(
    "text",
    [f"e30.{_NESTED}.x", "", "a", "a.b.c.d.e", "e30.bm8.x", "e30.!.x"],
    ids=["nested", "empty", "one", "five", "no_json", "no_base64"],
)
def test_what_is_no_signed_token_says_nothing(text: str) -> None:
    assert unverified_claims(text) == {}


def test_a_wrong_secret_is_still_its_client_s_request(faults: Faults, service: Service) -> None:
    number = faults.ask("malformed_json", endpoint="token", client_id="service", times=1)
    answer = service.http.post(
        f"{PROTOCOL}/token", data={"client_id": "service", "client_secret": "not " + SECRET}
    )
    assert answer.status_code == 400
    assert faults.committed(number) == 1
