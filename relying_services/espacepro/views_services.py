"""The teleservices: what was done there, and each act from its drawing up to its effect (MA-11).

Every act carries its author beside the person in whose name it is done (CP-15).
"""

import secrets
from collections.abc import Mapping
from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from relying_services.espacepro.acting import Granted, granted, settings
from relying_services.espacepro.acts import LABELS, OF_HOLDER, Step
from relying_services.espacepro.errors import ActOver, ConsultationsSpent, HolderAlone
from relying_services.espacepro.store.act_models import ActRow, ReimbursementRow
from relying_services.espacepro.store.acts import act_of, acts, add_act, drawn_since, lead_act
from relying_services.espacepro.store.reimbursements import reimbursements
from relying_services.espacepro.teleservices import TELESERVICES, Teleservice, typed_of
from relying_services.folded import folded
from relying_services.paris import day_of
from relying_services.service.activity_first import activity_first
from relying_services.service.errors import NotYours
from relying_services.service.forms import Errors, FormWrong
from relying_services.service.lists import number_asked, page_of
from relying_services.service.means import means_first
from relying_services.service.service import signed_in, this_service

bp = Blueprint("teleservices", __name__, url_prefix="/services")
bp.before_request(means_first)
bp.before_request(activity_first)

_A_DAY = timedelta(days=1)

_DONE: Mapping[Step, LazyString] = {
    "send": _l("L’acte est envoyé."),
    "prepare": _l("L’acte est transmis au titulaire, qui le valide ou l’écarte."),
    "validate": _l("L’acte est validé et envoyé."),
    "set_aside": _l("L’acte est écarté : il n’est pas envoyé."),
    "drop": _l("L’acte est abandonné : il n’est pas envoyé."),
}
"""What a person is told after each step."""


@bp.get("/<code>")
def index(code: str) -> ResponseReturnValue:
    """The form of a teleservice, and what was done there."""
    return _page(code, "acts:read", {})


@bp.post("/<code>")
def draw_up(code: str) -> ResponseReturnValue:
    """Draw an act up: it is shown to be confirmed, and has no effect yet."""
    with granted(code, "act:drawn_up") as (db, grant):
        teleservice, now = TELESERVICES[code], this_service().clock.now()
        try:
            contents = typed_of(teleservice, request.form, day_of(now))
        except FormWrong as wrong:
            errors = wrong.errors
        else:
            _hold_to_budget(db, teleservice)
            act = _act(grant, teleservice, contents)
            add_act(db, act)
            obj = f"act:{act.id}"
            this_service().note(db, grant.actor, "act:drawn_up", object=obj, service=code)
            return redirect(url_for("teleservices.act", code=code, act_id=act.id), 303)
    return _page(code, "acts:read", errors), 400


@bp.get("/<code>/<act_id>")
def act(code: str, act_id: str) -> ResponseReturnValue:
    """One act: to be confirmed or validated, or as it stands."""
    obj = f"act:{act_id}"
    with granted(code, "act:read", obj) as (db, grant):
        found = _found(db, grant, code, act_id)
        lines = _reimbursed(db, found)
        this_service().note(db, grant.actor, "act:read", object=obj, service=code)
    return render_template(
        "espacepro/act.html",
        act=found,
        grant=grant,
        teleservice=TELESERVICES[code],
        labels=LABELS,
        lines=lines,
    )


@bp.post("/<code>/<act_id>/confirmation")
def confirmed(code: str, act_id: str) -> ResponseReturnValue:
    """Send an act; one that may only be prepared is given to its holder instead."""
    obj = f"act:{act_id}"
    with granted(code, "act:confirmed", obj) as (db, grant):
        step: Step = "send" if grant.level == "full" else "prepare"
        found = _found(db, grant, code, act_id)
        if not lead_act(db, found, step, settled_at=this_service().clock.now()):
            raise ActOver
        done = "act:sent" if step == "send" else "act:prepared"
        this_service().note(db, grant.actor, done, object=obj, service=code)
    flash(str(_DONE[step]))
    return redirect(url_for("teleservices.act", code=code, act_id=act_id), 303)


