"""What a person does on the pages of a sign-in: every form of them."""

from dataclasses import replace
from http import HTTPStatus

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.challenges import start as challenges
from idp.challenges.outcome import cancel, state_of
from idp.oauth.authorization.authorize import AuthorizationRequest
from idp.provider import Provider, current_provider
from idp.psc.means import MOBILE
from idp.signin.activity import choice_of
from idp.signin.blueprint import bp
from idp.signin.decide import Step, decide
from idp.signin.interactions import (
    OpenInteraction,
    begin_interaction,
    keep_request,
    note_failures,
    own_interaction,
    spend_interaction,
)
from idp.signin.pages import IDENTIFIER_COOKIE, activity_page, identifier_page, to_page
from idp.signin.resolve import find_rule, grant_by_session, refuse, situation_of
from idp.signin.throttle import is_known_browser, may_start, push_budget
from idp.signin.wording import IdentifierRefused, read_typed_identifier
from idp.store.interactions import replace_challenge
from idp.store.models import BrowserSession
from idp.store.sessions import confirm_client, select_activity, withdraw_client
from idp.web.cookies import browser_hash, drop_cookie, set_cookie
from idp.web.csrf import require_own_form
from idp.web.errors import error_page

_IN_USE = {"pending", "approved"}


@bp.post("/signin/<handle>")
def start(handle: str) -> ResponseReturnValue:
    """Ask the phone of the person who typed an identifier."""
    require_own_form()
    provider = current_provider()
    typed = request.form.get("national_id", "")
    remember = "remember" in request.form
    with provider.store.begin() as db:
        opened = own_interaction(provider, db, handle)
        if MOBILE not in opened.request.means:  # the page of such a service has no such form
            return to_page(handle)
        now = provider.clock.now()
        old = opened.challenge
        if old is not None and state_of(old, now) in _IN_USE:
            return to_page(handle)
        try:
            national_id = read_typed_identifier(typed)
        except IdentifierRefused as error:
            return identifier_page(opened, value=typed, remember=remember, error=str(error))
        address = request.remote_addr or ""
        if not may_start(provider, db, address, national_id):
            return _too_many()
        challenge = challenges.start_signin(
            provider,
            db,
            national_id=national_id,
            client=opened.client,
            address=address,
            user_agent=request.user_agent.string,
            same_device="same_device" in request.form,
            budget=push_budget(provider, db, national_id),
            known_browser=is_known_browser(provider, national_id),
        )
        old_id = old.challenge_id if old else None
        if not replace_challenge(db, opened.digest, old=old_id, new=challenge.challenge_id):
            # A simultaneous form was faster: leaving by an error undoes this challenge.
            abort(to_page(handle))
    response = to_page(handle)
    if remember:
        age = provider.settings.browser_memory
        set_cookie(response, IDENTIFIER_COOKIE, national_id, max_age=age)
    else:
        drop_cookie(response, IDENTIFIER_COOKIE)
    return response


@bp.post("/signin/<handle>/resend")
def resend(handle: str) -> ResponseReturnValue:
    """Tell the phone again; the challenge stays as it is."""
    require_own_form()
    provider = current_provider()
    with provider.store.begin() as db:
        opened = own_interaction(provider, db, handle)
        challenge = opened.challenge
        if challenge is not None and state_of(challenge, provider.clock.now()) == "pending":
            national_id = challenge.national_id
            if not may_start(provider, db, request.remote_addr or "", national_id):
                return _too_many()
            budget = push_budget(provider, db, national_id)
            challenges.resend(provider, db, challenge, budget)
    return to_page(handle)


@bp.post("/signin/<handle>/restart")
def restart(handle: str) -> ResponseReturnValue:
    """Give up the challenge, and ask for the identifier again."""
    require_own_form()
    provider = current_provider()
    with provider.store.begin() as db:
        opened = own_interaction(provider, db, handle)
        if opened.challenge is not None and opened.challenge.state != "finished":
            cancel(db, opened.challenge.challenge_id)
            replace_challenge(db, opened.digest, old=opened.challenge.challenge_id, new=None)
    return to_page(handle)


@bp.post("/signin/<handle>/abandon")
def abandon(handle: str) -> ResponseReturnValue:
    """Go back to the service with nothing."""
    require_own_form()
    provider = current_provider()
    with provider.store.begin() as db:
        opened = own_interaction(provider, db, handle)
        if opened.challenge is not None:
            cancel(db, opened.challenge.challenge_id)
        spend_interaction(db, opened)
        return refuse(provider, db, opened.request, "access_denied")


