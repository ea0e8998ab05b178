"""The back office of the CPAM: an agent creates the delegation of an assistant (EP-13).

It is for those whom the settings name, with their own card. What they create is traced as created
by the CPAM, in the trace that the delegator reads; the delegator is told and can revoke it.
"""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from relying_services.espacepro import delegations
from relying_services.espacepro.acting import hold_to_means, own, settings, traced
from relying_services.espacepro.checks import CPAM
from relying_services.espacepro.delegations import Delegation, Party, WishRefused
from relying_services.espacepro.directory import national_id_of, person
from relying_services.espacepro.errors import AgentsAlone
from relying_services.espacepro.teleservices import CARD_ALONE
from relying_services.espacepro.views_delegations import (
    form_page,
    typed_before,
    typed_now,
    wish_of_form,
)
from relying_services.service import trace
from relying_services.service.activity_first import activity_first
from relying_services.service.means import means_first
from relying_services.service.service import this_service
from relying_services.service.store.models import SessionRow

bp = Blueprint("cpam", __name__, url_prefix="/cpam")
bp.before_request(means_first)
bp.before_request(activity_first)

_FORM = "espacepro/cpam_new.html"


@bp.get("")
def index() -> ResponseReturnValue:
    """What this agent has created."""
    row = _agent("cpam:opened")
    with this_service().store.read() as db:
        made = delegations.made_by(db, _author(row))
    return render_template("espacepro/cpam.html", delegations=made)


@bp.get("/new")
def new() -> ResponseReturnValue:
    """The form."""
    _agent("cpam:opened")
    return form_page(_FORM, {}, {})


@bp.post("")
def draw_up() -> ResponseReturnValue:
    """Draw a delegation up for a doctor: it is shown to be confirmed (RGAA 11.12)."""
    row, service = _agent("delegation:drawn_up"), this_service()
    try:
        with traced("delegation:drawn_up"), service.store.begin() as db:
            drawn = delegations.draft(
                db,
                service.clock.now(),
                settings(),
                delegator=_delegator(db),
                wish=wish_of_form(),
                created_by=_author(row),
            )
            actor = _for_delegator(row, drawn)
            service.note(db, actor, "delegation:drawn_up", object=f"delegation:{drawn.id}")
    except WishRefused as refused:
        return form_page(_FORM, typed_now(), refused.errors), 400
    return redirect(url_for("cpam.recap", delegation_id=drawn.id), 303)


@bp.get("/<delegation_id>/correction")
def corrected(delegation_id: str) -> ResponseReturnValue:
    """The form again, as it was filled in."""
    drawn = _drawn(delegation_id)
    return form_page(_FORM, typed_before(drawn) | {"delegator": drawn.delegator}, {})


@bp.get("/<delegation_id>/recapitulatif")
def recap(delegation_id: str) -> ResponseReturnValue:
    """What was drawn up, to be read again before it is sent."""
    return render_template("espacepro/cpam_recap.html", delegation=_drawn(delegation_id))


@bp.post("/<delegation_id>/envoi")
def send(delegation_id: str) -> ResponseReturnValue:
    """Send the invitation; the delegator is told who created it."""
    obj, service = f"delegation:{delegation_id}", this_service()
    row = _agent("delegation:created", obj)
    with traced("delegation:created", obj), service.store.begin() as db:
        drawn = delegations.drawn_up_by(db, _author(row), delegation_id)
        delegations.send(db, service.clock.now(), settings(), drawn)
        service.note(db, _for_delegator(row, drawn), "delegation:created", object=obj, by="cpam")
    flash(_("L’invitation est envoyée à %(address)s.", address=drawn.email))
    return redirect(url_for("cpam.index"), 303)


@bp.get("/<delegation_id>/revocation")
def ending(delegation_id: str) -> ResponseReturnValue:
    """Ask before a delegation that the CPAM created is ended."""
    obj = f"delegation:{delegation_id}"
    _agent("delegation:read", obj)
    with traced("delegation:read", obj), this_service().store.read() as db:
        found = delegations.created_by_cpam(db, delegation_id)
    return render_template("espacepro/cpam_ending.html", delegation=found)


@bp.post("/<delegation_id>/revocation")
def revoke(delegation_id: str) -> ResponseReturnValue:
    """End a delegation that the CPAM created; both are told (EP-17)."""
    obj, service = f"delegation:{delegation_id}", this_service()
    row = _agent("delegation:revoked", obj)
    with traced("delegation:revoked", obj), service.store.begin() as db:
        found = delegations.created_by_cpam(db, delegation_id)
        delegations.revoke(db, service.clock.now(), found, _author(row))
        service.note(db, _for_delegator(row, found), "delegation:revoked", object=obj, by="cpam")
    flash(_("La délégation est révoquée : elle n’a plus d’effet."))
    return redirect(url_for("cpam.index"), 303)


def _agent(action: str, obj: str = "") -> SessionRow:
    row = own(action, obj)
    with traced(action, obj):
        if row.actor not in settings().cpam_agents:
            raise AgentsAlone
        hold_to_means(row, CARD_ALONE)
    return row


def _author(row: SessionRow) -> str:
    return f"{CPAM}{row.actor}"


def _delegator(db: Session) -> Party:
    """The doctor whom the agent names; a letter tells them, whose address is not known here."""
    identifier = national_id_of(request.form.get("delegator", ""))
    known = person(db, identifier)
    return Party(identifier, known.name if known else "")


def _drawn(delegation_id: str) -> Delegation:
    obj = f"delegation:{delegation_id}"
    row = _agent("delegation:read", obj)
    with traced("delegation:read", obj), this_service().store.read() as db:
        return delegations.drawn_up_by(db, _author(row), delegation_id)


def _for_delegator(row: SessionRow, delegation: Delegation) -> trace.Actor:
    """So that the delegator reads in their own trace what the CPAM did."""
    return trace.Actor.of(row, on_behalf_of=delegation.delegator, delegation_id=delegation.id)
