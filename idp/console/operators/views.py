"""Operators: who may work on the console (administrators)."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from werkzeug.exceptions import NotFound

from idp.console.acts.act import Act
from idp.console.acts.asking import needs_second
from idp.console.acts.attempt import attempt_form, back_to, told_of
from idp.console.entry.roles import ADMINISTRATOR, DUTIES, ROLES
from idp.console.entry.visitors import Visitor, require, require_proof
from idp.console.forms import Form
from idp.console.operators.acts import ADD, BY_NAME, DISABLE, INVITE, ROLES_ACT
from idp.console.operators.rules import OperatorRefused, check_name, check_roles
from idp.provider import current_provider
from idp.security_keys.lifecycle import list_keys
from idp.security_keys.parties import OPERATOR, Holder
from idp.store.models import Operator
from idp.store.operators import all_operators, find_operator
from idp.web.words import Words

bp = Blueprint("operators", __name__, url_prefix="/operateurs")
STATES = {
    "invited": Words("info", lazy_gettext("Invité")),
    "active": Words("success", lazy_gettext("En service")),
    "disabled": Words("", lazy_gettext("Désactivé")),
}
CHANGES: dict[str, Act] = {
    "roles": ROLES_ACT,
    "invitation": INVITE,
    "desactivation": DISABLE,
}
"""What can be done to an operator, by the name in the address."""
_ROLES = [(role, ROLES[role], DUTIES[role]) for role in ROLES]


@bp.get("")
def index() -> ResponseReturnValue:
    """Every operator, with roles and state."""
    require(ADMINISTRATOR)
    with current_provider().store.read() as db:
        operators = all_operators(db)
    return render_template(
        "console/operators/index.html",
        operators=operators,
        states=STATES,
        roles=ROLES,
        message=told_of(BY_NAME),
    )


@bp.get("/nouveau")
def new() -> ResponseReturnValue:
    """Ask whom to invite, with which roles."""
    return _new_page(require_proof(ADMINISTRATOR), Form({}), [])


@bp.post("/nouveau")
def invite_new() -> ResponseReturnValue:
    """Invite somebody, or ask another administrator to agree."""
    visitor = require_proof(ADMINISTRATOR)
    form, roles = Form(request.form), request.form.getlist("roles")
    try:
        check_name(form["name"])
        check_roles(roles)
    except OperatorRefused as refused:
        form.refuse(refused.field, str(refused.text))
    outcome = attempt_form(visitor, ADD, form["name"], {"roles": roles}, form)
    if outcome is None:
        return _new_page(visitor, form, roles), form.status
    return back_to(outcome, ADD, "operators.index")


@bp.get("/<name>")
def one(name: str) -> ResponseReturnValue:
    """One operator, and what can be done."""
    require(ADMINISTRATOR)
    provider = current_provider()
    with provider.store.read() as db:
        operator = find_operator(db, name)
        keys = list_keys(db, Holder(OPERATOR, name))
    if operator is None:
        raise NotFound
    return render_template(
        "console/operators/one.html",
        operator=operator,
        keys=keys,
        state=STATES[operator.state],
        roles=[ROLES[role] for role in operator.roles],
        paused=operator.locked_until is not None and operator.locked_until > provider.clock.now(),
    )


@bp.get("/<name>/<change>")
def change_page(name: str, change: str) -> ResponseReturnValue:
    """Ask for a confirmation, and for what the change needs."""
    visitor = require_proof(ADMINISTRATOR)
    operator, act = _found(name, change)
    return _change_page(visitor, operator, act, Form({}), operator.roles)


@bp.post("/<name>/<change>")
def change_operator(name: str, change: str) -> ResponseReturnValue:
    """Change it, or ask another administrator to agree."""
    visitor = require_proof(ADMINISTRATOR)
    operator, act = _found(name, change)
    form, roles = Form(request.form), request.form.getlist("roles")
    try:
        if act is ROLES_ACT:
            check_roles(roles)
    except OperatorRefused as refused:
        form.refuse(refused.field, str(refused.text))
    arguments = {"roles": roles} if act is ROLES_ACT else {}
    outcome = attempt_form(visitor, act, name, arguments, form)
    if outcome is None:
        return _change_page(visitor, operator, act, form, roles), form.status
    return back_to(outcome, act, "operators.index")


def _found(name: str, change: str) -> tuple[Operator, Act]:
    with current_provider().store.read() as db:
        operator = find_operator(db, name)
    if operator is None or change not in CHANGES:
        raise NotFound
    return operator, CHANGES[change]


def _new_page(visitor: Visitor, form: Form, chosen: list[str]) -> str:
    return render_template(
        "console/operators/new.html",
        form=form,
        roles=_ROLES,
        chosen=chosen,
        needs_second=needs_second(visitor, ADD),
    )


def _change_page(
    visitor: Visitor, operator: Operator, act: Act, form: Form, chosen: list[str]
) -> str:
    return render_template(
        "console/operators/change.html",
        operator=operator,
        act=act,
        form=form,
        lines=[] if act is ROLES_ACT else act.show({}),
        roles=_ROLES if act is ROLES_ACT else [],
        chosen=chosen,
        needs_second=needs_second(visitor, act),
    )
