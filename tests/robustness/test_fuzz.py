"""Whatever a query, a form, a header or a body holds: an answer, and never a fault of ours."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp import create_app
from tests.conftest import make_settings, provider_of
from tests.robustness.routes import DEVELOPER, Route, routes
from tests.signin.helpers import add_client, request_of

NAMES = (
    *request_of(),
    "response_mode", "prompt", "max_age", "login_hint", "id_token_hint", "acr_values", "claims",
    "ui_locales", "code_challenge", "code_challenge_method", "request", "request_uri",
    "grant_type", "code", "refresh_token", "code_verifier", "client_secret", "client_assertion",
    "client_assertion_type", "token", "token_type_hint", "access_token",
    "post_logout_redirect_uri", "national_id", "csrf_token", "completion", "sid", "answer", "lang",
    "after", "to", "person",
)  # fmt: skip
KNOWN = (*request_of().values(), "none", "query", "form_post", "S256", "authorization_code",
         "refresh_token", "{}", "[]", "-1", "0", "99999999999999999999", "eidas1", "f:1:2",
         "899700990015", "e30.e30.e30", "e30..", "\ud7ff", "١")  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(KNOWN),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60),
)
PAIRS = st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=12)
TYPES = st.sampled_from(
    ["application/jose", "application/json", "application/x-www-form-urlencoded", "text/plain"]
)
fuzzed = settings(
    max_examples=150, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip


@pytest.fixture(scope="module")
def fuzzed_app(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, master_key: str
) -> Iterator[Flask]:
    copy = tmp_path_factory.mktemp("fuzz") / "ecps.db"
    copy.write_bytes(sqlite_template.read_bytes())
    app = create_app(make_settings(f"sqlite:///{copy}", master_key))
    add_client(provider_of(app))
    yield app
    provider_of(app).store.close()


def route_of(app: Flask, number: int) -> Route:
    found = sorted((r for r in routes(app) if r.endpoint != "static"), key=lambda r: r.path)
    return found[number % len(found)]


@fuzzed
@given(number=st.integers(0, 200), query=PAIRS, form=PAIRS)
def test_parameters_of_any_kind_are_answered(
    fuzzed_app: Flask, number: int, query: list[tuple[str, str]], form: list[tuple[str, str]]
) -> None:
    route = route_of(fuzzed_app, number)
    method = "POST" if route.reads_a_body else "GET"
    data: dict[str, list[str]] = {}
    for name, value in form:
        data.setdefault(name, []).append(value)
    with fuzzed_app.test_client() as client:
        response = client.open(
            route.path,
            method=method,
            query_string=query,
            headers=DEVELOPER,
            data=data if method == "POST" else None,
        )
    assert response.status_code < 500, (route, response.text)


@fuzzed
@given(number=st.integers(0, 200), body=st.binary(max_size=300), kind=TYPES)
def test_bodies_of_any_bytes_are_answered(
    fuzzed_app: Flask, number: int, body: bytes, kind: str
) -> None:
    route = route_of(fuzzed_app, number)
    with fuzzed_app.test_client() as client:
        response = client.post(route.path, data=body, headers=DEVELOPER, content_type=kind)
    assert response.status_code < 500, (route, response.text)


@fuzzed
@given(change=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6))
def test_an_authorization_request_that_is_nearly_right_is_answered(
    fuzzed_app: Flask, change: dict[str, str]
) -> None:
    with fuzzed_app.test_client() as client:
        response = client.get("/auth", query_string=request_of() | change)
    assert response.status_code in {200, 303, 400}, response.text
    if response.status_code == 303:
        location = response.headers["Location"]
        assert location.startswith(("/signin/", request_of()["redirect_uri"])), location
