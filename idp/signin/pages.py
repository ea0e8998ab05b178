"""The pages of a sign-in under way, each decided by what is stored, never by the address alone."""

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlencode

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from idp.challenges.outcome import state_of
from idp.challenges.wording import neutralise
from idp.directory.people import find_person
from idp.oauth.device_flow.decision import user_code_of
from idp.provider import Provider, current_provider
from idp.psc.means import CARD, MOBILE, available_means
from idp.psc.selected_activity import is_told_activity
from idp.settings import Settings
from idp.signin.about import about
from idp.signin.activity import Choice, choice_of, shown
from idp.signin.blueprint import bp
from idp.signin.decide import Step
from idp.signin.interactions import (
    OpenInteraction,
    bind_interaction,
    open_interaction,
    own_interaction,
    spend_interaction,
)
from idp.signin.resolve import answer_at_once, find_rule
from idp.signin.wording import (
    identifier_or_nothing,
    outcome_of,
    released_by,
    state_for_browser,
)
from idp.store.models import BrowserSession, Challenge
from idp.web.cookies import cookie_name

IDENTIFIER_COOKIE = "ecps_identifier"
_MILLISECOND = 1000


def to_page(handle: str) -> Response:
    """Send the browser to the page of an interaction, which knows how things stand."""
    return redirect(url_for("signin.show", handle=handle), HTTPStatus.SEE_OTHER)


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


def identifier_page(
    opened: OpenInteraction, *, value: str, remember: bool, error: str = ""
) -> ResponseReturnValue:
    """The page that asks who wants to sign in, by each means that the service accepts."""
    provider = current_provider()
    asked, settings = frozenset(opened.request.means), provider.settings
    body = render_template(
        "signin/identifier.html",
        handle=opened.handle,
        service=neutralise(opened.client.name),
        about=about(opened.client),
        value=value,
        remember=remember,
        error=error,
        by_phone=MOBILE in asked,
        by_card=CARD in asked & available_means(provider),
        card_address=f"{settings.card_base_url.rstrip('/')}/card/{opened.handle}",
        reader_address=_reader_address(settings, opened),
        for_device=bool(opened.request.device),
    )
    return body, HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK


def completion_page(opened: OpenInteraction, *, error: str = "") -> ResponseReturnValue:
    """The page of an approved same-device sign-in that still lacks its secret (decision 25)."""
    body = render_template("signin/complete.html", handle=opened.handle, error=error)
    return body, HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK


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
        rule, session = find_rule(provider, db, opened.request, opened.client, opened.began)
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
    return _PAGES.get(state, _outcome_page)(provider, opened)


def _request_page(
    provider: Provider, db: Session, opened: OpenInteraction
) -> ResponseReturnValue | None:
    """Tell, ask for a confirmation or a sign-in; nothing where no page is needed any more."""
    if opened.failures:
        return _notice_page(opened)
    rule, session = find_rule(provider, db, opened.request, opened.client, opened.began)
    if opened.request.is_silent or rule.step in {Step.GRANT, Step.UNMET}:
        return None
    if rule.step is Step.CONFIRM and session is not None:
        return _confirm_page(provider, db, opened, session)
    if rule.step is Step.CHOOSE and session is not None:
        return activity_page(opened, choice_of(db, opened.request, opened.client, session))
    remembered = request.cookies.get(cookie_name(IDENTIFIER_COOKIE), "")
    value = identifier_or_nothing(opened.request.login_hint) or identifier_or_nothing(remembered)
    return identifier_page(opened, value=value, remember=bool(remembered))


def _notice_page(opened: OpenInteraction) -> ResponseReturnValue:
    return render_template(
        "signin/notice.html",
        handle=opened.handle,
        failures=opened.failures,
        service=neutralise(opened.client.name),
    )


def _confirm_page(
    provider: Provider, db: Session, opened: OpenInteraction, session: BrowserSession
) -> ResponseReturnValue:
    person = find_person(db, session.national_id)
    asked, client = opened.request, opened.client
    released = released_by(asked.scope, asked.claims, registered=client.scope)
    if is_told_activity(client, asked.scope):
        released.append(_("l’activité au titre de laquelle vous vous connectez"))
    return render_template(
        "signin/confirm.html",
        handle=opened.handle,
        service=neutralise(client.name),
        about=about(client),
        name=person.display_name if person else session.national_id,
        national_id=session.national_id,
        sid=session.sid,
        released=released,
        user_code=user_code_of(provider, asked),
    )


def _waiting_page(provider: Provider, opened: OpenInteraction) -> ResponseReturnValue:
    challenge = _challenge_of(opened)
    settings = provider.settings
    left = challenge.expires_at - provider.clock.now()
    return render_template(
        "signin/waiting.html",
        handle=opened.handle,
        service=neutralise(opened.client.name),
        number=challenge.number,
        typed=settings.number_mode == "typed",
        seconds_left=max(0, int(left.total_seconds())),
        poll_milliseconds=int(settings.page_poll_interval.total_seconds() * _MILLISECOND),
        refresh_seconds=int(settings.page_refresh_interval.total_seconds()),
        same_device=challenge.document["same_device"],
        app_link=_app_link(provider, opened),
        error="",
    )


def _approved_page(_provider: Provider, opened: OpenInteraction) -> ResponseReturnValue:
    if _challenge_of(opened).document["same_device"]:
        return completion_page(opened)
    return redirect(url_for("signin.finish", handle=opened.handle), HTTPStatus.SEE_OTHER)


def _outcome_page(provider: Provider, opened: OpenInteraction) -> ResponseReturnValue:
    outcome = outcome_of(_state(provider, opened))
    return render_template(
        "signin/outcome.html",
        handle=opened.handle,
        title=outcome.title,
        text=outcome.text,
        for_device=bool(opened.request.device),
    )


def _app_link(provider: Provider, opened: OpenInteraction) -> str:
    """What opens the phone's application, and where it brings the browser back to."""
    back = provider.settings.wallet_base_url + f"/signin/{opened.handle}/finish"
    return "ecps://signin?" + urlencode({"v": 1, "u": provider.settings.base_url, "r": back})


def _reader_address(settings: Settings, opened: OpenInteraction) -> str:
    """The simulated reader's page, where there is one (docs/cards.md 4)."""
    reader = settings.card_reader_url
    return f"{reader}?{urlencode({'h': opened.handle})}" if reader else ""


def _challenge_of(opened: OpenInteraction) -> Challenge:
    if opened.challenge is None:
        raise LookupError("the interaction waits for no challenge")
    return opened.challenge


_PAGES: dict[str, Callable[[Provider, OpenInteraction], ResponseReturnValue]] = {
    "pending": _waiting_page,
    "approved": _approved_page,
}
"""By the challenge's state; any other state of a challenge is an outcome to be told."""
