"""Activating an e-CPS by card: the QR, the code of the phone, and how it ended (EC-05, EC-23)."""

import base64
import re
from http import HTTPStatus

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from idp.enrolment.pairing import (
    CODE_DIGITS,
    CardDoesNotVouch,
    confirm,
    qr_of,
    standing_of,
    start_pairing,
    token_of,
)
from idp.enrolment.tokens import for_reading
from idp.outbox.qr_image import draw_qr
from idp.portal.blueprint import bp
from idp.portal.entrance import to_entrance
from idp.portal.visitors import Visitor, find_visitor
from idp.portal.wording import ending_of
from idp.provider import Provider, current_provider
from idp.store.models import Pairing
from idp.store.pairings import newest_pairing
from idp.web.errors import error_page

PAGE = "e-cps"
_MILLISECOND = 1000
_CODE = re.compile(rf"[0-9]{{{CODE_DIGITS}}}")


@bp.get("/e-cps")
def pairing_page() -> ResponseReturnValue:
    """The page of this session's pairing, as things stand."""
    provider = current_provider()
    with provider.store.read() as db:
        visitor = find_visitor(provider, db)
        if visitor is None or visitor.session.card_number is None:
            return to_entrance(PAGE)
        pairing = newest_pairing(db, visitor.session.sid)
    standing = _standing(provider, pairing)
    if pairing is None and visitor.card_within(provider) is None:
        return to_entrance(PAGE)
    return _page(provider, visitor, pairing, standing)


@bp.post("/e-cps/qr")
def new_qr() -> ResponseReturnValue:
    """Show a new QR; whatever waited before is over (RGAA 13.1)."""
    provider = current_provider()
    with provider.store.begin() as db:
        visitor = find_visitor(provider, db)
        card_number = visitor.card_within(provider) if visitor else None
        if visitor is None or card_number is None:
            return to_entrance(PAGE)
        try:
            start_pairing(
                provider,
                db,
                sid=visitor.session.sid,
                card_number=card_number,
                national_id=visitor.session.national_id,
            )
        except CardDoesNotVouch:
            return _card_refused()
    return _to_page()


@bp.post("/e-cps/code")
def take_code() -> ResponseReturnValue:
    """Take the code that the phone shows: one try."""
    provider = current_provider()
    typed = "".join(request.form.get("code", "").split())
    with provider.store.begin() as db:
        visitor = find_visitor(provider, db)
        if visitor is None:
            return to_entrance(PAGE)
        pairing = newest_pairing(db, visitor.session.sid)
        standing = _standing(provider, pairing)
        # A page left open since another QR was asked for confirms nothing.
        if pairing is None or pairing.pairing_id != request.form.get("pairing"):
            return _to_page()
        if standing != "scanned":
            return _to_page()
        if not _CODE.fullmatch(typed):
            error = _("Saisissez les 6 chiffres affichés par le téléphone, exemple 042137.")
            return _page(provider, visitor, pairing, standing, error=error), HTTPStatus.BAD_REQUEST
        if not _confirm(provider, db, visitor, pairing, typed):
            return _card_refused()
    return _to_page()


@bp.get("/e-cps/etat")
def pairing_status() -> ResponseReturnValue:
    """Whether the pairing still stands as the page shows it (`vu`): one read, for its script."""
    provider = current_provider()
    with provider.store.read() as db:
        visitor = find_visitor(provider, db)
        pairing = newest_pairing(db, visitor.session.sid) if visitor else None
    unchanged = _standing(provider, pairing) == request.args.get("vu")
    return jsonify(state="pending" if unchanged else "moved")


def _confirm(
    provider: Provider, db: Session, visitor: Visitor, pairing: Pairing, typed: str
) -> bool:
    sid = visitor.session.sid
    return confirm(provider, db, pairing, sid=sid, typed=typed) is not None


def _standing(provider: Provider, pairing: Pairing | None) -> str:
    return "none" if pairing is None else standing_of(pairing, provider.clock.now())


def _page(
    provider: Provider,
    visitor: Visitor,
    pairing: Pairing | None,
    standing: str,
    *,
    error: str = "",
) -> str:
    settings = provider.settings
    shown = {
        "person": visitor.person.display_name,
        "standing": standing,
        "pairing": pairing,
        "error": error,
        "is_paused": "pause" in request.args,
        "poll_milliseconds": int(settings.page_poll_interval.total_seconds() * _MILLISECOND),
        "refresh_seconds": int(settings.page_refresh_interval.total_seconds()),
        "minutes": int(settings.pairing_lifetime.total_seconds() // 60),
        "qr_seconds": int(settings.pairing_qr_lifetime.total_seconds()),
    }
    if pairing is None:
        return render_template("portal/pairing_begin.html", **shown)
    left = pairing.expires_at - provider.clock.now()
    shown["seconds_left"] = max(0, int(left.total_seconds()))
    if standing == "shown":
        picture = base64.b64encode(draw_qr(qr_of(provider, pairing))).decode()
        token = for_reading(token_of(provider, pairing.pairing_id))
        return render_template("portal/pairing_qr.html", picture=picture, token=token, **shown)
    if standing in _TEMPLATES:
        return render_template(_TEMPLATES[standing], **shown)
    ending = ending_of(standing, pairing.end_reason)
    return render_template("portal/pairing_ended.html", ending=ending, **shown)


def _card_refused() -> ResponseReturnValue:
    text = _(
        "Votre carte ne permet plus d’activer une e-CPS : elle n’est plus en service, ou votre "
        "session est terminée. Reconnectez-vous avec votre carte, ou consultez l’aide du portail."
    )
    return error_page(HTTPStatus.FORBIDDEN, text=text)


def _to_page() -> Response:
    return redirect(url_for("portal.pairing_page"), HTTPStatus.SEE_OTHER)


_TEMPLATES = {
    "scanned": "portal/pairing_code.html",
    "confirmed": "portal/pairing_confirmed.html",
    "active": "portal/pairing_active.html",
}