@bp.post("/signin/<handle>/proceed")
def proceed(handle: str) -> ResponseReturnValue:
    """Go on after the notice of wrong PINs was read (decision 19)."""
    require_own_form()
    provider = current_provider()
    with provider.store.begin() as db:
        note_failures(db, own_interaction(provider, db, handle), 0)
    return to_page(handle)


@bp.post("/signin/<handle>/confirm")
def confirm(handle: str) -> ResponseReturnValue:
    """Let the service in, or not, with the account that the page showed (decision 13)."""
    require_own_form()
    provider = current_provider()
    with provider.store.begin() as db:
        opened = own_interaction(provider, db, handle)
        asked = opened.request
        rule, session = find_rule(provider, db, asked, opened.client, opened.began)
        if session is None or rule.step not in {Step.CONFIRM, Step.GRANT}:
            return to_page(handle)
        if session.sid != request.form.get("sid"):
            return to_page(handle)
        confirmed = request.form.get("answer") == "confirm"
        now = provider.clock.now()
        record(
            db,
            Event.SERVICE_CONFIRMED if confirmed else Event.SERVICE_REJECTED,
            now=now,
            person=session.national_id,
            client_id=asked.client_id,
            sid=session.sid,
        )
        if not confirmed:
            spend_interaction(db, opened)
            withdraw_client(db, session.sid, asked.client_id)
            return refuse(provider, db, asked, "access_denied")
        confirm_client(db, session.sid, asked.client_id, now=now)
        answered = replace(asked, prompt=[one for one in asked.prompt if one != "consent"])
        if _must_choose(provider, db, opened, answered, session):
            keep_request(db, opened, answered)
            return to_page(handle)
        spend_interaction(db, opened)
        return grant_by_session(provider, db, asked, opened.client, session)


@bp.post("/signin/<handle>/activity")
def choose_activity(handle: str) -> ResponseReturnValue:
    """Take the activity that the person acts under at this service (CP-08, decision 15)."""
    require_own_form()
    provider = current_provider()
    with provider.store.begin() as db:
        opened = own_interaction(provider, db, handle)
        asked = opened.request
        rule, session = find_rule(provider, db, asked, opened.client, opened.began)
        if session is None or rule.step not in {Step.CHOOSE, Step.GRANT}:
            return to_page(handle)
        choice = choice_of(db, asked, opened.client, session)
        if not choice.activities:
            return to_page(handle)
        picked = choice.find(request.form.get("activity", ""))
        if picked is None:
            return activity_page(opened, choice, error=_("Choisissez l’une de vos activités."))
        if not select_activity(db, session.sid, asked.client_id, picked.activity_id):
            return to_page(handle)
        spend_interaction(db, opened)
        return grant_by_session(provider, db, asked, opened.client, session, picked=picked)


@bp.post("/signin/<handle>/another")
def another(handle: str) -> ResponseReturnValue:
    """Begin the same request anew, for somebody else at this browser."""
    require_own_form()
    provider = current_provider()
    with provider.store.begin() as db:
        opened = own_interaction(provider, db, handle)
        spend_interaction(db, opened)
        prompt = sorted({*opened.request.prompt, "login"})
        asked = replace(opened.request, prompt=prompt, login_hint="")
        new = begin_interaction(provider, db, asked, browser=browser_hash())
    return redirect(url_for("signin.show", handle=new), HTTPStatus.SEE_OTHER)


def _must_choose(
    provider: Provider,
    db: Session,
    opened: OpenInteraction,
    asked: AuthorizationRequest,
    session: BrowserSession,
) -> bool:
    case = situation_of(
        provider, db, asked, opened.client, session, confirmed=True, began=opened.began
    )
    return decide(case).step is Step.CHOOSE


def _too_many() -> ResponseReturnValue:
    wait = int(current_provider().settings.start_window.total_seconds())
    response = error_page(
        HTTPStatus.TOO_MANY_REQUESTS,
        text=_(
            "Trop de connexions ont été demandées depuis votre réseau. Réessayez dans "
            "%(seconds)s secondes.",
            seconds=wait,
        ),
    )
    response.headers["Retry-After"] = str(wait)
    return response
