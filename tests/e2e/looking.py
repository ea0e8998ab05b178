"""What every page must stand up to: no violation of the policy, WCAG, a narrow screen."""

import os
from pathlib import Path
from typing import Any, Literal

from axe_core_python.base import AXE_SCRIPT
from playwright.sync_api import ConsoleMessage, Page

from tests.e2e.pages import check_listed

_STATUS = "Failed to load resource: the server responded with a status"
_EVERY_RULE = "axe.run({resultTypes: ['violations']}).then(found => found.violations)"
# The same document in other colours: only what depends on colours can differ.
_RULES_OF_COLOUR = _EVERY_RULE.replace("{", "{runOnly: ['cat.color'], ", 1)
PICTURES = "ECPS_TEST_SCREENSHOTS"
"""A folder in the environment: every page looked at is pictured there."""


class Onlooker:
    """Watches one page: its console, its errors, and how it looks."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._complaints: list[str] = []
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self._complaints.append(str(error)))

    def check(self, name: str, *, except_for: str = "") -> None:
        """The page the browser stands on breaks no rule, in light and dark, wide and narrow.

        Its name is listed under its template in `pages.toml`.
        """
        self.check_silence()
        page = self._page
        check_listed(name, page.locator("body").get_attribute("data-page") or "")
        page.set_viewport_size({"width": 1280, "height": 900})
        found: dict[str, Any] = {}
        schemes: dict[Literal["light", "dark"], str] = {
            "light": _EVERY_RULE,
            "dark": _RULES_OF_COLOUR,
        }
        for scheme, rules in schemes.items():
            page.emulate_media(color_scheme=scheme)
            found |= {
                f"{scheme} {each['id']}": each["nodes"]
                for each in self._violations(rules)
                if each["id"] != except_for
            }
            self._picture(f"{name}-{scheme}")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 320, "height": 640})
        width = page.evaluate("document.documentElement.scrollWidth")
        self._picture(f"{name}-narrow")
        # What the measuring itself provoked is not the page's.
        self._complaints.clear()
        assert not found, f"{name}: {found}"
        assert width <= 320, f"{name} is {width} px wide on a screen of 320 px"

    def check_silence(self) -> None:
        """Neither the content security policy nor a script complained so far."""
        assert self._complaints == [], f"{self._page.url}: {self._complaints}"

    def _violations(self, rules: str) -> list[dict[str, Any]]:
        """Rules of axe-core, on the page as it stands; what passed would take long to tell."""
        if not self._page.evaluate("'axe' in window"):
            self._page.evaluate(AXE_SCRIPT)
        violated: list[dict[str, Any]] = self._page.evaluate(rules)
        return violated

    def _listen(self, message: ConsoleMessage) -> None:
        # A page that tells an error has the status of one, which Chromium writes down too.
        of_page = message.location["url"] == self._page.url
        if message.type != "error" or (of_page and message.text.startswith(_STATUS)):
            return
        self._complaints.append(f"{message.text} ({message.location['url']})")

    def _picture(self, name: str) -> None:
        folder = os.environ.get(PICTURES)
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self._page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
