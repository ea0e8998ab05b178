"""What a person receives: invitations, delegations, and acting under one (EP-05, EP-09, EP-10)."""

from collections.abc import Callable, Mapping
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from relying_services.espacepro import delegations
from relying_services.espacepro.acting import ACTING, actor_of, own, settings, standing, traced
from relying_services.espacepro.delegations import Delegate, DelegateDiffers, Delegation
from relying_services.espacepro.errors import DelegationRefused
from relying_services.espacepro.matrix import COMPTABLE
from relying_services.espacepro.store.delegations import delegation as find
from relying_services.service import trace
from relying_services.service.activity_first import activity_first
from relying_services.service.means import means_first
from relying_services.service.service import signed_in, this_service, who
from relying_services.service.store.models import SessionRow
from relying_services.service.store.sessions import keep

bp = Blueprint("received", __name__)
bp.before_request(means_first)
bp.before_request(activity_first)

Answer = Callable[[Session, datetime, Delegation, Delegate], None]

_ANSWERED: Mapping[str, LazyString] = {
    "delegation:accepted": _l("Vous avez accepté la délégation."),
    "delegation:refused": _l("Vous avez refusé la délégation : elle est sans effet."),
}
"""What a person is told who has answered, by the act."""


@bp.get("/delegue")
def index() -> ResponseReturnValue:
    """What was delegated to the person."""
    row = signed_in()
    with this_service().store.read() as db:
        received = delegations.of_delegate(db, row.actor)
    return render_template("espacepro/received.html", delegations=received)


@bp.get("/invitations/<secret>")
def invitation(secret: str) -> ResponseReturnValue:
    """An invitation, shown to the person it is for and to nobody else (EP-09)."""
    elsewhere = _of_accountant(secret) if who() is None else None
    if elsewhere is not None:
        return redirect(elsewhere)
    row = own("invitation:read")
    with traced("invitation:read"), this_service().store.read() as db:
        found = _invited(db, row, secret)
    return render_template("espacepro/invitation.html", delegation=found, secret=secret)


@bp.post("/invitations/<secret>/acceptation")
def accept(secret: str) -> ResponseReturnValue:
    """Accept: the delegation has effect on its days (EP-10)."""
    return _answer(secret, delegations.accept, "delegation:accepted")


@bp.post("/invitations/<secret>/refus")
def refuse(secret: str) -> ResponseReturnValue:
    """Refuse: the delegation never has effect (EP-10)."""
    return _answer(secret, delegations.refuse, "delegation:refused")


@bp.post("/agir")
def act() -> ResponseReturnValue:
    """Act under a delegation from now on, as oneself (EP-05)."""
    row, service = signed_in(), this_service()
    delegation_id = request.form.get("delegation_id", "")
    obj = f"delegation:{delegation_id}"
    try:
        with service.store.begin() as db:
            found = standing(db, row, delegation_id)
            keep(db, row, **{ACTING: found.id})
            service.note(db, actor_of(db, row), "acting:begun", object=obj)
    except DelegationRefused as refused:
        with service.store.begin() as db:
            asked = _actor_under(db, row, delegation_id)
            service.note(db, asked, "acting:begun", object=obj, refused=refused.code)
        raise
    flash(_("Vous agissez désormais pour %(name)s.", name=found.delegator_name))
    return redirect(url_for("espacepro.home"), 303)


@bp.post("/agir/fin")
def stop() -> ResponseReturnValue:
    """Act for oneself again."""
    row, service = signed_in(), this_service()
    with service.store.begin() as db:
        actor = actor_of(db, row)
        if actor.delegation_id is not None:
            service.note(db, actor, "acting:ended", object=f"delegation:{actor.delegation_id}")
        keep(db, row, **{ACTING: None})
    flash(_("Vous agissez de nouveau en votre nom."))
    return redirect(url_for("espacepro.home"), 303)


def _answer(secret: str, answer: Answer, action: str) -> ResponseReturnValue:
    row, service = own(action), this_service()
    with traced(action), service.store.begin() as db:
        found = _invited(db, row, secret)
        answer(db, service.clock.now(), found, Delegate(row.actor, row.name))
        actor = trace.Actor.of(row, on_behalf_of=found.delegator, delegation_id=found.id)
        service.note(db, actor, action, object=f"delegation:{found.id}")
    flash(str(_ANSWERED[action]))
    return redirect(url_for("received.index"), 303)


def _invited(db: Session, row: SessionRow, secret: str) -> Delegation:
    found = delegations.by_invitation(db, this_service().clock.now(), secret)
    if found.delegate_id != row.actor:
        raise DelegateDiffers
    return found


def _of_accountant(secret: str) -> str | None:
    """Where an accountant answers, who has no identity at the provider: their password is there."""
    with this_service().store.read() as db:
        found = delegations.by_invitation(db, this_service().clock.now(), secret)
    is_theirs = found.status == COMPTABLE and settings().mon_compte_url
    return f"{settings().mon_compte_url}/invitations/{secret}" if is_theirs else None


def _actor_under(db: Session, row: SessionRow, delegation_id: str) -> trace.Actor:
    """So that a delegator reads a refused try of their own delegate, and of nobody else."""
    found = find(db, delegation_id)
    if found is None or found.delegate_id != row.actor:
        return trace.Actor.of(row)
    return trace.Actor.of(row, on_behalf_of=found.delegator, delegation_id=found.id)
