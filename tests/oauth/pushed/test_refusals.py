"""What is refused at the pushed authorization request endpoint (RFC 9126, 2)."""

from http import HTTPStatus
from typing import Any

import pytest

from tests.oauth.helpers import (
    PROTOCOL,
    REDIRECT,
    VERIFIER,
    Service,
    add_client,
    events,
    parameters,
)
from tests.oauth.pushed.helpers import PAR, PKCE, push, pushed


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_only_post_is_allowed(service: Service, method: str) -> None:
    """fapi2-security-profile-final-par-attempt-invalid-http-method."""
    answer = getattr(service.http, method)(f"{PROTOCOL}/{PAR}", headers=service.basic)
    assert answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED


@pytest.mark.parametrize("form", [{}, {"client_secret": "wrong"}, {"client_id": "nobody"}])
def test_a_client_that_is_not_authenticated_pushes_nothing(
    service: Service, form: dict[str, str]
) -> None:
    """RFC 9126, 2.1: authenticated as at the token endpoint, refused as there."""
    answer = push(service, basic=False, **form)
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
    assert "oauth:client:refused" in events(service.provider)


def test_the_client_id_must_be_that_of_the_authenticated_client(service: Service) -> None:
    add_client(service.provider, "other")
    answer = push(service, client_id="other")
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")


def test_a_pushed_request_holds_no_request_uri(service: Service) -> None:
    """RFC 9126, 2.1.

    fapi2-security-profile-final-par-authorization-request-containing-request_uri-form-param.
    """
    for request_uri in (pushed(service), "https://service.test/request", ""):
        answer = push(service, request_uri=request_uri)
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uri": None}, "invalid_request"),
        ({"redirect_uri": "https://evil.test/callback"}, "invalid_request"),
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "email"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
        ({"id_token_hint": "x"}, "invalid_request"),
        ({"code_challenge": VERIFIER, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": VERIFIER}, "invalid_request"),
        ({"request": "x.y.z"}, "request_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"nonce": "n" * 5000}, "invalid_request"),
        ({"nonce": "n\0"}, "invalid_request"),
        ({"state": "\0"}, "invalid_request"),
    ],
)
def test_what_the_authorization_endpoint_refuses_is_refused(
    service: Service, changes: dict[str, Any], error: str
) -> None:
    """RFC 9126, 2.3: told as JSON, for nobody can be redirected.

    fapi2-security-profile-final-par-plain-pkce-rejected.
    """
    answer = push(service, **changes)
    assert (answer.status_code, answer.json["error"]) == (400, error)
    assert "request_uri" not in answer.json


def test_pkce_is_demanded_where_the_client_needs_it(service: Service) -> None:
    """fapi2-security-profile-final-par-ensure-pkce-required."""
    add_client(service.provider, "strict", profile="strict")
    strict = service.as_client("strict")
    assert push(strict).json["error"] == "invalid_request"
    assert pushed(strict, **PKCE)


def test_a_repeated_parameter_is_refused(service: Service) -> None:
    form = {"response_type": "code", "redirect_uri": REDIRECT, "scope": ["openid", "openid"]}
    answer = service.post(PAR, form)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


def test_a_body_beyond_the_limit_is_refused(service: Service) -> None:
    """RFC 9126, 2.3: 413."""
    answer = push(service, padding="x" * (service.provider.settings.max_body + 1))
    assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_parameters_in_the_address_are_not_read(service: Service) -> None:
    query = parameters().to_dict()
    answer = service.http.post(f"{PROTOCOL}/{PAR}", query_string=query, headers=service.basic)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
