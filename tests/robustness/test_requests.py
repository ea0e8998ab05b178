"""Bad requests get the right status and a shape their caller can read, at every address."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.devices.proofs import encode_base64url
from idp.provider import Provider
from tests.robustness.routes import BROWSER, DEVELOPER, METHODS, Route, routes
from tests.signin.helpers import add_client as register_client
from tests.signin.helpers import request_of

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
DEEP = '{"a":' * 20_000 + "1" + "}" * 20_000
JOSE = {"content_type": "application/jose"}
FORM = {"content_type": "application/x-www-form-urlencoded"}
JSON = {"content_type": "application/json"}
_SERVER_ERROR = 500


def each(app: Flask, *, only_posted: bool = False) -> Iterator[Route]:
    found = [route for route in routes(app) if route.reads_a_body or not only_posted]
    assert len(found) > 10
    yield from found


def offences(
    app: Flask,
    ask: Callable[[FlaskClient, Route], TestResponse],
    holds: Callable[[TestResponse], bool],
    *,
    only_posted: bool = False,
) -> list[str]:
    """The addresses whose answer breaks a rule, with what they answered."""
    client = app.test_client()
    found = []
    for route in each(app, only_posted=only_posted):
        response = ask(client, route)
        if not holds(response) or not is_told(response):
            found.append(f"{route}: {response.status_code} {response.content_type}")
        response.close()
    return found


def is_told(response: TestResponse) -> bool:
    """No traceback, no bare error of the framework."""
    if response.status_code < 400:
        return True
    shaped = response.mimetype in {"text/html", "application/json", "application/problem+json"}
    page = response.mimetype != "text/html" or 'lang="' in response.text
    return shaped and page and "Traceback" not in response.text and "werkzeug" not in response.text


def has(*statuses: int) -> Callable[[TestResponse], bool]:
    return lambda response: response.status_code in statuses


def is_refused(response: TestResponse) -> bool:
    return 400 <= response.status_code < _SERVER_ERROR


def is_survived(response: TestResponse) -> bool:
    return response.status_code < _SERVER_ERROR


@pytest.mark.parametrize("method", METHODS)
def test_a_wrong_method_is_told_the_right_ones(app: Flask, method: str) -> None:
    def holds(response: TestResponse) -> bool:
        return response.status_code != 405 or method not in response.headers["Allow"]

    client, wrong = app.test_client(), 0
    for route in each(app):
        if method in route.methods:
            continue
        # Several rules may serve an address, each with methods of its own.
        others = set(app.url_map.bind("localhost").allowed_methods(route.path))
        if method in others:
            continue
        response = client.open(route.path, method=method, headers=DEVELOPER)
        assert response.status_code == 405, route
        assert set(response.headers["Allow"].split(", ")) == others, route
        assert is_told(response), route
        wrong += 1
    assert wrong
    assert offences(app, lambda c, r: c.open(r.path, method=method, headers=DEVELOPER), holds) == []


@pytest.mark.parametrize("method", ["BREW", "PROPFIND", "TRACE", "CONNECT"])
def test_a_method_that_nobody_serves_is_refused(app: Flask, method: str) -> None:
    def ask(client: FlaskClient, route: Route) -> TestResponse:
        return client.open(route.path, method=method, headers=DEVELOPER)

    assert offences(app, ask, has(405)) == []


@pytest.mark.parametrize("kind", [FORM, JSON, JOSE], ids=lambda k: k["content_type"])
def test_an_oversized_body_is_refused(app: Flask, provider: Provider, kind: dict[str, str]) -> None:
    body = b"a" * (provider.settings.max_body + 1)

    def ask(client: FlaskClient, route: Route) -> TestResponse:
        return client.post(route.path, data=body, headers=DEVELOPER | BROWSER, **kind)

    # Where another type is expected, saying so comes first.
    assert offences(app, ask, has(413, 415), only_posted=True) == []
    form = kind == FORM
    assert offences(app, ask, lambda r: not form or r.status_code == 413, only_posted=True) == []


def test_a_body_that_lies_about_its_length_is_refused(app: Flask) -> None:
    def ask(client: FlaskClient, route: Route) -> TestResponse:
        headers = DEVELOPER | {"Content-Length": "-5"}
        return client.post(route.path, data=b"a=b", headers=headers, **FORM)

    assert offences(app, ask, is_survived, only_posted=True) == []


@pytest.mark.parametrize("query", ["a=%00", "a=%ff", "%00=a", "a=%c3%28", "a=%ed%a0%80", "%fe"])
def test_a_query_that_is_no_text_is_refused(app: Flask, query: str) -> None:
    def ask(client: FlaskClient, route: Route) -> TestResponse:
        method = "GET" if "GET" in route.methods else "POST"
        return client.open(f"{route.path}?{query}", method=method, headers=DEVELOPER)

    assert offences(app, ask, has(400)) == []


@pytest.mark.parametrize("body", [b"a=%00", b"a=%ff", b"a=\xff", b"\x00", b"a=\xc3("])
def test_a_form_that_is_no_text_is_refused(app: Flask, body: bytes) -> None:
    def ask(client: FlaskClient, route: Route) -> TestResponse:
        return client.post(route.path, data=body, headers=DEVELOPER, **FORM)

    assert offences(app, ask, is_refused, only_posted=True) == []


@pytest.mark.parametrize("part", ["%00", "%ff", "%c3%28", "a%00b"])
def test_a_path_that_is_no_text_is_refused(app: Flask, part: str) -> None:
    def ask(client: FlaskClient, route: Route) -> TestResponse:
        path = route.path.replace("h" * 43, part)
        return client.get(
            path if path != route.path else f"{route.path.rstrip('/')}/{part}", headers=DEVELOPER
        )

    assert offences(app, ask, is_refused) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"[]", b'"a"', b"1e999", b"NaN", b'{"advance": "x"}', b"\xff", b"{}" * 9],
)
def test_json_of_another_form_is_refused(app: Flask, body: bytes) -> None:
    def ask(client: FlaskClient, route: Route) -> TestResponse:
        return client.post(route.path, data=body, headers=DEVELOPER, **JSON)

    assert offences(app, ask, is_survived, only_posted=True) == []


@pytest.mark.parametrize("body", [DEEP[:60_000], "[" * 60_000, '{"a":' * 5000 + "1" + "}" * 5000])
def test_json_nested_deeply_breaks_nothing(app: Flask, body: str) -> None:
    def ask(client: FlaskClient, route: Route) -> TestResponse:
        return client.post(route.path, data=body, headers=DEVELOPER, **JSON)

    assert offences(app, ask, is_survived, only_posted=True) == []


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data", "application/xml", "", "a/b; charset=utf-7", "é"]
)
def test_a_body_of_another_type_is_refused(app: Flask, kind: str) -> None:
    def ask(client: FlaskClient, route: Route) -> TestResponse:
        return client.post(route.path, data=b"a=b", headers=DEVELOPER, content_type=kind)

    assert offences(app, ask, is_survived, only_posted=True) == []


def test_the_phone_says_that_it_reads_jose_alone(app: Flask) -> None:
    client = app.test_client()
    for route in each(app, only_posted=True):
        if not route.is_of_the_phone:
            continue
        response = client.post(route.path, data=b"{}", **JSON)
        assert response.status_code == 415, route
        assert response.get_json()["code"] == "media_type_refused", route


def test_a_parameter_that_stands_twice_breaks_nothing(app: Flask) -> None:
    names = ("client_id", "redirect_uri", "code", "token", "handle", "lang", "after", "state")
    twice = "&".join(f"{name}=1&{name}=2" for name in names)

    def ask(client: FlaskClient, route: Route) -> TestResponse:
        if route.reads_a_body:
            return client.post(f"{route.path}?{twice}", data=twice, headers=DEVELOPER, **FORM)
        return client.get(f"{route.path}?{twice}", headers=DEVELOPER)

    assert offences(app, ask, is_survived) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Basic " + "A" * 30_000},
        {"Authorization": "Basic \x7f\x80"},
        {"Authorization": "Basic " + "=" * 9},
        {"Authorization": "Bearer " + "." * 9000},
        {"Authorization": "Bearer"},
        {"Cookie": "ecps_session=" + "x" * 30_000},
        {"Cookie": "ecps_browser=é; ecps_session=\x80; ecps_lang=; ecps_known=ÿ"},
        {"Accept-Language": "x," * 9000},
        {"Accept-Language": "é;q=x"},
        {"Accept": ";;q=,"},
        {"User-Agent": "Mozilla/" + "9" * 60_000},
        {"X-Forwarded-For": "nonsense, " * 500},
        {"Host": "attacker.test"},
        {"Content-Length": "12abc"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
    ids=lambda headers: next(f"{n}-{v[:12]!r}" for n, v in headers.items()),
)
def test_headers_of_any_form_break_nothing(app: Flask, headers: dict[str, Any]) -> None:
    def ask(client: FlaskClient, route: Route) -> TestResponse:
        if route.reads_a_body:
            return client.post(route.path, data=b"a=b", headers=DEVELOPER | headers, **FORM)
        return client.get(route.path, headers=DEVELOPER | headers)

    assert offences(app, ask, is_survived) == []


def _nested_in_jws(depth: int) -> str:
    header = encode_base64url(("[" * depth).encode())
    payload = encode_base64url(('{"a":' * 600 + "1" + "}" * 600).encode())
    return f"{header}.{payload}.AAAA"


@pytest.mark.parametrize("depth", [500, 900, 2900])
def test_json_nested_inside_a_parameter_or_a_signed_value_breaks_nothing(
    app: Flask, provider: Provider, depth: int
) -> None:
    """Headers of a JWS are read before anything is proved."""
    register_client(provider)
    nested, token = "[" * depth, _nested_in_jws(depth)
    names = ("claims", "id_token_hint", "request", "client_assertion", "token", "refresh_token")
    grants = ("refresh_token", "authorization_code", "client_credentials")
    client = app.test_client()
    spoken = [r for r in each(app) if r.path.startswith(("/auth", "/logout"))]
    assert len(spoken) > 5
    for value in (nested, token):
        for name in names:
            form = request_of(**{name: value}) | {"client_secret": "secret"}
            if name == "client_assertion":
                form = {name: value, "client_assertion_type": ASSERTION}
            for grant, route in product(grants, spoken):
                sent = form | {"grant_type": grant}
                method = "POST" if route.reads_a_body else "GET"
                given: Any = {"data" if method == "POST" else "query_string": sent}
                response = client.open(route.path, method=method, **given)
                assert is_survived(response), (name, route)
                assert is_told(response), (name, route)

    def as_phone(client: FlaskClient, route: Route) -> TestResponse:
        return client.post(route.path, data=token, headers=DEVELOPER, **JOSE)

    def as_bearer(client: FlaskClient, route: Route) -> TestResponse:
        return client.get(route.path, headers=DEVELOPER | {"Authorization": f"Bearer {token}"})

    assert offences(app, as_phone, is_survived, only_posted=True) == []
    assert offences(app, as_bearer, is_survived) == []
