"""My cards, and putting one in opposition (CP-05, CP-13)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from zoneinfo import ZoneInfo

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from idp.cards.opposition import DECLARED, oppose
from idp.cards.register import TransitionRefused
from idp.cards.states import FINAL, CardState
from idp.portal.blueprint import bp
from idp.portal.entrance import to_entrance
from idp.portal.visitors import Visitor, find_visitor
from idp.portal.wording import CARD_STATES, OPPOSITION_REASONS
from idp.provider import current_provider
from idp.store.cards import cards_of_person, find_card
from idp.store.holders import identifiers_of
from idp.store.models import Card, PracticeActivity
from idp.store.registration import practice_of_person
from idp.web.csrf import require_own_form

PAGE = "cartes"
_ON_ITS_WAY = {CardState.COMMANDEE, CardState.EN_FABRICATION, CardState.EXPEDIEE}
_FRANCE = ZoneInfo("Europe/Paris")


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
    expected_at: datetime | None
    """When it should arrive on average, while it is on its way (CP-05)."""
    can_be_opposed: bool


@bp.get("/cartes")
def cards_page() -> ResponseReturnValue:
    """The person's own cards, with where each stands."""
    provider = current_provider()
    with provider.store.read() as db:
        visitor = find_visitor(provider, db)
        if visitor is None:
            return to_entrance(PAGE)
        identifiers = identifiers_of(db, visitor.person.national_id)
        cards = [card for one in identifiers for card in cards_of_person(db, one)]
        practice = practice_of_person(db, visitor.person.national_id)
    delay = provider.settings.card_delivery
    shown = [_shown(card, practice, delay) for card in cards]
    return render_template("portal/cards.html", person=visitor.person.display_name, cards=shown)


@bp.route("/cartes/<card_number>/opposition", methods=["GET", "POST"])
def oppose_card(card_number: str) -> ResponseReturnValue:
    """Ask why and since when, and for a confirmation, then oppose the card (RGAA 11.12)."""
    if not card_number.isascii() or not card_number.isdigit():
        raise NotFound
    if request.method == "POST":
        require_own_form()
    provider = current_provider()
    with provider.store.begin() as db:
        visitor = find_visitor(provider, db)
        if visitor is None:
            return to_entrance(PAGE)
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


@bp.app_template_filter("day")
def day(instant: datetime) -> str:
    """A date as people write it; dates of cards are counted in UTC (MOS)."""
    return str(format_date(instant, "long"))


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


def _shown(card: Card, practice: Iterable[PracticeActivity], delay: timedelta) -> ShownCard:
    return ShownCard(
        card=card,
        state=CARD_STATES[card.state],
        expected_at=expected_reception(card, practice, delay),
        can_be_opposed=card.state not in FINAL,
    )


def _own_card(db: Session, visitor: Visitor, card_number: str) -> Card | None:
    card = find_card(db, card_number)
    if card is None or card.national_id not in identifiers_of(db, visitor.person.national_id):
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
    refused = OppositionMalformed(
        "lost_since",
        _("Donnez une date et une heure passées, exemple 2026-11-20T18:30, ou laissez vide."),
    )
    try:
        local = datetime.fromisoformat(typed)
        since = local.replace(tzinfo=_FRANCE).astimezone(now.tzinfo)
    except (ValueError, OverflowError) as error:  # the first minutes of year 1 have no UTC
        raise refused from error
    if local.tzinfo is not None or since > now:
        raise refused
    return since


def _opposition_form(card: Card, *, error: OppositionMalformed | None = None) -> str:
    return render_template(
        "portal/opposition.html",
        card=card,
        reasons=OPPOSITION_REASONS,
        error_field=error.field if error else "",
        error_text=str(error) if error else "",
        chosen=request.form.get("reason", ""),
        lost_since=request.form.get("lost_since", ""),
    )
