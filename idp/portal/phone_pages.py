"""My phones: where each e-CPS stands, its name, its end, its revocation code."""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from idp.challenges.wording import neutralise
from idp.devices import upkeep
from idp.enrolment.tokens import for_reading, new_revocation_code, token_hash
from idp.portal.blueprint import bp
from idp.portal.entrance import require_visitor
from idp.portal.phone_words import REVOCATION_REASONS, STATES, advice_on
from idp.portal.visitors import Visitor
from idp.provider import Provider, current_provider
from idp.store.devices import IN_HAND
from idp.store.holdings import phones_of_holders
from idp.store.models import Device

PAGE = "telephones"
CODE_PAGE = "code-de-revocation"


@dataclass(frozen=True)
class ShownPhone:
    """A phone as its holder sees it."""

    device: Device
    state: Any
    kind: str
    """Of the badge that tells the state."""
    advice: Any
    """Why it is out of use, and what to do; empty where all is well."""
    ends_soon: bool
    is_in_hand: bool


@bp.get("/telephones")
def phones_page() -> ResponseReturnValue:
    """The person's own phones, those in use first, and what can be done about each."""
    provider = current_provider()
    with provider.store.read() as db:
        visitor = require_visitor(provider, db, PAGE)
        shown = shown_phones(provider, phones_of(db, visitor))
    return render_template(
        "portal/phones.html",
        current=[phone for phone in shown if phone.is_in_hand],
        past=[phone for phone in shown if not phone.is_in_hand],
    )


@bp.route("/telephones/<device_id>/nom", methods=["GET", "POST"])
def rename_phone(device_id: str) -> ResponseReturnValue:
    """Call a phone as its holder knows it."""
    provider = current_provider()
    with provider.store.begin() as db:
        visitor = require_visitor(provider, db, PAGE)
        device = _phone_in_hand(db, visitor, device_id)
        if device is None:
            return _to_phones()
        if request.method != "POST":
            return _name_form(device, device.name)
        name = neutralise(request.form.get("name", ""), upkeep.LONGEST_NAME)
        if not name:
            error = _("Donnez un nom à ce téléphone, exemple « Téléphone du cabinet ».")
            return _name_form(device, name, error), HTTPStatus.BAD_REQUEST
        upkeep.rename(provider, db, device, name)
    return _to_phones()


@bp.route("/telephones/<device_id>/revocation", methods=["GET", "POST"])
def revoke_phone(device_id: str) -> ResponseReturnValue:
    """Ask for a confirmation, then take the e-CPS of a phone out of use (RGAA 11.12)."""
    provider = current_provider()
    with provider.store.begin() as db:
        visitor = require_visitor(provider, db, PAGE)
        device = _phone_in_hand(db, visitor, device_id)
        if device is None:
            return _to_phones()
        if request.method != "POST":
            return _revocation_form(device)
        reason = request.form.get("reason", "")
        if reason not in REVOCATION_REASONS:
            error = _("Dites pourquoi : perdu ou volé, ou plus utilisé.")
            return _revocation_form(device, error), HTTPStatus.BAD_REQUEST
        if not upkeep.revoke(provider, db, device, reason):
            return _to_phones()
    # Shown at once: where this very phone opened the session, there is none any more.
    return render_template("portal/phone_revoked.html", phone=device)


@bp.get("/code-de-revocation")
def revocation_code_page() -> ResponseReturnValue:
    """Whether each phone in use has a revocation code, and the button that makes another."""
    provider = current_provider()
    with provider.store.read() as db:
        visitor = require_visitor(provider, db, CODE_PAGE)
        phones = [phone for phone in phones_of(db, visitor) if phone.state in IN_HAND]
    return render_template("portal/revocation_code.html", phones=phones)


@bp.post("/code-de-revocation")
def change_revocation_code() -> ResponseReturnValue:
    """Make another code, shown this once: what is kept of it is a digest."""
    provider = current_provider()
    code = new_revocation_code()
    with provider.store.begin() as db:
        visitor = require_visitor(provider, db, CODE_PAGE)
        device = _phone_in_hand(db, visitor, request.form.get("phone", ""))
        if device is None or not upkeep.change_revocation_code(
            provider, db, device, token_hash(code)
        ):
            return redirect(url_for("portal.revocation_code_page"), HTTPStatus.SEE_OTHER)
    return render_template(
        "portal/revocation_code_shown.html", phone=device, code=for_reading(code)
    )


def phones_of(db: Session, visitor: Visitor) -> list[Device]:
    """Every phone of the visitor that is on record, under every identifier, newest first."""
    return phones_of_holders(db, visitor.identifiers(db))


def shown_phones(provider: Provider, phones: list[Device]) -> list[ShownPhone]:
    """Phones with their words."""
    notice = timedelta(days=max(provider.settings.device_reminders, default=0))
    now = provider.clock.now()
    return [
        ShownPhone(
            device=phone,
            state=STATES[phone.state].text,
            kind=STATES[phone.state].kind,
            advice=advice_on(phone.state, phone.state_reason),
            ends_soon=phone.state == "active" and phone.expires_at - now <= notice,
            is_in_hand=phone.state in IN_HAND,
        )
        for phone in phones
    ]


def _phone_in_hand(db: Session, visitor: Visitor, device_id: str) -> Device | None:
    """A phone of the visitor's own that is not over."""
    own = [phone for phone in phones_of(db, visitor) if phone.state in IN_HAND]
    return next((phone for phone in own if phone.device_id == device_id), None)


def _to_phones() -> Response:
    return redirect(url_for("portal.phones_page"), HTTPStatus.SEE_OTHER)


def _revocation_form(device: Device, error: str = "") -> str:
    return render_template(
        "portal/phone_revocation.html",
        phone=device,
        reasons=[(reason, *words) for reason, words in REVOCATION_REASONS.items()],
        error=error,
    )


def _name_form(device: Device, name: str, error: str = "") -> str:
    return render_template(
        "portal/phone_name.html",
        phone=device,
        name=name,
        error=error,
        longest=upkeep.LONGEST_NAME,
    )
