"""What a service registered to be shown, and the end of all sessions, in a real browser."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from werkzeug.wrappers import Request, Response

from tests.e2e.conftest import Open
from tests.e2e.demonstration import PERSON, Demonstration, running_demonstration, wait_for
from wallet_sim.serving import serve

pytestmark = pytest.mark.slow

CLIENT, NAME = "vitrine", "Messagerie de santé sécurisée de l’hôpital Saint-Exemple"


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    folder: Path = tmp_path_factory.mktemp("shown")
    with running_demonstration(folder, services=0) as running:
        yield running


@pytest.fixture(scope="module")
def service(demonstration: Demonstration) -> Iterator[str]:
    """A service that publishes its logo, which the provider holds by now; gives its address."""
    with serve(_site, host="localhost", port=0) as port:
        url = f"http://localhost:{port}"
        pages = {"logo_uri": "/logo", "client_uri": "/", "policy_uri": "/policy", "tos_uri": "/tos"}
        demonstration.add_client(
            CLIENT,
            *("--name", NAME, "--redirect-uri", f"{url}/callback", "--development"),
            *(f"--metadata={name}={url}{path}" for name, path in pages.items()),
        )
        logo = f"{demonstration.provider.base_url}/clients/{CLIENT}/logo"
        wait_for("the logo", lambda: httpx.get(logo, trust_env=False).is_success)
        yield url


def _site(environ: Any, start_response: Any) -> Any:
    is_logo = Request(environ).path == "/logo"
    page = "<title>ok</title><link rel=icon href=data:,>"
    response = Response(_logo(), mimetype="image/png") if is_logo else Response(page)
    response.headers["Content-Type"] = "image/png" if is_logo else "text/html"
    return response(environ, start_response)


def _logo() -> bytes:
    """Wider than a page is on a telephone."""
    written = io.BytesIO()
    Image.new("RGB", (1200, 300), "teal").save(written, "PNG")
    return written.getvalue()


def open_sign_in(page: Page, demonstration: Demonstration, service: str) -> None:
    query = {"client_id": CLIENT, "redirect_uri": f"{service}/callback", "scope": "openid"}
    base = demonstration.provider.base_url
    page.goto(f"{base}/auth?{urlencode(query | {'response_type': 'code'})}")


def sign_in(page: Page, demonstration: Demonstration, service: str) -> None:
    open_sign_in(page, demonstration, service)
    page.fill("[name=national_id]", PERSON)
    page.click("button.primary")
    demonstration.phone.approve(page.locator("#challenge-number").inner_text())
    page.wait_for_url(f"{service}/callback?*")


@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
def test_the_sign_in_page_shows_the_logo_and_the_pages_of_a_service(
    demonstration: Demonstration, service: str, open_browser: Open, locale: str
) -> None:
    """oidcc-registration-logo-uri, -policy-uri, -tos-uri; RGAA 4.1."""
    page, onlooker = open_browser(locale=locale)
    open_sign_in(page, demonstration, service)
    width = page.locator("#service-logo").evaluate("image => image.naturalWidth")
    assert width == 1200
    for name in ("client", "policy", "tos"):
        expect(page.locator(f"#{name}-uri")).to_be_visible()
    onlooker.check(f"identifier-logo-{locale}")


def test_a_person_closes_all_of_their_sessions(
    demonstration: Demonstration, service: str, open_browser: Open
) -> None:
    """The other browser has to ask again."""
    page, onlooker = open_browser()
    elsewhere, _ = open_browser()
    for browser in (page, elsewhere):
        sign_in(browser, demonstration, service)
    page.goto(f"{demonstration.provider.base_url}/deconnexion")
    onlooker.check("sign-out-at-every-service")
    page.click("[name=everywhere]")
    expect(page.locator("h1")).to_have_text("Vous êtes déconnecté")
    open_sign_in(elsewhere, demonstration, service)
    expect(elsewhere.locator("[name=national_id]")).to_be_visible()
