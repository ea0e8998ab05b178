"""The pages of a sign-in under way, each decided by what is stored, never by the address alone."""

from http import HTTPStatus
from typing import Any

from flask import jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from idp.challenges.outcome import state_of
from idp.challenges.wording import neutralise
from idp.provider import Provider, current_provider
from idp.signin.activity import Choice, choice_of, shown
from idp.signin.blueprint import bp
from idp.signin.confirming import confirm_page
from idp.signin.decide import Rule, Step
from idp.signin.identifier import identifier_page
from idp.signin.interactions import (
    OpenInteraction,
    bind_interaction,
    open_interaction,
    own_interaction,
    spend_interaction,
)
from idp.signin.resolve import answer_at_once, find_rule
from idp.signin.waiting import challenge_of, completion_page, outcome_page, waiting_page
from idp.signin.wording import state_for_browser
from idp.store.models import BrowserSession


def to_page(handle: str, **told: Any) -> Response:
    """Send the browser to the page of an interaction, which knows how things stand."""
    return redirect(url_for("signin.show", handle=handle, **told), HTTPStatus.SEE_OTHER)


@bp.get("/signin/<handle>")
def show(handle: str) -> ResponseReturnValue:
    """The page of an interaction, as things stand; it writes only where it must."""
    provider = current_provider()
    with provider.store.read() as db:
        opened = open_interaction(provider, db, handle)
        page = _page_of(provider, db, opened) if opened.is_bound else None
    return page or _settle(provider, handle)


@bp.get("/signin/<handle>/status")
def status(handle: str) -> ResponseReturnValue:
    """How the challenge stands: one statement, no write, for the waiting page's script."""
    provider = current_provider()
    with provider.store.read() as db:
        opened = own_interaction(provider, db, handle)
    return jsonify(state=state_for_browser(_state(provider, opened)))


def activity_page(
    opened: OpenInteraction, choice: Choice, *, error: str = ""
) -> ResponseReturnValue:
    """The page that asks which activity a person acts under (CP-08)."""
    body = render_template(
        "signin/activity.html",
        handle=opened.handle,
        service=neutralise(opened.client.name),
        activities=[shown(activity) for activity in choice.activities],
        chosen=choice.chosen.activity_id if choice.chosen else "",
        error=error,
        for_device=bool(opened.request.device),
    )
    return body, HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK


def rule_of(
    provider: Provider, db: Session, opened: OpenInteraction
) -> tuple[Rule, BrowserSession | None]:
    """The rule that applies to an interaction now, and the session that it goes by."""
    return find_rule(provider, db, opened.request, opened.client, opened.began, sid=opened.sid)


def _state(provider: Provider, opened: OpenInteraction) -> str:
    if opened.challenge is None:
        return "none"
    return state_of(opened.challenge, provider.clock.now())


def _settle(provider: Provider, handle: str) -> ResponseReturnValue:
    """Tie the interaction to its browser, then answer the client where no page is needed."""
    with provider.store.begin() as db:
        opened = open_interaction(provider, db, handle)
        if not opened.is_bound:
            bind_interaction(db, opened)
        page = _page_of(provider, db, opened)
        if page is not None:
            return page
        rule, session = rule_of(provider, db, opened)
        answer = answer_at_once(
            provider, db, opened.request, opened.client, rule=rule, session=session
        )
        if answer is None:
            return to_page(handle)
        spend_interaction(db, opened)
        return answer


def _page_of(
    provider: Provider, db: Session, opened: OpenInteraction
) -> ResponseReturnValue | None:
    state = _state(provider, opened)
    if state in {"none", "finished"}:
        return _request_page(provider, db, opened)
    if state == "pending":
        return waiting_page(provider, opened)
    if state == "approved":
        return _approved_page(opened)
    return outcome_page(provider, opened, state)


def _request_page(
    provider: Provider, db: Session, opened: OpenInteraction
) -> ResponseReturnValue | None:
    """Tell, ask for a confirmation or a sign-in; nothing where no page is needed any more."""
    if opened.failures:
        return _notice_page(opened)
    rule, session = rule_of(provider, db, opened)
    if opened.request.is_silent or rule.step in {Step.GRANT, Step.UNMET}:
        return None
    if rule.step is Step.CONFIRM and session is not None:
        return confirm_page(provider, db, opened, session)
    if rule.step is Step.CHOOSE and session is not None:
        return activity_page(opened, choice_of(db, opened.request, opened.client, session))
    return identifier_page(opened)


def _notice_page(opened: OpenInteraction) -> ResponseReturnValue:
    return render_template(
        "signin/notice.html",
        handle=opened.handle,
        failures=opened.failures,
        service=neutralise(opened.client.name),
    )


def _approved_page(opened: OpenInteraction) -> ResponseReturnValue:
    if challenge_of(opened).document["same_device"]:
        return completion_page(opened)
    return redirect(url_for("signin.finish", handle=opened.handle), HTTPStatus.SEE_OTHER)
