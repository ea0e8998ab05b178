"""A login over HTTP: the browser, and the person before it (docs/testing/pytest.md).

The driver knows the provider's pages by their names (`data-page`), the fields by theirs, and does
what a person does with each, until the browser is back at the service.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from wallet_sim.clock import monotonic, pause
from wallet_sim.encoding import parse_object
from wallet_sim.harness.browser import Browser
from wallet_sim.harness.errors import CardDidNotSignIn, HarnessError, LoginFailed
from wallet_sim.harness.failing import failure
from wallet_sim.harness.html import Form, HtmlPage, read_page
from wallet_sim.harness.sites import Answer
from wallet_sim.harness.story import Step, shown, told

Means = Literal["phone", "card"]
TAB = {"phone": "telephone", "card": "carte"}
"""How the address of the sign-in page names a means."""
NO_ANSWER = (
    "the request waits on, and no answer comes: a phone that ignores it, or answers later than "
    "`patience`; move the clock with psc.clock.advance, or pass gives_up=True to go back to the "
    "service"
)
_LOOK_AGAIN = 0.02  # seconds
_MOST_PAGES = 20
_LONGEST_TOLD = 200  # characters of a page that says nothing by itself


class Hands:
    """What the person has in the hands besides the browser.

    Args:
        answers_more: lets the phones do what is due; False once nothing more will come by itself.
        did: what they did, for a message.
        show_card: shows a card for the sign-in that an address names; gives where the browser
            goes on.
        recorded: what the provider recorded of the service, for a message.
    """

    def __init__(
        self,
        *,
        answers_more: Callable[[], bool],
        did: Callable[[], str],
        show_card: Callable[[str], str],
        recorded: Callable[[], str],
    ) -> None:
        self.answers_more = answers_more
        self.did = did
        self.show_card = show_card
        self.recorded = recorded


@dataclass(frozen=True)
class Manner:
    """How the person signs in."""

    national_id: str
    means: Means = "phone"
    activity: str = ""
    """Identifier of the activity to act under, where the service asks for one; else the first."""
    confirms: bool = True
    """Whether entering a further service with the same session is confirmed, or rejected."""
    gives_up: bool = False
    """Whether the person goes back to the service when the sign-in failed, which is told so."""
    patience: float = 20.0
    """Seconds of real time to wait for an answer that is still to come."""

    def __post_init__(self) -> None:
        """Raises HarnessError where nobody signs in by such a means."""
        if self.means not in TAB:
            raise HarnessError(f"means={self.means!r} is none: it is one of {', '.join(TAB)}")


@dataclass(frozen=True, repr=False)
class LoginResult:
    """Where a login ended: at the service."""

    url: str
    status: int
    text: str
    cookies: dict[str, str]
    """The service's, as they were set on the way."""
    answer: dict[str, str]
    """The parameters that the provider sent the service: `code` and `state`, or `error`."""
    browser: Browser | None
    """To go on in: another service, a logout. None after a login in a Playwright page."""
    steps: list[Step] = field(default_factory=list)

    def __repr__(self) -> str:
        where = f"{self.status} {shown(self.url)}"
        return f"LoginResult({where}: {self.text[:_LONGEST_TOLD]!r}\n{self.story}\n)"

    @property
    def ok(self) -> bool:
        """Whether the service answered with success."""
        return self.status < 400  # noqa: PLR2004 - HTTP: from here on it is an error

    @property
    def story(self) -> str:
        """The way of the browser, a line a request."""
        return told(self.steps)


