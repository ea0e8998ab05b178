"""The console as an operator of a simulation reaches it."""

from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.serving.running import RunningProvider

_CONSOLE = 7


@dataclass(frozen=True)
class Console:
    """A provider that runs with its console."""

    provider: RunningProvider

    @property
    def url(self) -> str:
        return f"http://localhost:{self.provider.port_base + _CONSOLE}"

    def enter(self, page: Page) -> None:
        """Come in with the start-up secret."""
        page.goto(self.url)
        self.give_secret(page, self.provider.dev_secret)
        expect(page.locator("#operator")).to_have_text("development")

    def give_secret(self, page: Page, secret: str) -> None:
        """Type it on the page of the entrance."""
        page.fill("[name=secret]", secret)
        page.click("text=Entrer avec le secret")
