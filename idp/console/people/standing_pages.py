"""Striking somebody off and taking it back (EC-01), and ending their sessions."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from idp.console.acts.act import Act
from idp.console.acts.asking import needs_second
from idp.console.acts.attempt import attempt_form, back_to
from idp.console.entry.roles import REGISTRAR, SUPPORT
from idp.console.entry.visitors import Visitor, require_proof
from idp.console.forms import Form
from idp.console.people.acts import CLOSE, CLOSINGS, REOPEN, SESSIONS
from idp.console.people.blueprint import bp
from idp.console.people.overview import Identity
from idp.console.people.person_pages import found
from idp.provider import current_provider


@bp.route("/radiation/<path:national_id>", methods=["GET", "POST"])
def close(national_id: str) -> ResponseReturnValue:
    """Say why, confirm, and end all that the person holds."""
    visitor = require_proof(REGISTRAR)
    identity, form = _asked(national_id)
    if request.method != "POST":
        return _close_page(visitor, identity, form)
    reason = form.choice("closing", CLOSINGS, _("Choisissez le motif."))
    if not form["confirmed"]:
        form.refuse("confirmed", _("Cochez la case pour confirmer : rien ne se rouvre ensuite."))
    return _carry_out(visitor, CLOSE, identity, form, {"reason": reason}, page=_close_page)


@bp.route("/retour/<path:national_id>", methods=["GET", "POST"])
def reopen(national_id: str) -> ResponseReturnValue:
    """Take back a strike-off."""
    visitor = require_proof(REGISTRAR)
    identity, form = _asked(national_id)
    if request.method != "POST":
        return _reopen_page(visitor, identity, form)
    return _carry_out(visitor, REOPEN, identity, form, {}, page=_reopen_page)


@bp.route("/sessions/<path:national_id>", methods=["GET", "POST"])
def end_sessions(national_id: str) -> ResponseReturnValue:
    """End every session of the person, or the one that `sid` names."""
    visitor = require_proof(SUPPORT)
    identity, form = _asked(national_id)
    if request.method != "POST":
        return _sessions_page(visitor, identity, form)
    sid = form["sid"]
    arguments = {"sid": sid} if sid else {}
    return _carry_out(
        visitor, SESSIONS, identity, form, arguments, page=_sessions_page, back="people.means"
    )


def _asked(national_id: str) -> tuple[Identity, Form]:
    with current_provider().store.read() as db:
        identity = found(db, national_id)
    return identity, Form(request.form)


def _carry_out(
    visitor: Visitor,
    act: Act,
    identity: Identity,
    form: Form,
    arguments: Mapping[str, Any],
    *,
    page: Callable[[Visitor, Identity, Form], str],
    back: str = "people.person",
) -> ResponseReturnValue:
    here = identity.person.national_id
    outcome = attempt_form(visitor, act, here, arguments, form)
    if outcome is None:
        return page(visitor, identity, form), form.status
    return back_to(outcome, act, back, national_id=here)


def _close_page(visitor: Visitor, identity: Identity, form: Form) -> str:
    return render_template(
        "console/people/close.html",
        identity=identity,
        form=form,
        reasons=[(value, text, "") for value, text in CLOSINGS.items()],
        needs_second=needs_second(visitor, CLOSE),
    )


def _reopen_page(visitor: Visitor, identity: Identity, form: Form) -> str:
    return _confirmation(
        visitor,
        REOPEN,
        identity,
        form,
        title=_("Lever la radiation"),
        effect=_(
            "La personne pourra de nouveau activer une e-CPS et demander une carte, si l’annuaire "
            "la dit en exercice. Rien de ce qui a été fermé ne se rouvre."
        ),
        back=url_for("people.person", national_id=identity.person.national_id),
    )


def _sessions_page(visitor: Visitor, identity: Identity, form: Form) -> str:
    return _confirmation(
        visitor,
        SESSIONS,
        identity,
        form,
        title=_("Fermer toutes les sessions"),
        effect=_(
            "La personne est déconnectée partout, tout de suite. Les services qui l’ont demandé "
            "sont prévenus. Elle peut se reconnecter."
        ),
        back=url_for("people.means", national_id=identity.person.national_id),
    )


def _confirmation(
    visitor: Visitor,
    act: Act,
    identity: Identity,
    form: Form,
    *,
    title: str,
    effect: str,
    back: str,
) -> str:
    return render_template(
        "console/people/confirm.html",
        identity=identity,
        form=form,
        title=title,
        effect=effect,
        back=back,
        needs_second=needs_second(visitor, act),
    )
