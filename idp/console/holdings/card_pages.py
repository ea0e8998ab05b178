"""One card: where it stands, what happened to it, and what may be done."""

from datetime import datetime
from http import HTTPStatus

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from idp.cards.opposition import DECLARED
from idp.cards.states import FINAL, CardState
from idp.console.acts.act import Act, ActImpossible
from idp.console.acts.attempt import attempt, attempt_form, back_to, told_of
from idp.console.entry.roles import READER, SUPPORT
from idp.console.entry.visitors import require, require_proof
from idp.console.forms import Form
from idp.console.holdings.acts import BY_NAME, OPPOSE, OPPOSITIONS, RECEIVE, REPLACE
from idp.console.holdings.blueprint import bp
from idp.console.wording import words
from idp.directory.people import find_person
from idp.provider import current_provider
from idp.store.cards import certificates_of_card, find_card, practice_of, successor_of
from idp.store.journal import find_events
from idp.store.models import Card, JournalEvent
from idp.web.dates import NotPast, read_past

_EVENTS_READ = 300
"""Of its holder, among whose events those of the card stand."""


@bp.get("/carte/<card_number>")
def card(card_number: str) -> ResponseReturnValue:
    """The card, its holder, its life."""
    visitor = require(READER)
    return _page(card_number, may_act=visitor.holds(SUPPORT))


@bp.route("/carte/<card_number>/opposition", methods=["GET", "POST"])
def oppose(card_number: str) -> ResponseReturnValue:
    """Say why and since when, confirm, and oppose it for good (CP-13)."""
    visitor = require_proof(SUPPORT)
    shown = _card(card_number)
    form = Form(request.form)
    if request.method != "POST":
        return _oppose_page(shown, form)
    reason = form.choice("why", OPPOSITIONS, _("Choisissez le motif de l’opposition."))
    since = _since(form)
    if not form["confirmed"]:
        text = _("Cochez la case pour confirmer : l’opposition est définitive.")
        form.refuse("confirmed", text)
    arguments = {"reason": reason, "lost_since": since and since.isoformat()}
    outcome = attempt_form(visitor, OPPOSE, card_number, arguments, form)
    if outcome is None:
        return _oppose_page(shown, form), form.status
    return back_to(outcome, OPPOSE, "holdings.card", card_number=card_number)


@bp.post("/carte/<card_number>/arrivee")
def receive(card_number: str) -> ResponseReturnValue:
    """A card in the post arrives; its holder activates it (CP-07). In simulations alone."""
    if not current_provider().is_simulation:
        raise NotFound
    return _act(card_number, RECEIVE)


@bp.post("/carte/<card_number>/remplacement")
def replace(card_number: str) -> ResponseReturnValue:
    """Order a card in place of one that was opposed (CP-13)."""
    return _act(card_number, REPLACE)


def _act(card_number: str, act: Act) -> ResponseReturnValue:
    visitor = require_proof(SUPPORT)
    _card(card_number)
    try:
        outcome = attempt(visitor, act, card_number, {})
    except ActImpossible as error:
        return _page(card_number, may_act=True, refused=str(error.text)), HTTPStatus.CONFLICT
    return back_to(outcome, act, "holdings.card", card_number=card_number)


def _page(card_number: str, *, may_act: bool, refused: str = "") -> str:
    provider = current_provider()
    with provider.store.read() as db:
        shown = find_card(db, card_number)
        if shown is None:
            raise NotFound
        holder = find_person(db, shown.national_id)
        successor = successor_of(db, card_number)
        certificates = certificates_of_card(db, card_number)
        practice = practice_of(db, shown.activities)
        events = find_events(db, person=shown.national_id, event=None, before=0, limit=_EVENTS_READ)
    is_opposed = shown.state == CardState.OPPOSEE and shown.opposition_reason in DECLARED
    return render_template(
        "console/holdings/card.html",
        card=shown,
        holder=holder,
        successor=successor,
        certificates=certificates,
        practice=practice,
        life=[event for event in events if _concerns(event, shown)],
        message=("error", refused) if refused else told_of(BY_NAME),
        may_oppose=may_act and shown.state not in FINAL,
        may_receive=may_act and provider.is_simulation and shown.state == CardState.EXPEDIEE,
        may_replace=may_act and is_opposed and successor is None,
        oppositions=OPPOSITIONS,
        words=words,
    )


def _concerns(event: JournalEvent, shown: Card) -> bool:
    return event.data.get("card_number") == shown.card_number


def _card(card_number: str) -> Card:
    with current_provider().store.read() as db:
        shown = find_card(db, card_number)
    if shown is None:
        raise NotFound
    return shown


def _since(form: Form) -> datetime | None:
    """A local French date and time; nothing means now."""
    typed, now = form["lost_since"], current_provider().clock.now()
    if not typed:
        return None
    try:
        return read_past(typed, now)
    except NotPast:
        form.refuse(
            "lost_since",
            _("Donnez une date et une heure passées, exemple 2026-11-20T18:30, ou laissez vide."),
        )
        return None


def _oppose_page(shown: Card, form: Form) -> str:
    return render_template(
        "console/holdings/oppose.html",
        card=shown,
        form=form,
        reasons=[(value, text, "") for value, text in OPPOSITIONS.items()],
    )
