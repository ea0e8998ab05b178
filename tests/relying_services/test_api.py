"""The API that takes exchanged tokens: what it refuses, and that it fails closed."""

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from relying_services.api import CERTIFICATE, ApiSettings, create_app
from tests.exchange.helpers import MINE, OTHER, Listening, listening

THUMBPRINT = base64.urlsafe_b64encode(hashlib.sha256(MINE).digest()).rstrip(b"=").decode()
HEXADECIMAL = base64.b64encode(hashlib.sha256(MINE).hexdigest().encode()).decode()
GOOD: dict[str, Any] = {
    "active": True,
    "aud": ["dossiers"],
    "client_id": "logiciel",
    "username": "899700990015",
    "cnf": {"x5t#S256": THUMBPRINT},
}


@pytest.fixture
def server() -> Iterator[Listening]:
    """The authorization server, which says of every token what a test gives it to say."""
    with listening() as found:
        yield found


def say(server: Listening, told: dict[str, Any]) -> None:
    def app(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(told).encode()]

    server.app = app


def call(server: Listening, certificate: bytes | None = MINE, **headers: str) -> Any:
    api = create_app(ApiSettings(f"{server.address}/introspect", "dossiers", "secret"))
    http: Any = api.test_client()
    given = {"Authorization": "Bearer a-token"} | headers
    return http.get("/records", headers=given, environ_overrides={CERTIFICATE: certificate})


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"active": False}, id="inactive"),
        pytest.param({"active": "true"}, id="active-text"),
        pytest.param({"aud": ["another"]}, id="audience"),
        pytest.param({"aud": []}, id="no-audience"),
        pytest.param({"cnf": {}}, id="unbound"),
        pytest.param({"cnf": {"x5t#S256": 1}}, id="binding-number"),
        pytest.param({"cnf": {"x5t#S256": "x"}}, id="binding"),
    ],
)
def test_a_token_that_is_not_good_here_opens_nothing(
    server: Listening, changes: dict[str, Any]
) -> None:
    say(server, GOOD | changes)
    answer = call(server)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("certificate", [None, OTHER, b""], ids=["none", "another", "empty"])
def test_a_stolen_token_opens_nothing(server: Listening, certificate: bytes | None) -> None:
    """RFC 8705, 3."""
    say(server, GOOD)
    assert call(server, certificate).status_code == 401


@pytest.mark.parametrize("header", ["", "Basic a-token", "Bearer ", "Bearer"])
def test_without_a_bearer_token_nobody_is_asked(server: Listening, header: str) -> None:
    assert call(server, Authorization=header).status_code == 401
    assert server.asked == []


def test_nothing_is_given_out_while_nobody_can_be_asked(server: Listening) -> None:
    server.away = True
    assert call(server).status_code == 503


@pytest.mark.parametrize("named", [THUMBPRINT, HEXADECIMAL], ids=["base64url", "hexadecimal"])
def test_a_token_shown_with_its_certificate_opens_the_records(
    server: Listening, named: str
) -> None:
    """In either encoding (pro-sante-connect, 6.4)."""
    say(server, GOOD | {"cnf": {"x5t#S256": named}})
    answer = call(server)
    assert answer.json == {"professional": "899700990015", "client": "logiciel"}
