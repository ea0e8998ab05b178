"""Asking the phone: by the identifier typed, again, on this very phone, or no more."""

from http import HTTPStatus

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from idp.challenges import start as challenges
from idp.challenges.outcome import cancel, state_of
from idp.provider import Provider, current_provider
from idp.psc.means import MOBILE
from idp.signin.blueprint import bp
from idp.signin.finish import drop_challenge
from idp.signin.identifier import identifier_refused_page
from idp.signin.interactions import OpenInteraction, own_interaction
from idp.signin.memory import forget_identifier, forget_person, remember_identifier
from idp.signin.pages import to_page
from idp.signin.tabs import ARGUMENT, TAB_OF
from idp.signin.throttle import is_known_browser, may_start, push_budget
from idp.signin.waiting import RESENT
from idp.signin.wording import IdentifierRefused, read_typed_identifier
from idp.signin.workstation import is_public, note_workstation
from idp.store.interactions import replace_challenge
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
        old = opened.challenge
        if old is not None and state_of(old, provider.clock.now()) in _IN_USE:
            note_workstation(db, opened)
            return to_page(handle)
        try:
            national_id = read_typed_identifier(typed)
        except IdentifierRefused as error:
            return identifier_refused_page(opened, value=typed, remember=remember, error=str(error))
        if not may_start(provider, db, request.remote_addr or "", national_id):
            return _too_many()
        note_workstation(db, opened)
        same_device = "same_device" in request.form
        _ask(provider, db, opened, national_id, same_device=same_device)
    response = to_page(handle)
    if is_public(opened):
        forget_person(response)
    elif remember:
        remember_identifier(response, national_id)
    else:
        forget_identifier(response)
    return response


@bp.post("/signin/<handle>/here")
def continue_here(handle: str) -> ResponseReturnValue:
    """Ask the same phone anew, as the one that this browser runs on (decision 25)."""
    require_own_form()
    provider = current_provider()
    with provider.store.begin() as db:
        opened = own_interaction(provider, db, handle)
        old = opened.challenge
        if old is None or state_of(old, provider.clock.now()) != "pending":
            return to_page(handle)
        if not may_start(provider, db, request.remote_addr or "", old.national_id):
            return _too_many()
        cancel(db, old.challenge_id)
        _ask(provider, db, opened, old.national_id, same_device=True)
    return to_page(handle)


@bp.post("/signin/<handle>/resend")
def resend(handle: str) -> ResponseReturnValue:
    """Tell the phone again; the challenge stays as it is.

    What the page says of it depends on this browser's address alone: whether there is a phone, and
    whether its budget of pushes is spent, nobody is told here (decisions 17 and 24).
    """
    require_own_form()
    provider = current_provider()
    with provider.store.begin() as db:
        opened = own_interaction(provider, db, handle)
        challenge = opened.challenge
        if challenge is None or state_of(challenge, provider.clock.now()) != "pending":
            return to_page(handle)
        national_id = challenge.national_id
        if not may_start(provider, db, request.remote_addr or "", national_id):
            return to_page(handle, **{RESENT: "trop"})
        budget = push_budget(provider, db, national_id)
        challenges.resend(provider, db, challenge, budget)
    return to_page(handle, **{RESENT: "fait"})


@bp.post("/signin/<handle>/restart")
def restart(handle: str) -> ResponseReturnValue:
    """Give up the challenge, and ask by what means to go on."""
    require_own_form()
    provider = current_provider()
    with provider.store.begin() as db:
        opened = own_interaction(provider, db, handle)
        drop_challenge(db, opened)
    tab = request.form.get(ARGUMENT, "")
    return to_page(handle, **({ARGUMENT: tab} if tab in TAB_OF.values() else {}))


def _ask(
    provider: Provider,
    db: Session,
    opened: OpenInteraction,
    national_id: str,
    *,
    same_device: bool,
) -> None:
    """Start a challenge, and let the interaction wait for it instead of the one before."""
    challenge = challenges.start_signin(
        provider,
        db,
        national_id=national_id,
        client=opened.client,
        address=request.remote_addr or "",
        user_agent=request.user_agent.string,
        same_device=same_device,
        budget=push_budget(provider, db, national_id),
        known_browser=is_known_browser(provider, national_id),
    )
    old = opened.challenge.challenge_id if opened.challenge else None
    if not replace_challenge(db, opened.digest, old=old, new=challenge.challenge_id):
        # A simultaneous form was faster: leaving by an error undoes this challenge.
        abort(to_page(opened.handle))


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
