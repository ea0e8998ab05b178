"""What a person answers on the pages that follow a sign-in, and giving it up."""

from dataclasses import replace

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.challenges.outcome import cancel
from idp.oauth.authorization.authorize import AuthorizationRequest
from idp.provider import Provider, current_provider
from idp.sessions import end_session
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
from idp.signin.pages import activity_page, rule_of, to_page
from idp.signin.resolve import grant_by_session, refuse, situation_of
from idp.store.models import BrowserSession
from idp.store.sessions import confirm_client, select_activity, withdraw_client
from idp.web.cookies import browser_hash
from idp.web.csrf import require_own_form


@bp.post("/signin/<handle>/abandon")
def abandon(handle: str) -> ResponseReturnValue:
    """Go back to the service with nothing."""
    require_own_form()
    provider = current_provider()
    with provider.store.begin() as db:
        opened = own_interaction(provider, db, handle)
        if opened.challenge is not None:
            cancel(db, opened.challenge.challenge_id)
        _leave(provider, db, opened)
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
        rule, session = rule_of(provider, db, opened)
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
            _leave(provider, db, opened)
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
        rule, session = rule_of(provider, db, opened)
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
        _leave(provider, db, opened)
        prompt = sorted({*opened.request.prompt, "login"})
        asked = replace(opened.request, prompt=prompt, login_hint="")
        new = begin_interaction(
            provider,
            db,
            asked,
            browser=browser_hash(),
            public_workstation=opened.public_workstation,
        )
    return to_page(new)


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


def _leave(provider: Provider, db: Session, opened: OpenInteraction) -> None:
    """End the interaction with nothing given; a session that no cookie finds ends with it."""
    spend_interaction(db, opened)
    if opened.sid is not None:
        end_session(provider, db, opened.sid)
