"""Approvals: what waits for a second operator, and what became of the rest."""

from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from idp.console.acts.act import Act, ActImpossible
from idp.console.acts.asking import arguments_of
from idp.console.acts.deciding import (
    ActGone,
    DecisionRefused,
    approve,
    collect,
    decline,
    give_up,
    take_back,
)
from idp.console.acts.pages import show_result
from idp.console.acts.table import ACTS
from idp.console.entry.roles import READER, ROLES
from idp.console.entry.visitors import Visitor, require, require_proof
from idp.provider import Provider, current_provider
from idp.store.models import PendingAct
from idp.store.pending_acts import PENDING, find_act, past_acts, waiting_acts
from idp.web.words import Words

bp = Blueprint("approvals", __name__, url_prefix="/approbations")
_LISTED = 50
STATES = {
    "pending": Words("warning", lazy_gettext("En attente")),
    "done": Words("success", lazy_gettext("Faite")),
    "refused": Words("error", lazy_gettext("Refusée")),
    "withdrawn": Words("", lazy_gettext("Retirée")),
    "failed": Words("error", lazy_gettext("Impossible")),
    "lapsed": Words("", lazy_gettext("Expirée")),
}


@dataclass(frozen=True)
class Shown:
    """An act as its list and its page show it."""

    row: PendingAct
    act: Act
    state: str

    @property
    def badge(self) -> Words:
        """Kind and words of its state."""
        return STATES[self.state]


@bp.get("")
def index() -> ResponseReturnValue:
    """What waits, then what was decided lately."""
    visitor = require(READER)
    provider = current_provider()
    now = provider.clock.now()
    with provider.store.read() as db:
        waiting = _shown(provider, waiting_acts(db, now=now, limit=_LISTED))
        past = _shown(provider, past_acts(db, now=now, limit=_LISTED))
    return render_template("console/acts/index.html", waiting=waiting, past=past, at_work=visitor)


@bp.get("/<act_id>")
def one(act_id: str) -> ResponseReturnValue:
    """What will happen, who asked for it and why."""
    return _page(require(READER), act_id)


@bp.post("/<act_id>/accord")
def agree(act_id: str) -> ResponseReturnValue:
    """Agree: it is carried out at once."""
    visitor, provider = require_proof(READER), current_provider()
    try:
        with provider.store.begin() as db:
            approve(provider, db, visitor, act_id)
    except DecisionRefused as refused:
        return _page(visitor, act_id, error=refused.text), HTTPStatus.CONFLICT
    except ActImpossible as impossible:
        _note_failure(provider, visitor, act_id)
        return _page(visitor, act_id, error=impossible.text), HTTPStatus.CONFLICT
    return _to_page(act_id)


@bp.post("/<act_id>/refus")
def refuse(act_id: str) -> ResponseReturnValue:
    """Refuse: nothing happens."""
    visitor, provider = require_proof(READER), current_provider()
    try:
        with provider.store.begin() as db:
            decline(provider, db, visitor, act_id)
    except DecisionRefused as refused:
        return _page(visitor, act_id, error=refused.text), HTTPStatus.CONFLICT
    return _to_page(act_id)


@bp.post("/<act_id>/retrait")
def withdraw_own(act_id: str) -> ResponseReturnValue:
    """Take back one's own request."""
    visitor, provider = require(READER), current_provider()
    try:
        with provider.store.begin() as db:
            take_back(provider, db, visitor, act_id)
    except DecisionRefused as refused:
        return _page(visitor, act_id, error=refused.text), HTTPStatus.CONFLICT
    return _to_page(act_id)


@bp.post("/<act_id>/resultat")
def show(act_id: str) -> ResponseReturnValue:
    """Show what the act gave, once, to who asked for it."""
    visitor, provider = require_proof(READER), current_provider()
    with provider.store.begin() as db:
        pending = find_act(db, act_id)
        result = collect(provider, db, visitor, act_id)
    if pending is None or result is None:
        return _to_page(act_id)
    return show_result(ACTS[pending.kind], result, back=url_for("approvals.one", act_id=act_id))


def _page(visitor: Visitor, act_id: str, *, error: object = "") -> str:
    provider = current_provider()
    with provider.store.read() as db:
        pending = find_act(db, act_id)
    if pending is None or pending.kind not in ACTS:
        raise NotFound
    (shown,) = _shown(provider, [pending])
    holds = visitor.holds(shown.act.role)
    is_own = pending.asked_by == visitor.name
    return render_template(
        "console/acts/one.html",
        shown=shown,
        # Contacts may stand in it: only those see it who could ask for it.
        lines=shown.act.show(arguments_of(provider, pending)) if holds else [],
        role=ROLES[shown.act.role],
        is_own=is_own,
        may_decide=holds and not is_own and shown.state == PENDING,
        has_result=is_own and holds and pending.result_sealed is not None,
        error=error,
    )


def _shown(provider: Provider, rows: list[PendingAct]) -> list[Shown]:
    now = provider.clock.now()
    return [
        Shown(row, ACTS[row.kind], _state(row, lapsed=row.expires_at <= now))
        for row in rows
        if row.kind in ACTS
    ]


def _state(row: PendingAct, *, lapsed: bool) -> str:
    return "lapsed" if lapsed and row.state == PENDING else row.state


def _note_failure(provider: Provider, visitor: Visitor, act_id: str) -> None:
    with suppress(ActGone), provider.store.begin() as db:  # another who agreed noted it
        give_up(provider, db, visitor, act_id)


def _to_page(act_id: str) -> Response:
    return redirect(url_for("approvals.one", act_id=act_id), HTTPStatus.SEE_OTHER)
