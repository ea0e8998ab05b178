"""The pages of a challenge under way: the number, the return to this phone, and how it ended."""

from http import HTTPStatus
from math import ceil
from urllib.parse import urlencode

from flask import render_template, request
from flask.typing import ResponseReturnValue

from idp.challenges.wording import neutralise
from idp.provider import Provider
from idp.psc.means import MOBILE
from idp.signin.interactions import OpenInteraction
from idp.signin.tabs import TAB_OF, offered_means
from idp.signin.wording import outcome_of, told_of_resending
from idp.store.models import Challenge

RESENT = "renvoi"
"""Tells in the page's address what became of asking the phone again."""
_PAUSED = "pause"
_MILLISECOND = 1000


def waiting_page(provider: Provider, opened: OpenInteraction) -> ResponseReturnValue:
    """The number to match, and the time that is left (decision 20)."""
    challenge = challenge_of(opened)
    settings = provider.settings
    left = challenge.expires_at - provider.clock.now()
    return render_template(
        "signin/waiting.html",
        handle=opened.handle,
        service=neutralise(opened.client.name),
        number=challenge.number,
        typed=settings.number_mode == "typed",
        seconds_left=max(0, ceil(left.total_seconds())),
        seconds_given=int((challenge.expires_at - challenge.created_at).total_seconds()),
        poll_milliseconds=int(settings.page_poll_interval.total_seconds() * _MILLISECOND),
        refresh_seconds=int(settings.page_refresh_interval.total_seconds()),
        is_paused=_PAUSED in request.args,
        resent=told_of_resending(request.args.get(RESENT, "")),
        same_device=challenge.document["same_device"],
        app_link=_app_link(provider, opened),
        error="",
    )


def completion_page(opened: OpenInteraction, *, error: str = "") -> ResponseReturnValue:
    """The page of an approved same-device sign-in that still lacks its secret (decision 25)."""
    body = render_template("signin/complete.html", handle=opened.handle, error=error)
    return body, HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK


def outcome_page(provider: Provider, opened: OpenInteraction, state: str) -> ResponseReturnValue:
    """How a challenge ended that gave no sign-in, and what to do next."""
    outcome = outcome_of(state)
    others = [one for one in offered_means(provider, opened) if one != MOBILE]
    return render_template(
        "signin/outcome.html",
        handle=opened.handle,
        service=neutralise(opened.client.name),
        kind=outcome.kind,
        title=outcome.title,
        text=outcome.text,
        steps=outcome.steps,
        other_means=[TAB_OF[one] for one in others],
        for_device=bool(opened.request.device),
    )


def challenge_of(opened: OpenInteraction) -> Challenge:
    """The challenge that an interaction waits for.

    Raises:
        LookupError: it waits for none.
    """
    if opened.challenge is None:
        raise LookupError("the interaction waits for no challenge")
    return opened.challenge


def _app_link(provider: Provider, opened: OpenInteraction) -> str:
    """What opens the phone's application, and where it brings the browser back to."""
    back = provider.settings.wallet_base_url + f"/signin/{opened.handle}/finish"
    return "ecps://signin?" + urlencode({"v": 1, "u": provider.settings.base_url, "r": back})