@bp.post("/<code>/<act_id>/validation")
def validated(code: str, act_id: str) -> ResponseReturnValue:
    """The holder makes theirs what a delegate prepared."""
    return _decide(code, act_id, "validate", "act:validated")


@bp.post("/<code>/<act_id>/rejet")
def set_aside(code: str, act_id: str) -> ResponseReturnValue:
    """The holder does not want what a delegate prepared."""
    return _decide(code, act_id, "set_aside", "act:set_aside")


@bp.post("/<code>/<act_id>/abandon")
def dropped(code: str, act_id: str) -> ResponseReturnValue:
    """The author forgets a draft."""
    obj = f"act:{act_id}"
    with granted(code, "act:dropped", obj) as (db, grant):
        found = _found(db, grant, code, act_id)
        if not lead_act(db, found, "drop"):
            raise ActOver
        this_service().note(db, grant.actor, "act:dropped", object=obj, service=code)
    flash(str(_DONE["drop"]))
    return redirect(url_for("teleservices.index", code=code), 303)


def _decide(code: str, act_id: str, step: Step, action: str) -> ResponseReturnValue:
    obj = f"act:{act_id}"
    with granted(code, action, obj) as (db, grant):
        found = _found(db, grant, code, act_id)
        if step in OF_HOLDER and grant.scope.delegation_id is not None:
            raise HolderAlone
        now = this_service().clock.now()
        if not lead_act(db, found, step, decided_by=signed_in().name, decided_at=now):
            raise ActOver
        this_service().note(db, grant.actor, action, object=obj, service=code)
    flash(str(_DONE[step]))
    return redirect(url_for("teleservices.act", code=code, act_id=act_id), 303)


def _found(db: Session, grant: Granted, code: str, act_id: str) -> ActRow:
    found = act_of(db, grant.scope, code, act_id)
    if found is None:
        raise NotYours
    return found


def _act(grant: Granted, teleservice: Teleservice, contents: dict[str, str]) -> ActRow:
    row, now = signed_in(), this_service().clock.now()
    return ActRow(
        id=f"A-{secrets.token_hex(8)}",
        service=teleservice.code,
        owner=grant.owner,
        owner_name=grant.owner_name,
        author=row.actor,
        author_name=row.name,
        author_means=row.means,
        author_activity=grant.actor.activity,
        delegation_id=grant.actor.delegation_id,
        status=grant.status,
        state="sent" if teleservice.immediate else "draft",
        contents=contents,
        drawn_at=now,
        settled_at=now if teleservice.immediate else None,
        decided_by=None,
        decided_at=None,
    )


def _hold_to_budget(db: Session, teleservice: Teleservice) -> None:
    """A search by name and birth date is not to become a harvest."""
    if not teleservice.immediate:
        return
    since = this_service().clock.now() - _A_DAY
    done = drawn_since(db, signed_in().actor, teleservice.code, since)
    if done >= settings().consultations_a_day:
        raise ConsultationsSpent


def _reimbursed(db: Session, act: ActRow) -> list[ReimbursementRow]:
    if not TELESERVICES[act.service].immediate:
        return []
    patient = folded(f"{act.contents['nom']} {act.contents['prenom']}")
    born_on = date.fromisoformat(act.contents["naissance"])
    return list(reimbursements(db, patient, born_on, limit=settings().page_rows))


def _page(code: str, action: str, errors: Errors) -> str:
    before = number_asked("avant")
    with granted(code, action) as (db, grant):
        size = settings().page_rows
        rows = acts(db, grant.scope, code, before=before, limit=size + 1)
        this_service().note(db, grant.actor, action, service=code)
    shown, last = page_of(rows, size)
    return render_template(
        "espacepro/teleservice.html",
        teleservice=TELESERVICES[code],
        grant=grant,
        acts=shown,
        last=last,
        is_continued=before is not None,
        labels=LABELS,
        typed=request.form,
        errors=errors,
        today=day_of(this_service().clock.now()),
    )
