"""The tab "Délégations": what a person delegates, from the form to its end (EP-01, EP-02, EP-17).

Creating takes a card (EP-01). Reading and revoking take any means: who lost their card must still
be able to end a delegation.
"""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from relying_services.espacepro import delegations
from relying_services.espacepro.acting import own, own_by_card, settings, traced
from relying_services.espacepro.delegations import Delegation, Party, Wish, WishRefused
from relying_services.espacepro.matrix import MATRIX, SERVICES, STATUS_LABELS
from relying_services.service import trace
from relying_services.service.activity_first import activity_first
from relying_services.service.days import day_typed
from relying_services.service.means import means_first
from relying_services.service.service import this_service
from relying_services.service.store.models import SessionRow

bp = Blueprint("delegations", __name__, url_prefix="/mon-compte/delegations")
bp.before_request(means_first)
bp.before_request(activity_first)


@bp.get("")
def index() -> ResponseReturnValue:
    """What the person has delegated."""
    row = own("delegations:read")
    with this_service().store.read() as db:
        given = delegations.of_delegator(db, row.actor)
    return render_template("espacepro/delegations.html", delegations=given)


@bp.get("/new")
def new() -> ResponseReturnValue:
    """The form of a new delegation."""
    own_by_card("delegation:drawn_up")
    return form_page("espacepro/delegation_new.html", {}, {})


@bp.get("/<delegation_id>/correction")
def corrected(delegation_id: str) -> ResponseReturnValue:
    """The form again, as it was filled in."""
    obj = f"delegation:{delegation_id}"
    row = own_by_card("delegation:corrected", obj)
    with traced("delegation:corrected", obj), this_service().store.read() as db:
        drawn = delegations.drawn_up_by(db, row.actor, delegation_id)
    return form_page("espacepro/delegation_new.html", typed_before(drawn), {})


@bp.post("")
def draw_up() -> ResponseReturnValue:
    """Draw a delegation up: it is shown to be confirmed, and has no effect yet (RGAA 11.12)."""
    row, service = own_by_card("delegation:drawn_up"), this_service()
    try:
        with traced("delegation:drawn_up"), service.store.begin() as db:
            drawn = delegations.draft(
                db,
                service.clock.now(),
                settings(),
                delegator=party_of(row),
                wish=wish_of_form(),
                created_by=row.actor,
            )
            obj = f"delegation:{drawn.id}"
            service.note(db, trace.Actor.of(row), "delegation:drawn_up", object=obj)
    except WishRefused as refused:
        return form_page("espacepro/delegation_new.html", typed_now(), refused.errors), 400
    return redirect(url_for("delegations.recap", delegation_id=drawn.id), 303)


@bp.get("/<delegation_id>/recapitulatif")
def recap(delegation_id: str) -> ResponseReturnValue:
    """What was drawn up, to be read again before it is sent."""
    obj = f"delegation:{delegation_id}"
    row = own_by_card("delegation:read", obj)
    with traced("delegation:read", obj), this_service().store.read() as db:
        drawn = delegations.drawn_up_by(db, row.actor, delegation_id)
    return render_template("espacepro/delegation_recap.html", delegation=drawn)


@bp.post("/<delegation_id>/envoi")
def send(delegation_id: str) -> ResponseReturnValue:
    """Send the invitation: the delegation waits for its acceptance."""
    obj, service = f"delegation:{delegation_id}", this_service()
    row = own_by_card("delegation:created", obj)
    with traced("delegation:created", obj), service.store.begin() as db:
        drawn = delegations.drawn_up_by(db, row.actor, delegation_id)
        delegations.send(db, service.clock.now(), settings(), drawn)
        service.note(
            db, trace.Actor.of(row, delegation_id=drawn.id), "delegation:created", object=obj
        )
    flash(_("L’invitation est envoyée à %(address)s.", address=drawn.email))
    return redirect(url_for("delegations.delegation", delegation_id=delegation_id), 303)


@bp.get("/<delegation_id>")
def delegation(delegation_id: str) -> ResponseReturnValue:
    """One delegation of the person's services."""
    obj = f"delegation:{delegation_id}"
    row = own("delegation:read", obj)
    with traced("delegation:read", obj), this_service().store.read() as db:
        found = delegations.own(db, row.actor, delegation_id)
    return render_template("espacepro/delegation.html", delegation=found)


@bp.get("/<delegation_id>/revocation")
def ending(delegation_id: str) -> ResponseReturnValue:
    """Ask before a delegation is ended."""
    obj = f"delegation:{delegation_id}"
    row = own("delegation:read", obj)
    with traced("delegation:read", obj), this_service().store.read() as db:
        found = delegations.own(db, row.actor, delegation_id)
    return render_template("espacepro/delegation_ending.html", delegation=found)


@bp.post("/<delegation_id>/revocation")
def revoke(delegation_id: str) -> ResponseReturnValue:
    """End a delegation: the delegate's next request is refused (EP-17)."""
    obj, service = f"delegation:{delegation_id}", this_service()
    row = own("delegation:revoked", obj)
    with traced("delegation:revoked", obj), service.store.begin() as db:
        found = delegations.own(db, row.actor, delegation_id)
        delegations.revoke(db, service.clock.now(), found, row.actor)
        service.note(
            db, trace.Actor.of(row, delegation_id=found.id), "delegation:revoked", object=obj
        )
    flash(_("La délégation est révoquée : elle n’a plus d’effet."))
    return redirect(url_for("delegations.delegation", delegation_id=delegation_id), 303)


def party_of(row: SessionRow) -> Party:
    """The delegator: who is signed in."""
    return Party(row.actor, row.name, str(row.userinfo.get("email") or ""))


def wish_of_form() -> Wish:
    """What was asked for, as it was posted."""
    form = request.form
    return Wish(
        email=form.get("email", ""),
        status=form.get("status", ""),
        services=form.getlist("services"),
        starts_on=day_typed(form.get("starts_on", "")),
        ends_on=day_typed(form.get("ends_on", "")),
        rpps=form.get("rpps", ""),
        family_name=form.get("family_name", ""),
        given_name=form.get("given_name", ""),
    )


def typed_now() -> dict[str, Any]:
    """The fields as they were posted, to be shown again."""
    return {**request.form.to_dict(), "services": request.form.getlist("services")}


def typed_before(drawn: Delegation) -> dict[str, Any]:
    """The fields of what was drawn up, to be corrected."""
    return {
        "email": drawn.email,
        "status": drawn.status,
        "services": drawn.services,
        "starts_on": drawn.starts_on.isoformat(),
        "ends_on": drawn.ends_on.isoformat(),
        "rpps": drawn.delegate_id or "",
    }


def form_page(template: str, typed: dict[str, Any], errors: Any, **more: Any) -> str:
    """A form of a delegation, with what was typed and what is wrong with it."""
    return render_template(
        template,
        typed=typed,
        errors=errors,
        statuses=STATUS_LABELS,
        services=SERVICES,
        groups=_groups(),
        **more,
    )


def _groups() -> dict[str, list[str]]:
    """Services by the statuses to which they may go: each stands in the form once."""
    found: dict[str, list[str]] = {}
    for code in SERVICES:
        to = [str(STATUS_LABELS[status]) for status, levels in MATRIX.items() if code in levels]
        found.setdefault(", ".join(to), []).append(code)
    return found
