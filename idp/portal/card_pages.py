"""My cards, and putting one in opposition (CP-05, CP-13)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.cards.opposition import DECLARED, oppose
from idp.cards.register import TransitionRefused
from idp.cards.states import FINAL, CardState
from idp.portal.blueprint import bp
from idp.portal.entrance import require_visitor
from idp.portal.visitors import Visitor
from idp.portal.wording import CARDS, OPPOSITION_REASONS
from idp.provider import Provider, current_provider
from idp.store.account import events_of_person
from idp.store.cards import find_card
from idp.store.holdings import cards_of_holders
from idp.store.models import Card, PracticeActivity
from idp.store.registration import practice_of_person
from idp.web.dates import NotPast, read_past

PAGE = "cartes"
_USES_LOOKED_AT = 200
"""Newest sign-ins by card among which the last one of each is looked for."""
_ON_ITS_WAY = {CardState.COMMANDEE, CardState.EN_FABRICATION, CardState.EXPEDIEE}


class OppositionMalformed(ValueError):
    """What the form lacks; the message says it to the person."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True)
class ShownCard:
    """A card as its holder sees it."""

    card: Card
    state: str
    kind: str
    """Of the badge that tells the state."""
    expected_at: datetime | None
    """When it should arrive on average, while it is on its way (CP-05)."""
    last_used_at: datetime | None
    """When it last signed its holder in, as far back as the journal goes."""
    can_be_opposed: bool


@bp.get("/cartes")
def cards_page() -> ResponseReturnValue:
    """The person's own cards, with where each stands."""
    provider = current_provider()
    with provider.store.read() as db:
        visitor = require_visitor(provider, db, PAGE)
        shown = shown_cards(provider, db, visitor)
    return render_template(
        "portal/cards.html",
        current=[each for each in shown if each.can_be_opposed],
        past=[each for each in shown if not each.can_be_opposed],
    )


@bp.route("/cartes/<card_number>/opposition", methods=["GET", "POST"])
def oppose_card(card_number: str) -> ResponseReturnValue:
    """Ask why and since when, and for a confirmation, then oppose the card (RGAA 11.12)."""
    provider = current_provider()
    with provider.store.begin() as db:
        visitor = require_visitor(provider, db, PAGE)
        card = _own_card(db, visitor, card_number)
        if card is None or card.state in FINAL:
            return redirect(url_for("portal.cards_page"), HTTPStatus.SEE_OTHER)
        if request.method != "POST":
            return _opposition_form(card)
        try:
            reason, lost_since = _read_opposition(provider.clock.now())
        except OppositionMalformed as error:
            return _opposition_form(card, error=error), HTTPStatus.BAD_REQUEST
        try:
            opposed = oppose(provider, db, card_number, reason=reason, lost_since=lost_since)
        except TransitionRefused:
            return redirect(url_for("portal.cards_page"), HTTPStatus.SEE_OTHER)
    # Shown at once: where this very card opened the session, there is none any more.
    return render_template("portal/opposed.html", card=opposed)


def shown_cards(provider: Provider, db: Session, visitor: Visitor) -> list[ShownCard]:
    """The visitor's own cards with their words, newest order first."""
    identifiers = visitor.identifiers(db)
    practice = practice_of_person(db, visitor.person.national_id)
    used = _last_uses(db, identifiers)
    delay = provider.settings.card_delivery
    return [
        _shown(card, practice, delay, used.get(card.card_number))
        for card in cards_of_holders(db, identifiers)
    ]


def expected_reception(
    card: Card, practice: Iterable[PracticeActivity], delay: timedelta
) -> datetime | None:
    """When a card on its way should arrive: an average since the CPAM's step (CP-05).

    A renewal has no such step: its order counts.
    """
    if card.state not in _ON_ITS_WAY:
        return None
    recorded = [a.recorded_at for a in practice if a.activity_id in card.activities]
    steps = [at for at in recorded if at is not None and card.renews is None]
    return min(steps, default=card.ordered_at) + delay


def _last_uses(db: Session, identifiers: Sequence[str]) -> dict[str, datetime]:
    """When each card signed in last, by its number."""
    accepted = events_of_person(
        db, identifiers, events=[Event.CARD_ACCEPTED], limit=_USES_LOOKED_AT
    )
    # Newest first: of each card the first one met stays.
    return {str(row.data.get("card_number")): row.at for row in reversed(accepted)}


def _shown(
    card: Card,
    practice: Iterable[PracticeActivity],
    delay: timedelta,
    last_used_at: datetime | None,
) -> ShownCard:
    return ShownCard(
        card=card,
        state=CARDS[card.state].text,
        kind=CARDS[card.state].kind,
        last_used_at=last_used_at,
        expected_at=expected_reception(card, practice, delay),
        can_be_opposed=card.state not in FINAL,
    )


def _own_card(db: Session, visitor: Visitor, card_number: str) -> Card | None:
    card = find_card(db, card_number)
    if card is None or card.national_id not in visitor.identifiers(db):
        return None
    return card


def _read_opposition(now: datetime) -> tuple[str, datetime | None]:
    reason = request.form.get("reason", "")
    if reason not in DECLARED:
        raise OppositionMalformed("reason", _("Choisissez ce qui est arrivé à la carte."))
    lost_since = _read_instant(request.form.get("lost_since", "").strip(), now)
    if "confirmed" not in request.form:
        raise OppositionMalformed(
            "confirmed", _("Cochez la case pour confirmer : l’opposition est définitive.")
        )
    return reason, lost_since


def _read_instant(typed: str, now: datetime) -> datetime | None:
    """A local French date and time; nothing means now."""
    if not typed:
        return None
    try:
        return read_past(typed, now)
    except NotPast as error:
        raise OppositionMalformed(
            "lost_since",
            _("Donnez une date et une heure passées, exemple 2026-11-20T18:30, ou laissez vide."),
        ) from error


def _opposition_form(card: Card, *, error: OppositionMalformed | None = None) -> str:
    return render_template(
        "portal/opposition.html",
        card=card,
        reasons=[(reason, text, "") for reason, text in OPPOSITION_REASONS.items()],
        error_field=error.field if error else "",
        error_text=str(error) if error else "",
        chosen=request.form.get("reason", ""),
        lost_since=request.form.get("lost_since", ""),
    )
