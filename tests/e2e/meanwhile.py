"""What a page that looks again and again learns while a form that it sent is under way."""

from playwright.sync_api import Page, Route


def send_and_hold(page: Page, button: str, address: str) -> list[Route]:
    """Press a button, and keep what its form sends until the test lets it go on."""
    held: list[Route] = []

    def keep(route: Route) -> None:
        held.append(route)

    page.route(address, keep)
    page.get_by_role("button", name=button).click(no_wait_after=True)
    return held


def tell(page: Page, address: str, told: dict[str, object]) -> None:
    """Answer every look of the page from now on, and wait until it has made of it what it would."""
    page.route(address, lambda route: route.fulfill(json=told))
    # The first may have begun before, and a look follows when the one before it is over.
    for _ in range(3):
        with page.expect_request(address):
            pass


def come_back(page: Page) -> None:
    """Once its form is sent, show the page anew: as a browser does that kept what was left."""
    shown = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"
    page.evaluate(f"document.addEventListener('submit', () => setTimeout(() => {shown}))")
