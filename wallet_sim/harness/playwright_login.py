"""A login in a Playwright page (sync API): a real browser, and the person before it.

The page is one that Playwright made: this module imports nothing of it, and drives what it has.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from wallet_sim.clock import monotonic, pause
from wallet_sim.harness.errors import CardDidNotSignIn, LoginFailed, PageNotUsable
from wallet_sim.harness.failing import failure
from wallet_sim.harness.login import NO_ANSWER, TAB, Hands, LoginResult, Manner
from wallet_sim.harness.sites import origin_of
from wallet_sim.harness.story import Step

_LOOK_AGAIN = 0.1  # seconds
_MOST_PAGES = 20
_PATIENCE = 30_000  # milliseconds for a page to follow
_NAME = "document.body?.dataset.page ?? ''"
_LEFT = "name => (document.body?.dataset.page ?? '') !== name"
_IDENTIFIER = "#national_id"
_REDIRECT = range(300, 400)


def is_page(service: Any) -> bool:
    """Whether something is a page of Playwright.

    Raises:
        PageNotUsable: it is one of the asynchronous API.
    """
    if not (hasattr(service, "goto") and hasattr(service, "locator")):
        return False
    if "async_api" in type(service).__module__:
        raise PageNotUsable("psc.login drives pages of playwright.sync_api, and this is async_api")
    return True


class PageLogin:
    """One sign-in in a page, from the service and back to it."""

    def __init__(self, page: Any, provider: str, manner: Manner, hands: Hands) -> None:
        self._page = page
        self._provider = origin_of(provider)
        self._manner = manner
        self._hands = hands
        self._steps: list[Step] = []
        self._answer: dict[str, str] = {}
        self._typed = False
        self._acts: dict[str, Callable[[], None]] = {
            "signin/identifier.html": self._type_identifier,
            "signin/waiting.html": self._wait_for_phone,
            "signin/notice.html": lambda: self._press("form[action$='/proceed'] button"),
            "signin/activity.html": self._choose_activity,
            "signin/confirm.html": self._confirm,
            "signin/outcome.html": self._give_up,
            "oauth/form_post.html": lambda: None,  # its script sends it
        }

    def run(self, start: str) -> LoginResult:
        """Go the whole way, from an address, or from where the page stands.

        Raises:
            LoginFailed: the browser did not come back to the service.
        """
        self._page.on("response", self._note)
        try:
            if start:
                self._page.goto(start)
            return self._go()
        finally:
            self._page.remove_listener("response", self._note)

    def _go(self) -> LoginResult:
        was_there = False
        for _ in range(_MOST_PAGES):
            self._page.wait_for_load_state()
            if not self._is_provider(self._page.url):
                if was_there:
                    return self._result()
                raise self._failed("the page stands at no provider: pass at=, the login's address")
            was_there = True
            name = self._name()
            act = self._acts.get(name)
            if act is None:
                raise self._failed("the sign-in ended at the provider")
            act()
            self._page.wait_for_function(_LEFT, arg=f"idp/{name}", timeout=_PATIENCE)
        raise self._failed("the sign-in goes from page to page without end")

    def _type_identifier(self) -> None:
        if self._typed:
            raise self._failed("the provider refused the identifier")
        self._typed = True
        if self._manner.means == "card":
            self._show_card(self._card_address())
            return
        if not self._page.locator(_IDENTIFIER).count():
            self._open_tab()
        self._page.fill(_IDENTIFIER, self._manner.national_id)
        self._press(f"form:has({_IDENTIFIER}) button.primary")

    def _show_card(self, address: str) -> None:
        try:
            self._page.goto(self._hands.show_card(address))
        except CardDidNotSignIn as error:
            raise self._failed(str(error)) from error

    def _open_tab(self) -> None:
        address = self._page.url.partition("?")[0]
        self._page.goto(f"{address}?moyen={TAB[self._manner.means]}")

    def _card_address(self) -> str:
        """Where the card is asked for; asked beside the page, whose browser holds no card."""
        selector = "form[action$='/card']"
        if not self._page.locator(selector).count():
            self._open_tab()
        form = self._page.locator(selector)
        if not form.count():
            raise self._failed("this service does not accept a card")
        token = form.locator("[name=csrf_token]").get_attribute("value")
        answer = self._page.request.post(
            urljoin(self._page.url, form.get_attribute("action")),
            form={"csrf_token": token},
            headers={"Origin": self._provider, "Referer": self._page.url},
            max_redirects=0,
        )
        return str(answer.headers.get("location", ""))

    def _wait_for_phone(self) -> None:
        waiting = self._page.locator("#waiting")
        status = urljoin(self._page.url, waiting.get_attribute("data-status"))
        deadline = monotonic() + self._manner.patience
        while monotonic() < deadline:
            comes_more = self._hands.answers_more()
            if self._page.request.get(status).json()["state"] != "pending":
                return
            if not comes_more:
                break
            pause(_LOOK_AGAIN)
        if not self._manner.gives_up:
            raise self._failed(NO_ANSWER)
        self._press("#cancel")
        self._page.wait_for_function(_LEFT, arg="idp/signin/waiting.html", timeout=_PATIENCE)
        self._press("form[action$='/abandon'] button")

    def _choose_activity(self) -> None:
        chosen = self._manner.activity
        picked = f"[name=activity][value='{chosen}']" if chosen else "[name=activity] >> nth=0"
        self._page.check(picked)
        self._press("form[action$='/activity'] button.primary")

    def _confirm(self) -> None:
        answer = "confirm" if self._manner.confirms else "reject"
        self._press(f"button[name=answer][value={answer}]")

    def _give_up(self) -> None:
        if not self._manner.gives_up:
            raise self._failed("the sign-in ended at the provider")
        self._press("form[action$='/abandon'] button")

    def _press(self, selector: str) -> None:
        self._page.click(selector)

    def _note(self, response: Any) -> None:
        request = response.request
        if not request.is_navigation_request() or response.frame != self._page.main_frame:
            return
        location = response.headers.get("location", "") if response.status in _REDIRECT else ""
        self._steps.append(Step(request.method, response.url, response.status, location))
        if not self._is_provider(response.url):
            carried = request.post_data or urlsplit(response.url).query
            told = dict(parse_qsl(carried))
            if {"code", "error", "state"} & told.keys():
                self._answer = told

    def _is_provider(self, url: str) -> bool:
        return origin_of(url) == self._provider

    def _name(self) -> str:
        return str(self._page.evaluate(_NAME)).removeprefix("idp/")

    def _result(self) -> LoginResult:
        here = self._page.url
        statuses = [s.status for s in self._steps if not self._is_provider(s.url)]
        found = self._page.context.cookies(here)
        cookies = {cookie["name"]: cookie["value"] for cookie in found}
        text = self._page.content()
        status = statuses[-1] if statuses else 0
        return LoginResult(here, status, text, cookies, self._answer, None, self._steps)

    def _failed(self, why: str) -> LoginFailed:
        shown = self._page.locator("main [role=alert], main [role=status]").all_inner_texts()
        heading = self._page.locator("h1").all_inner_texts()
        return failure(
            why,
            said=" ".join(" ".join([*heading, *shown]).split()),
            url=self._page.url,
            page=self._name(),
            did=self._hands.did(),
            recorded=self._hands.recorded(),
            steps=self._steps,
        )
