"""Testing my e-CPS: a whole sign-in by the phone, and what it came to ("Je teste ma e-CPS")."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from idp.audit.events import Event
from idp.portal.blueprint import bp
from idp.portal.visitors import find_visitor
from idp.provider import current_provider
from idp.psc.means import MOBILE
from idp.store.account import events_of_person
from idp.store.devices import active_devices

_WHAT_FAILED: dict[Event, Any] = {
    Event.CHALLENGE_REFUSED: _(
        "La demande a été refusée sur le téléphone. Recommencez, et choisissez cette fois "
        "d’approuver."
    ),
    Event.CHALLENGE_NOT_ME: _(
        "Vous avez répondu ne pas être à l’origine de la demande. Si c’était bien vous, "
        "recommencez en ouvrant vous-même l’application : pendant un moment, elle n’est plus "
        "avertie."
    ),
    Event.CHALLENGE_WRONG_NUMBER: _(
        "Le nombre choisi sur le téléphone n’était pas celui de la page. Recommencez, et comparez "
        "les deux nombres."
    ),
    Event.PIN_REFUSED: _(
        "Le code e-CPS saisi n’était pas le bon. Un code oublié ne se retrouve pas : supprimez "
        "l’e-CPS, puis activez-la de nouveau."
    ),
    Event.PIN_LOCKED: _(
        "Trop de codes e-CPS faux : attendez le temps indiqué par l’application, puis recommencez."
    ),
    Event.DEVICE_BLOCKED: _(
        "L’e-CPS est bloquée : révoquez-la depuis « Mes téléphones », puis activez-en une autre."
    ),
    Event.DEVICE_SUSPENDED: _(
        "L’e-CPS a été suspendue par sécurité : « Mes téléphones » dit pourquoi et que faire."
    ),
}


@bp.get("/test")
def test_page() -> ResponseReturnValue:
    """What the test does, for whoever comes: it is itself a sign-in."""
    return render_template("portal/test.html", seconds=_seconds_to_answer())


@bp.get("/test/reussi")
def test_passed() -> ResponseReturnValue:
    """The phone answered just now: by this very session's word, nothing typed in the address."""
    provider = current_provider()
    with provider.store.read() as db:
        visitor = find_visitor(provider, db)
        at = visitor.session.means.get(MOBILE) if visitor else None
        if visitor is None or at is None:
            return redirect(url_for("portal.test_page"), HTTPStatus.SEE_OTHER)
        now, phone_id = provider.clock.now(), visitor.session.device_id
        answered_at = datetime.fromtimestamp(at, UTC)
        if now - answered_at > provider.settings.portal_test_window:
            return redirect(url_for("portal.test_page"), HTTPStatus.SEE_OTHER)
        phones = active_devices(db, visitor.person.national_id, now)
    name = next((phone.name for phone in phones if phone.device_id == phone_id), "")
    return render_template(
        "portal/test_passed.html",
        person=visitor.person.display_name,
        phone=name,
        answered_at=answered_at,
    )


@bp.get("/test/echoue")
def test_failed() -> ResponseReturnValue:
    """What the journal knows of why; who is signed in nowhere is told what to check."""
    provider = current_provider()
    since = provider.clock.now() - provider.settings.portal_test_window
    with provider.store.read() as db:
        visitor = find_visitor(provider, db)
        events = [event.value for event in _WHAT_FAILED]
        rows = (
            events_of_person(db, visitor.identifiers(db), events=events, since=since, limit=1)
            if visitor
            else []
        )
    return render_template(
        "portal/test_failed.html", reasons=[_WHAT_FAILED[Event(row.event)] for row in rows]
    )


def _seconds_to_answer() -> int:
    return int(current_provider().settings.web_challenge_lifetime.total_seconds())
