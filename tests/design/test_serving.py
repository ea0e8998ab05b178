"""The design and each application's own files: at addresses that are kept for long, never stale."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Request, Response

from idp.resources import DESIGN
from relying_services.demo import DemoSettings, create_app
from wallet_sim.design import ADDRESS, design_address, serve_design

Get = Callable[[str], TestResponse]
SHEET = (DESIGN / "design.css").read_bytes()
KEPT = "public, max-age=31536000, immutable"


@Request.application
def screen(request: Request) -> Response:
    try:
        return serve_design(request, request.path.removeprefix(ADDRESS))
    except HTTPException as error:
        return error.get_response()


def _reading(client: Client) -> Get:
    """Ask, read to the end, and close the file that the answer came from."""
    return lambda path: client.get(path, buffered=True)


def pages_of(name: str, app: Flask) -> tuple[Get, str]:
    """One application: how to ask it, and a page that names the address of its style sheet."""
    if name == "provider":
        provider = app.test_client()
        return _reading(provider), provider.get("/").text
    if name == "service":
        settings = DemoSettings("http://localhost:9/issuer", "demo", "secret", "http://localhost:1")
        service = create_app(settings).test_client()
        return _reading(service), service.get("/").text
    return _reading(
        Client(screen)
    ), f'<link rel="stylesheet" href="{design_address("design.css")}">'


@pytest.fixture(params=["provider", "service", "screen"])
def application(request: pytest.FixtureRequest, app: Flask) -> tuple[Get, str]:
    return pages_of(request.param, app)


def linked(page: str) -> str:
    (address,) = re.findall(r'<link rel="stylesheet" href="([^"]+)">', page)
    return str(address)


@pytest.mark.parametrize(
    "name", ["components.html", "nothing.css", "../idp/error.html", "%2e%2e/idp/base.html", ""]
)
def test_nothing_but_style_sheets_and_scripts_is_served(
    application: tuple[Get, str], name: str
) -> None:
    get, _page = application
    assert get(f"/design/{name}").status_code == 404


@pytest.mark.parametrize("version", ["", "?v=", "?v=000000000000", "?w=1"])
def test_an_address_of_another_content_is_not_kept(
    application: tuple[Get, str], version: str
) -> None:
    """A page of yesterday's release, answered by today's, must not fix the new file to it."""
    get, _page = application
    assert get(f"/design/design.css{version}").headers["Cache-Control"] == "no-cache"


def test_the_address_on_a_page_gives_the_sheet_and_is_kept_for_a_year(
    application: tuple[Get, str],
) -> None:
    get, page = application
    answer = get(linked(page))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == KEPT
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert answer.get_data() == SHEET


@pytest.mark.parametrize("name", ["reveal.js", "copy.js", "session.js"])
def test_the_scripts_are_served_as_scripts(application: tuple[Get, str], name: str) -> None:
    """`nosniff` would stop them otherwise."""
    get, _page = application
    kind = get(f"/design/{name}").headers["Content-Type"]
    assert kind.split(";")[0] in {"text/javascript", "application/javascript"}


def test_the_provider_s_own_files_are_kept_the_same_way(browser: FlaskClient) -> None:
    (icon,) = re.findall(r'<link rel="icon" href="([^"]+)"', browser.get("/").text)
    get = _reading(browser)
    assert get(icon).headers["Cache-Control"] == KEPT
    assert get("/static/icon.svg").headers["Cache-Control"] == "no-cache"
    assert get("/static/nothing.svg").status_code == 404


def test_a_page_itself_is_never_kept(browser: FlaskClient) -> None:
    assert browser.get("/").headers["Cache-Control"] == "no-store"
