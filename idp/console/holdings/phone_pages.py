"""One phone: its state, its tries, what happened to it, and its revocation."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from idp.console.acts.attempt import attempt_form, back_to, told_of
from idp.console.entry.roles import READER, SUPPORT
from idp.console.entry.visitors import require, require_proof
from idp.console.forms import Form
from idp.console.holdings.acts import BY_NAME, REVOCATIONS, REVOKE
from idp.console.holdings.blueprint import bp
from idp.console.wording import words
from idp.directory.people import find_person
from idp.provider import current_provider
from idp.store.devices import IN_HAND
from idp.store.holdings import find_phone
from idp.store.journal import events_of_device
from idp.store.models import Device

_LAST_EVENTS = 50


@bp.get("/telephone/<device_id>")
def phone(device_id: str) -> ResponseReturnValue:
    """The phone, its holder, its life."""
    visitor = require(READER)
    provider = current_provider()
    with provider.store.read() as db:
        shown = find_phone(db, device_id)
        if shown is None:
            raise NotFound
        holder = find_person(db, shown.national_id)
        events = events_of_device(db, shown.national_id, device_id, limit=_LAST_EVENTS)
    now = provider.clock.now()
    return render_template(
        "console/holdings/phone.html",
        phone=shown,
        holder=holder,
        life=events,
        is_locked=shown.locked_until is not None and shown.locked_until > now,
        message=told_of(BY_NAME),
        may_revoke=visitor.holds(SUPPORT) and shown.state in IN_HAND,
        words=words,
    )


@bp.route("/telephone/<device_id>/revocation", methods=["GET", "POST"])
def revoke(device_id: str) -> ResponseReturnValue:
    """Say why, confirm, and take the e-CPS out of use for good."""
    visitor = require_proof(SUPPORT)
    with current_provider().store.read() as db:
        shown = find_phone(db, device_id)
    if shown is None:
        raise NotFound
    form = Form(request.form)
    if request.method != "POST":
        return _revoke_page(shown, form)
    reason = form.choice("why", REVOCATIONS, _("Choisissez le motif de la révocation."))
    outcome = attempt_form(visitor, REVOKE, device_id, {"reason": reason}, form)
    if outcome is None:
        return _revoke_page(shown, form), form.status
    return back_to(outcome, REVOKE, "holdings.phone", device_id=device_id)


def _revoke_page(shown: Device, form: Form) -> str:
    return render_template(
        "console/holdings/revoke.html",
        phone=shown,
        form=form,
        reasons=[(value, text, "") for value, text in REVOCATIONS.items()],
    )
