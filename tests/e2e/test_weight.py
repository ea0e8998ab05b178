"""What a page of a sign-in weighs, and that nothing keeps it from being painted at once."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, Response

from tests.e2e.conftest import Open
from tests.e2e.demonstration import PERSON
from tests.serving.running import RunningProvider, running_provider

pytestmark = pytest.mark.slow

LIMIT = 60_000
"""Bytes, uncompressed, of a page with everything that it loads."""
_CALLBACK = "http://localhost:9/callback"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProvider]:
    folder: Path = tmp_path_factory.mktemp("weight")
    with running_provider(folder, options=("--single-process",)) as running:
        options = ["--name", "Logiciel de cabinet", "--redirect-uri", _CALLBACK, "--development"]
        running.command("client", "add", "cabinet", "--secret", "s" * 32, *options)
        yield running


def request(provider: RunningProvider) -> str:
    asked = {
        "client_id": "cabinet",
        "redirect_uri": _CALLBACK,
        "response_type": "code",
        "scope": "openid scope_all",
        "state": "s",
        "nonce": "n",
        "acr_values": "eidas1",
    }
    return f"{provider.base_url}/auth?{urlencode(asked)}"


def loaded_by(page: Page, address: str) -> dict[str, int]:
    """Bytes of all that the browser took to show an address, by address."""
    taken: list[Response] = []
    page.on("response", lambda response: taken.append(response))  # noqa: PLW0108 - it is marked
    page.goto(address, wait_until="networkidle")
    return {each.url: len(each.body()) for each in taken if not 300 <= each.status < 400}


def test_a_sign_in_page_weighs_less_than_60_kb(
    provider: RunningProvider, open_browser: Open
) -> None:
    page, _onlooker = open_browser()
    weights = loaded_by(page, request(provider))
    assert len(weights) >= 2, weights
    assert all(address.startswith(provider.base_url) for address in weights)
    assert sum(weights.values()) < LIMIT, weights


def test_a_second_visit_loads_the_page_alone(provider: RunningProvider, open_browser: Open) -> None:
    """What a page loads is kept by the browser until it changes."""
    page, _onlooker = open_browser()
    page.goto(request(provider), wait_until="networkidle")
    page.goto(request(provider), wait_until="networkidle")
    transferred = page.evaluate(
        "performance.getEntriesByType('resource').map((each) => [each.name, each.transferSize])"
    )
    assert transferred
    assert [name for name, size in transferred if size] == []


def test_nothing_waits_for_a_script_and_one_sheet_paints(
    provider: RunningProvider, open_browser: Open
) -> None:
    page, _onlooker = open_browser()
    for address in (request(provider), f"{provider.base_url}/portail", f"{provider.base_url}/x"):
        page.goto(address)
        _paints_at_once(page)
    page.goto(request(provider))
    page.fill("[name=national_id]", PERSON)
    page.click("button.primary")
    page.wait_for_selector("#challenge-number")
    _paints_at_once(page)


def _paints_at_once(page: Page) -> None:
    source = page.content()
    head = source[: source.index("<body")]
    assert len(re.findall(r'<link[^>]+rel="stylesheet"', source)) == 1, page.url
    assert "@import" not in head
    for script in re.findall(r"<script[^>]*>", source):
        assert " defer" in script, script
