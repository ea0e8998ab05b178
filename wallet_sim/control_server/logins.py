"""Logins: the browser and the person before it, for tests in languages without a driver."""

import secrets
from http import HTTPStatus
from typing import Literal

from pydantic import Field

from wallet_sim.control_server.desk import Desk
from wallet_sim.control_server.operations import Members, NationalId, Operations
from wallet_sim.harness.browser import Browser
from wallet_sim.harness.errors import LoginFailed
from wallet_sim.harness.login import LoginResult
from wallet_sim.harness.story import Step

operations = Operations()

_NAME = 12  # bytes


class LoginAsked(Members):
    """Who signs in to what, and how."""

    url: str = Field(pattern=r"^https?://")
    """The service's address that begins a login."""
    national_id: NationalId
    """Of somebody with a phone or a card here."""
    means: Literal["phone", "card"] = "phone"
    activity: str = ""
    """Identifier of the activity to act under, where the service asks for one."""
    confirms: bool = True
    """Whether entering a further service with the same session is confirmed."""
    gives_up: bool = False
    """Whether the person goes back to the service when the sign-in failed: `access_denied`."""
    patience: float = Field(20.0, gt=0, le=60)
    """Seconds of real time to wait for an answer that is still to come."""
    browser_id: str = ""
    """Of an earlier login, to go on in its browser; a new browser where it is left out."""


class LogoutAsked(Members):
    """Where to sign out, in which browser."""

    url: str = Field(pattern=r"^https?://")
    """The service's address that begins a logout."""
    browser_id: str


class StepTold(Members):
    """One request of the browser, and its answer."""

    method: str
    url: str
    status: int
    location: str
    page: str
    """Which page of the provider it was."""
    said: str
    """What that page told the person."""


class LoginTold(Members):
    """How a login or a logout ended."""

    returned: bool
    """Whether the browser came back to the service."""
    failure: str
    """The whole story, where it did not: what the page says, what the phone did, what the
    recorder saw."""
    url: str
    status: int
    """What the service answered at the end; 0 where the browser did not come back."""
    text: str
    cookies: dict[str, str]
    """The service's."""
    answer: dict[str, str]
    """The parameters that the provider sent the service: `code` and `state`, or `error`."""
    browser_id: str
    """To go on in the same browser; empty where a new one did not come back: it is not kept."""
    steps: list[StepTold]


@operations.add(
    "POST", "/logins", body=LoginAsked, answer=LoginTold,
    refusals={HTTPStatus.NOT_FOUND: "Nobody has this identifier, or no browser this name."},
)  # fmt: skip
def sign_in(desk: Desk, body: LoginAsked) -> LoginTold:
    """Sign a person in to a service: the service's redirects, the provider's pages, phone or card.

    A sign-in that does not come back to the service is an answer too: `returned` is false, and
    `failure` tells why.
    """
    person = desk.psc.people.find(body.national_id)
    browser = desk.browsers.get(body.browser_id) if body.browser_id else desk.psc.browser()
    try:
        result = desk.psc.login(
            body.url,
            person,
            means=body.means,
            activity=body.activity,
            confirms=body.confirms,
            gives_up=body.gives_up,
            patience=body.patience,
            browser=browser,
        )
    except LoginFailed as failed:
        return _failed(failed, body.browser_id)
    return _returned(result, body.browser_id or _kept(desk, browser))


@operations.add(
    "POST", "/logouts", body=LogoutAsked, answer=LoginTold,
    refusals={HTTPStatus.NOT_FOUND: "No browser of this name is kept."},
)  # fmt: skip
def sign_out(desk: Desk, body: LogoutAsked) -> LoginTold:
    """Sign out of a service, in a browser that signed in."""
    browser = desk.browsers.get(body.browser_id)
    try:
        result = desk.psc.logout(body.url, browser=browser)
    except LoginFailed as failed:
        return _failed(failed, body.browser_id)
    return _returned(result, body.browser_id)


def _kept(desk: Desk, browser: Browser) -> str:
    name = secrets.token_urlsafe(_NAME)
    desk.browsers.put(name, browser)
    return name


def _returned(result: LoginResult, browser_id: str) -> LoginTold:
    return LoginTold(
        returned=True,
        failure="",
        url=result.url,
        status=result.status,
        text=result.text,
        cookies=result.cookies,
        answer=result.answer,
        browser_id=browser_id,
        steps=[_step(step) for step in result.steps],
    )


def _failed(failed: LoginFailed, browser_id: str) -> LoginTold:
    return LoginTold(
        returned=False,
        failure=str(failed),
        url=failed.url,
        status=0,
        text="",
        cookies={},
        answer={},
        browser_id=browser_id,
        steps=[_step(step) for step in failed.steps],
    )


def _step(step: Step) -> StepTold:
    return StepTold(
        method=step.method,
        url=step.url,
        status=step.status,
        location=step.location,
        page=step.page,
        said=step.said,
    )
