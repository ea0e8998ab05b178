"""The clock of a simulation: shown, and moved forward with what that will cause (decision 5)."""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from idp.console.acts.act import ActImpossible
from idp.console.acts.attempt import attempt, back_to, told_of
from idp.console.entry.roles import ADMINISTRATOR, READER
from idp.console.entry.visitors import require, require_proof
from idp.console.forms import Form
from idp.console.running.acts import ADVANCE, BY_NAME
from idp.console.running.attention import told_offset
from idp.provider import Provider, current_provider
from idp.store.running import count_cards, count_live_sessions, count_phones
from idp.store.world import clock_offset

bp = Blueprint("clock", __name__, url_prefix="/horloge")
PRESETS: dict[str, Any] = {
    "60": lazy_gettext("1 minute"),
    "600": lazy_gettext("10 minutes"),
    "3600": lazy_gettext("1 heure"),
    "86400": lazy_gettext("1 jour"),
    "2592000": lazy_gettext("30 jours"),
}
"""Seconds. Years, which end every card and every e-CPS at a stroke, are left to scripts."""


@dataclass(frozen=True)
class Effect:
    """What would have come to its end after a move."""

    by: Any
    sessions: int
    phones: int
    cards: int
    is_seen_out: bool
    """The operator who moves the clock must enter again."""


@bp.get("")
def index() -> ResponseReturnValue:
    """The time here, how far it was moved, and what moving it on will cause."""
    visitor = require(READER)
    return _page(Form({}), may_act=visitor.holds(ADMINISTRATOR))


@bp.post("")
def move() -> ResponseReturnValue:
    """Move the clock forward by a preset."""
    visitor = require_proof(ADMINISTRATOR)
    form = Form(request.form)
    by = form.choice("by", PRESETS, _("Choisissez de combien avancer l’horloge."))
    if form.is_refused:
        return _page(form, may_act=True), HTTPStatus.BAD_REQUEST
    try:
        outcome = attempt(visitor, ADVANCE, "clock", {"seconds": int(by)})
    except ActImpossible as error:
        form.refuse("act", str(error.text))
        return _page(form, may_act=True), HTTPStatus.CONFLICT
    return back_to(outcome, ADVANCE, "clock.index")


def _page(form: Form, *, may_act: bool) -> str:
    provider = current_provider()
    with provider.store.read() as db:
        offset = clock_offset(db)
    return render_template(
        "console/running/clock.html",
        form=form,
        now=provider.clock.now(),
        offset=told_offset(offset),
        effects=[_effect(provider, int(seconds)) for seconds in PRESETS],
        presets=[(seconds, text, "") for seconds, text in PRESETS.items()],
        may_act=may_act,
        message=told_of(BY_NAME),
    )


def _effect(provider: Provider, seconds: int) -> Effect:
    settings, now = provider.settings, provider.clock.now()
    by = timedelta(seconds=seconds)
    then = now + by
    with provider.store.read() as db:
        live = count_live_sessions(db, now=now, idle=settings.session_idle)
        left = count_live_sessions(db, now=then, idle=settings.session_idle)
        phones = count_phones(db, "active", until=then)
        cards = count_cards(db, "active", until=then)
    is_seen_out = by > min(settings.operator_session_idle, settings.operator_session_lifetime)
    return Effect(PRESETS[str(seconds)], live - left, phones, cards, is_seen_out)
