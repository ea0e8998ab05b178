"""Signing in as business software does: no browser goes to the provider (CIBA Core 1.0)."""

from http import HTTPStatus

from authlib.integrations.base_client import OAuthError
from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from relying_services.oncology.cases import identifier_of
from relying_services.oncology.store import sign_ins
from relying_services.oncology.store.models import SignInRow
from relying_services.service import provider
from relying_services.service.ciba import CHANNELS, SLOWER_BY, AskedTooSoon, Software, StillWaits
from relying_services.service.forms import Errors, FormWrong
from relying_services.service.service import this_service
from relying_services.service.sign_in import enter
from relying_services.service.trace import Actor

_ASKED = "asked"

bp = Blueprint("software", __name__)


@bp.get("/connexion")
def ask() -> ResponseReturnValue:
    """Whom to ask for, and by which means."""
    return _form({})


@bp.post("/connexion")
def start() -> ResponseReturnValue:
    """Ask the provider for the person, with a number to match."""
    channel, service = request.form.get("channel", ""), this_service()
    try:
        national_id = identifier_of(request.form.get("identifiant", ""))
    except FormWrong as error:
        return _form(error.errors), HTTPStatus.BAD_REQUEST
    if channel not in CHANNELS:
        return _form({"channel": _("Choisissez un moyen de la liste.")}), HTTPStatus.BAD_REQUEST
    # Who typed the identifier is not known: the trace names the person as asked for, not as acting.
    asking, person = Actor("", channel), f"person:{national_id}"
    try:
        asked = _software().ask(national_id, channel)
    except OAuthError as error:
        with service.store.begin() as db:
            service.note(db, asking, "sign_in:asked", object=person, refused=str(error.error))
        raise
    _forget_asked()
    with service.store.begin() as db:
        session[_ASKED] = sign_ins.keep(db, service.clock.now(), asked)
        service.note(db, asking, "sign_in:asked", object=person)
    return redirect(url_for("software.wait"), HTTPStatus.SEE_OTHER)


@bp.get("/connexion/attente")
def wait() -> ResponseReturnValue:
    """Ask for the outcome once an interval; the page comes back until there is one."""
    service = this_service()
    now = service.clock.now()
    with service.store.begin() as db:
        row = sign_ins.find(db, session.get(_ASKED))
        is_to_be_asked = row is not None and sign_ins.is_to_be_asked(db, row, now)
    if row is None:
        return redirect(url_for("software.ask"))
    is_paused = "pause" in request.args
    waiting = render_template("oncology/waiting.html", asked=row, is_paused=is_paused)
    if not is_to_be_asked:
        return waiting
    try:
        token = _software().tokens(row.auth_req_id)
    except AskedTooSoon:
        with service.store.begin() as db:
            sign_ins.slow_down(db, row, SLOWER_BY)
        return waiting
    except StillWaits:
        return waiting
    except OAuthError:
        _end(row)
        raise
    if not _end(row):
        return redirect(url_for("software.ask"))
    return enter(token)


@bp.post("/connexion/abandon")
def cancel() -> ResponseReturnValue:
    """Give up waiting: whatever the person answers from now on signs nobody in here."""
    _forget_asked()
    return redirect(url_for("software.ask"), HTTPStatus.SEE_OTHER)


def _forget_asked() -> None:
    """A browser waits for one sign-in: those that it asked for before open nothing any more."""
    with this_service().store.begin() as db:
        row = sign_ins.find(db, session.pop(_ASKED, None))
        if row is not None:
            sign_ins.end(db, row)


def _end(row: SignInRow) -> bool:
    session.pop(_ASKED, None)
    with this_service().store.begin() as db:
        return sign_ins.end(db, row)


def _software() -> Software:
    settings = this_service().settings
    return Software(provider.psc(), settings.client_id, settings.client_secret, settings.timeout)


def _form(errors: Errors) -> str:
    return render_template("oncology/sign_in.html", errors=errors, typed=request.form)
