"""Sign-ins to the account, by whatever means: told to the person, counted as use (domain, 6)."""

from datetime import timedelta

from flask import Response, request
from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from relying_services.mon_compte.guarded import MEANS, known_cookie
from relying_services.mon_compte.shown import settings
from relying_services.mon_compte.store.credential_models import CredentialRow
from relying_services.mon_compte.store.credentials import know_browser, note_entry
from relying_services.paris import PARIS
from relying_services.service import trace
from relying_services.service.service import this_service, who
from relying_services.service.store.messages import write
from relying_services.service.store.sessions import end_session, open_session

_DAY = 86_400


def on_entry(db: Session, actor: trace.Actor) -> None:
    """A person who has a password here signed in: mail them, and let the access not fall asleep.

    By card or phone, this unblocks an access that was not used for too long.
    """
    now = this_service().clock.now()
    credential = note_entry(db, actor.id, now)
    if credential is None:
        return
    means = {
        "CARD": _("avec votre carte"),
        "MOBILE": _("avec votre e-CPS"),
        "WEBAUTHN": _("avec votre clé de sécurité"),
        MEANS: _("avec votre mot de passe"),
    }
    text = _(
        "Une connexion à « Mon compte » a eu lieu le %(moment)s, %(means)s, depuis l’adresse "
        "%(address)s.\n\nSi ce n’était pas vous, changez votre mot de passe et prévenez votre "
        "caisse.",
        moment=format_datetime(now.astimezone(PARIS), "d MMMM y, HH:mm", rebase=False),
        means=means.get(actor.means, actor.means),
        address=request.remote_addr or "",
    )
    subject = _("Connexion à Mon compte")
    write(db, now, kind="mail", recipient=credential.email, subject=subject, text=text)


def enter_by_password(db: Session, credential: CredentialRow) -> str:
    """Open the session of somebody whose password was right; gives its handle."""
    service = this_service()
    before = who()
    if before is not None:
        end_session(db, before)
    actor = trace.Actor(credential.actor, MEANS)
    handle = open_session(
        db,
        service.settings.limits,
        service.clock.now(),
        actor=credential.actor,
        name=credential.name,
        means=MEANS,
        activity={},
    )
    service.note(db, actor, "session:opened")
    on_entry(db, actor)
    return handle


def know(db: Session, actor: str, handle: str) -> None:
    """Know this browser from now on: strangers use nothing of its budget up (decision 24)."""
    now = this_service().clock.now()
    before = now - timedelta(days=settings().unused_days)
    know_browser(db, actor, handle, now, before=before)


def mark(response: Response, handle: str) -> Response:
    """Give a browser the cookie by which it is known."""
    response.set_cookie(
        known_cookie(),
        handle,
        max_age=settings().unused_days * _DAY,
        path="/acces",
        secure=settings().base_url.startswith("https:"),
        httponly=True,
        samesite="Lax",
    )
    return response