class Login:
    """One sign-in, from the service's address back to the service."""

    def __init__(self, browser: Browser, manner: Manner, hands: Hands) -> None:
        self._browser = browser
        self._manner = manner
        self._hands = hands
        self._typed = False
        self._first_step = len(browser.steps)
        self._pages: dict[str, Callable[[HtmlPage, Answer], Answer]] = {
            "signin/identifier.html": self._type_identifier,
            "signin/waiting.html": self._wait_for_phone,
            "signin/notice.html": self._proceed,
            "signin/activity.html": self._choose_activity,
            "signin/confirm.html": self._confirm,
            "signin/outcome.html": self._give_up,
            "oauth/form_post.html": self._carry_on,
        }

    def run(self, start: str) -> LoginResult:
        """Open the service's login address and go the whole way.

        Raises:
            LoginFailed: the browser did not come back to the service.
        """
        answer = self._browser.open(start)
        for _ in range(_MOST_PAGES):
            if not self._browser.is_provider(answer.url):
                return self._landed(answer)
            page = read_page(answer.text)
            answer = self._pages.get(_name(page), self._fail)(page, answer)
        raise self._failed("the sign-in goes from page to page without end", answer)

    def leave(self, start: str) -> LoginResult:
        """Open the service's logout address; where the provider asks, the person agrees.

        Where the service named no address to come back to, this ends at the provider.

        Raises:
            LoginFailed: the provider refused the logout.
        """
        answer = self._browser.open(start)
        page = self._provider_page(answer)
        if _name(page) == "signin/signout.html":
            answer = self._browser.submit(answer, page.forms[0], {})
            page = self._provider_page(answer)
        if self._browser.is_provider(answer.url) and _name(page) != "signin/signed_out.html":
            raise self._failed("the provider did not end the session", answer)
        return self._result(answer)

    def _provider_page(self, answer: Answer) -> HtmlPage:
        return read_page(answer.text) if self._browser.is_provider(answer.url) else HtmlPage()

    def _landed(self, answer: Answer) -> LoginResult:
        steps = self._browser.steps[self._first_step :]
        if not any(self._browser.is_provider(step.url) for step in steps):
            raise self._failed(
                "the service never sent the browser to the provider: name the address that begins "
                "a login, and see that the service was given psc.discovery_url",
                answer,
            )
        return self._result(answer)

    def _result(self, answer: Answer) -> LoginResult:
        return LoginResult(
            answer.url,
            answer.status,
            answer.text,
            dict(self._browser.service_cookies),
            dict(self._browser.answered),
            self._browser,
            self._browser.steps[self._first_step :],
        )

    def _type_identifier(self, page: HtmlPage, answer: Answer) -> Answer:
        if self._typed:
            raise self._failed("the provider refused the identifier", answer)
        form = self._own_form(page)
        if form is None:  # another tab is open
            tab = TAB[self._manner.means]
            answer = self._browser.open(f"{answer.url.partition('?')[0]}?moyen={tab}")
            form = self._own_form(read_page(answer.text))
        if form is None:
            raise self._failed(f"this service does not accept a {self._manner.means}", answer)
        self._typed = True
        if self._manner.means == "card":
            return self._show_card(answer, self._browser.where_leads(answer, form))
        values = {"national_id": self._manner.national_id}
        return self._browser.submit(answer, form, values)

    def _show_card(self, answer: Answer, address: str) -> Answer:
        try:
            return self._browser.open(self._hands.show_card(address))
        except CardDidNotSignIn as error:
            raise self._failed(str(error), answer) from error

    def _own_form(self, page: HtmlPage) -> Form | None:
        if self._manner.means == "card":
            return page.form_to("/card")
        return next((form for form in page.forms if form.has("national_id")), None)

    def _wait_for_phone(self, page: HtmlPage, answer: Answer) -> Answer:
        address = page.data["waiting"]["status"]
        next_page = self._browser.beside(answer, page.data["waiting"]["page"])
        status = self._browser.beside(answer, address)
        deadline = monotonic() + self._manner.patience
        while monotonic() < deadline:
            comes_more = self._hands.answers_more()
            if self._state(status) != "pending":
                return self._browser.open(next_page)
            if not comes_more:
                break
            pause(_LOOK_AGAIN)
        if self._manner.gives_up and (form := page.form_to("/restart")) is not None:
            return self._abandon(self._browser.submit(answer, form, {}))
        raise self._failed(NO_ANSWER, answer)

    def _state(self, address: str) -> str:
        answer = self._browser.look(address)
        try:
            return str(parse_object(answer.text.encode()).get("state"))
        except ValueError:
            return "unknown"  # a fault of the provider: the page itself tells what is wrong

    def _proceed(self, page: HtmlPage, answer: Answer) -> Answer:
        return self._press(page, answer, "/proceed")

    def _choose_activity(self, page: HtmlPage, answer: Answer) -> Answer:
        form = self._required(page, answer, "/activity")
        offered = form.choices.get("activity", [])
        chosen = self._manner.activity or form.fields.get("activity") or (offered or [""])[0]
        if chosen not in offered:
            raise self._failed(
                f"no activity {chosen!r} is offered, but {', '.join(offered)}", answer
            )
        return self._browser.submit(answer, form, {"activity": chosen})

    def _confirm(self, page: HtmlPage, answer: Answer) -> Answer:
        form = self._required(page, answer, "/confirm")
        button = "answer=confirm" if self._manner.confirms else "answer=reject"
        return self._browser.submit(answer, form, {}, button=button)

    def _carry_on(self, page: HtmlPage, answer: Answer) -> Answer:
        form = next((form for form in page.forms if form.element_id == "form-post"), None)
        if form is None:
            raise self._failed("the page back to the service holds no form", answer)
        return self._browser.submit(answer, form, {})

    def _give_up(self, page: HtmlPage, answer: Answer) -> Answer:
        return self._abandon(answer) if self._manner.gives_up else self._fail(page, answer)

    def _abandon(self, answer: Answer) -> Answer:
        return self._press(read_page(answer.text), answer, "/abandon")

    def _fail(self, page: HtmlPage, answer: Answer) -> Answer:
        name = _name(page) or "no page of a sign-in"
        raise self._failed(f"the sign-in ended at the provider ({name})", answer)

    def _press(self, page: HtmlPage, answer: Answer, ending: str) -> Answer:
        return self._browser.submit(answer, self._required(page, answer, ending), {})

    def _required(self, page: HtmlPage, answer: Answer, ending: str) -> Form:
        form = page.form_to(ending)
        if form is None:
            raise self._failed(f"the page has no form that leads to …{ending}", answer)
        return form

    def _failed(self, why: str, answer: Answer) -> LoginFailed:
        page = read_page(answer.text)
        return failure(
            why,
            said=" ".join([page.heading, *page.alerts]).strip() or answer.text[:_LONGEST_TOLD],
            url=answer.url,
            page=_name(page),
            did=self._hands.did(),
            recorded=self._hands.recorded(),
            steps=self._browser.steps[self._first_step :],
        )


def _name(page: HtmlPage) -> str:
    return page.template.removeprefix("idp/")
