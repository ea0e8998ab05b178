"""Finishing a sign-in: the approval is spent, the session opened, the client answered.

One transaction, and only in the browser that began (attack 31).
"""

from dataclasses import dataclass
from http import HTTPStatus

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wrappers import Response

from idp.challenges import outcome
from idp.challenges.wording import browser_family, place_name
from idp.directory.people import find_person_and_account
from idp.provider import Provider, current_provider
from idp.psc.means import MOBILE
from idp.sessions import end_session
from idp.signin.blueprint import bp
from idp.signin.decide import Step, decide
from idp.signin.interactions import (
    OpenInteraction,
    note_failures,
    own_interaction,
    spend_interaction,
)
from idp.signin.memory import forget_person, remember_means
from idp.signin.pages import to_page
from idp.signin.resolve import grant, refuse, refuse_person, situation_of
from idp.signin.sessions import (
    drop_session_cookie,
    find_session,
    give_session_cookie,
    open_session,
)
from idp.signin.throttle import know_browser
from idp.signin.waiting import completion_page
from idp.signin.workstation import is_public
from idp.store.interactions import keep_own_session, replace_challenge
from idp.store.models import BrowserSession, Card
from idp.store.sessions import confirm_client
from idp.web.csrf import require_own_form
from idp.web.errors import error_page


@bp.route("/signin/<handle>/finish", methods=["GET", "POST"])
def finish(handle: str) -> ResponseReturnValue:
    """Finish an approved sign-in; a same-device one brings the phone's secret (decision 25)."""
    if request.method == "HEAD":  # a look ahead must not spend the approval
        raise MethodNotAllowed(["GET", "POST"])
    if request.method == "POST":
        require_own_form()
    provider = current_provider()
    completion = request.values.get("completion", "").strip() or None
    with provider.store.begin() as db:
        opened = own_interaction(provider, db, handle)
        if opened.challenge is None:
            return to_page(handle)
        approved = outcome.finish(
            db, opened.challenge.challenge_id, completion=completion, now=provider.clock.now()
        )
        if approved is None:
            return _not_finished(opened, completion)
        # The person's own slips during this very sign-in are no news to them.
        # An evaluation that was interrupted is a try without a told failure.
        failures = max(approved.failures_told - (approved.tries - 1), 0)
        proof = Proof(approved.national_id, MOBILE, device_id=approved.device_id, failures=failures)
        return enter(provider, db, opened, proof)


def _not_finished(opened: OpenInteraction, completion: str | None) -> ResponseReturnValue:
    challenge = opened.challenge
    if completion is None or challenge is None or challenge.state != "approved":
        return to_page(opened.handle)
    return completion_page(opened, error=_("Ce code de retour n’est pas le bon."))


@dataclass(frozen=True)
class Proof:
    """One authentication, just proved in this browser: whose, and by what."""

    national_id: str
    means: str
    device_id: str | None = None
    card: Card | None = None
    credential_id: str | None = None
    """The security key that answered."""
    failures: int = 0
    """Wrong PINs since the last sign-in, still to be told (decision 19)."""


def enter(provider: Provider, db: Session, opened: OpenInteraction, proof: Proof) -> Response:
    """Open the session of an authentication, whatever its means, and answer the client."""
    found = find_person_and_account(db, proof.national_id, provider.clock.now())
    if found is None:
        refuse_person(provider, db, proof.national_id, opened.request.client_id)
        return error_page(
            HTTPStatus.FORBIDDEN,
            text=_("Votre inscription n’est plus active : contactez votre Ordre."),
        )
    person, account = found
    previous, _confirmed = find_session(provider, db, opened.request.client_id, opened.sid)
    session, secret = open_session(
        provider,
        db,
        previous=previous,
        account_id=account.account_id,
        national_id=person.national_id,
        means=proof.means,
        device_id=proof.device_id,
        card=proof.card,
        credential_id=proof.credential_id,
        public_workstation=is_public(opened),
        browser=browser_family(request.user_agent.string),
        place=place_name(provider.settings.networks, request.remote_addr or ""),
    )
    response = _answer(provider, db, opened, session, proof.failures)
    if session.public_workstation:
        drop_session_cookie(response)
        forget_person(response)
        return response
    give_session_cookie(response, secret)
    know_browser(provider, response, person.national_id)
    remember_means(response, proof.means)
    return response


def drop_challenge(db: Session, opened: OpenInteraction) -> None:
    """The phone asked before is asked no more: another means is used, or to be chosen."""
    if opened.challenge is None or opened.challenge.state == "finished":
        return
    outcome.cancel(db, opened.challenge.challenge_id)
    replace_challenge(db, opened.digest, old=opened.challenge.challenge_id, new=None)


def _answer(
    provider: Provider,
    db: Session,
    opened: OpenInteraction,
    session: BrowserSession,
    failures: int,
) -> Response:
    """The client's answer, unless the person must be told or asked something first."""
    rule = decide(
        situation_of(
            provider,
            db,
            opened.request,
            opened.client,
            session,
            confirmed=True,
            began=opened.began,
        )
    )
    if rule.step in {Step.SIGN_IN, Step.UNMET}:
        spend_interaction(db, opened)
        if session.public_workstation:
            end_session(provider, db, session.sid)
        return refuse(provider, db, opened.request, rule.silent_error)
    if rule.step is not Step.CONFIRM:
        confirm_client(db, session.sid, opened.request.client_id, now=provider.clock.now())
    if failures or rule.step in {Step.CONFIRM, Step.CHOOSE}:
        note_failures(db, opened, failures)
        if session.public_workstation:
            keep_own_session(db, opened.digest, session.sid)
        return to_page(opened.handle)
    spend_interaction(db, opened)
    return grant(provider, db, opened.request, opened.client, session)
