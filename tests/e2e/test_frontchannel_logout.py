"""Services told by the browser that their session ended, in a real one."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Page, expect
from werkzeug.wrappers import Request, Response

from tests.e2e.conftest import Open
from tests.e2e.demonstration import PERSON, Demonstration, running_demonstration
from wallet_sim.serving import serve

pytestmark = pytest.mark.slow


@dataclass
class Listener:
    """A service that remembers which addresses of it were loaded, and may keep a frame waiting."""

    client_id: str
    url: str = ""
    loaded: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.loaded.append((request.path, parse_qs(request.query_string.decode())))
        response = Response("<title>ok</title><link rel=icon href=data:,>", mimetype="text/html")
        return response(environ, start_response)

    def told(self) -> list[dict[str, list[str]]]:
        return [query for path, query in self.loaded if path == "/frontchannel"]


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    folder: Path = tmp_path_factory.mktemp("frontchannel")
    with running_demonstration(folder, services=0) as running:
        yield running


@pytest.fixture(scope="module")
def services(demonstration: Demonstration) -> Iterator[list[Listener]]:
    """Two services on origins of their own."""
    with contextlib.ExitStack() as stack:
        listeners = [Listener("one"), Listener("two")]
        for listener in listeners:
            port = stack.enter_context(serve(listener, host="localhost", port=0))
            listener.url = f"http://localhost:{port}"
            demonstration.add_client(
                listener.client_id,
                *("--redirect-uri", f"{listener.url}/callback"),
                *("--post-logout-redirect-uri", f"{listener.url}/bye"),
                *("--metadata", f'frontchannel_logout_uri="{listener.url}/frontchannel"'),
                "--development",
            )
        yield listeners


def enter(page: Page, demonstration: Demonstration, service: Listener) -> None:
    query = urlencode(
        {
            "client_id": service.client_id,
            "redirect_uri": f"{service.url}/callback",
            "response_type": "code",
            "scope": "openid",
        }
    )
    page.goto(f"{demonstration.provider.base_url}/auth?{query}")
    if page.locator("[name=national_id]").count():
        page.fill("[name=national_id]", PERSON)
        page.click("button.primary")
        demonstration.phone.approve(page.locator("#challenge-number").inner_text())
    else:
        page.click("button[value=confirm]")
    page.wait_for_url(f"{service.url}/callback?*")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_each_service_of_the_session_is_told_and_the_person_returns(
    demonstration: Demonstration, services: list[Listener], open_browser: Open, scripts: bool
) -> None:
    """oidcc-frontchannel-rp-initiated-logout."""
    page, onlooker = open_browser(java_script_enabled=scripts)
    for service in services:
        service.loaded.clear()
        enter(page, demonstration, service)
    query = urlencode(
        {
            "client_id": services[0].client_id,
            "post_logout_redirect_uri": f"{services[0].url}/bye",
            "state": "the-state",
        }
    )
    issuer = demonstration.provider.issuer
    page.goto(f"{issuer}/protocol/openid-connect/logout?{query}")
    page.click("button.primary")
    page.wait_for_url(f"{services[0].url}/bye?state=the-state")
    told = [service.told() for service in services]
    assert [len(each) for each in told] == [1, 1]
    assert told[0] == told[1]
    assert told[0][0]["iss"] == [issuer]
    assert len(told[0][0]["sid"][0]) == 36
    onlooker.check_silence()


def test_the_signed_out_page_holds_its_frames_out_of_sight(
    demonstration: Demonstration, services: list[Listener], open_browser: Open
) -> None:
    page, onlooker = open_browser()
    for service in services:
        service.loaded.clear()
        enter(page, demonstration, service)
    page.goto(f"{demonstration.provider.base_url}/deconnexion")
    onlooker.check("sign-out")
    page.click("button.primary")
    expect(page.locator("h1")).to_have_text("Vous êtes déconnecté")
    page.wait_for_load_state("load")
    frames = page.locator("iframe")
    expect(frames).to_have_count(len(services))
    expect(frames.first).to_be_hidden()
    assert {urlsplit(frame.url).path for frame in page.frames[1:]} == {"/frontchannel"}
    onlooker.check("signed-out-of-services")
