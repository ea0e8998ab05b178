"""A real Chromium, and pages in it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.looking import Onlooker

# The engine without the rest of the browser: a page costs a fifth.
_CHROMIUM = Path("/usr/bin/chromium-headless-shell")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# A push may be lost, and what asks without one does so each five seconds: longer than that.
expect.set_options(timeout=20_000)

Open = Callable[..., tuple[Page, Onlooker]]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser a module: while it runs, nothing else in the process may run an event loop."""
    if not _CHROMIUM.exists():
        pytest.skip(f"Chromium is not installed at {_CHROMIUM}: `make test` installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_browser(chromium: Browser) -> Iterator[Open]:
    """A person's browser: cookies of its own, and everything it complains about written down."""

    def opened(**options: object) -> tuple[Page, Onlooker]:
        context = chromium.new_context(**({"locale": "fr-FR"} | options))  # type: ignore[arg-type]
        context.set_default_timeout(30_000)
        page = context.new_page()
        return page, Onlooker(page)

    yield opened
    for context in chromium.contexts:
        context.close()
