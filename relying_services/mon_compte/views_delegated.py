"""Choosing for whom one acts, and ceasing to (EP-05, EP-06)."""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from relying_services.mon_compte.access import ACTING
from relying_services.mon_compte.delegated import chosen, kept_of, received
from relying_services.service import trace
from relying_services.service.activity_first import activity_first
from relying_services.service.errors import ServiceError
from relying_services.service.means import means_first
from relying_services.service.refusals import note_refusal
from relying_services.service.service import signed_in, this_service
from relying_services.service.store.sessions import keep

bp = Blueprint("delegated", __name__, url_prefix="/agir")
bp.before_request(means_first)
bp.before_request(activity_first)


@bp.get("")
def index() -> ResponseReturnValue:
    """Those for whom the person can act."""
    found = received(signed_in())
    return render_template("mon_compte/access/delegations.html", delegations=found)


@bp.post("")
def begin() -> ResponseReturnValue:
    """Act for somebody from now on, under one's own identity."""
    row, service = signed_in(), this_service()
    delegation_id = request.form.get("delegation", "")
    try:
        delegation = chosen(row, delegation_id)
    except ServiceError as error:
        # What was typed is not theirs, maybe nobody's: it is not written down as a delegation.
        note_refusal(trace.Actor.of(row), "acting:begun", "", error)
        raise
    with service.store.begin() as db:
        keep(db, row, **{ACTING: kept_of(delegation)})
        actor = trace.Actor.of(row, delegation_id=delegation.id)
        service.note(db, actor, "acting:begun", object=f"delegation:{delegation.id}")
    flash(_("Vous agissez désormais pour %(name)s.", name=delegation.delegator_name))
    return redirect(url_for(service.kind.home), HTTPStatus.SEE_OTHER)


@bp.post("/fin")
def end() -> ResponseReturnValue:
    """Act for oneself again; this asks nobody, so that it is always possible."""
    row, service = signed_in(), this_service()
    acting = row.kept.get(ACTING)
    if acting is not None:
        with service.store.begin() as db:
            keep(db, row, **{ACTING: None})
            actor = trace.Actor.of(row, delegation_id=acting["id"])
            service.note(db, actor, "acting:ended", object=f"delegation:{acting['id']}")
        flash(_("Vous agissez de nouveau en votre nom."))
    return redirect(url_for("delegated.index"), HTTPStatus.SEE_OTHER)
