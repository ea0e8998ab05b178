"""The ANS, played by a test: activities put on cards, and the life of cards (docs/cards.md 6)."""

from datetime import UTC, datetime

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, NotFound

from idp.cards.opposition import OppositionReason, oppose, order_replacement
from idp.cards.personalisation import personalise
from idp.cards.register import move
from idp.cards.states import CardAct
from idp.dev.bodies import read_nothing, read_object, read_texts
from idp.dev.chain import canonical, handle_refusals, taken
from idp.directory.people import find_person
from idp.provider import current_provider
from idp.registration.ans import carry_activity
from idp.registration.employer import request_card
from idp.registration.wording import described_activity, described_card
from idp.store.cards import cards_of_person, find_card

bp = Blueprint("dev_ans", __name__, url_prefix="/ans")
handle_refusals(bp)


@bp.post("/activities/<activity_id>")
def carry(activity_id: str) -> ResponseReturnValue:
    """Put an activity on a card: one is ordered, or one is updated."""
    read_nothing()
    carried = taken(lambda db: carry_activity(current_provider(), db, activity_id))
    return jsonify(
        activity=described_activity(carried.activity),
        card=described_card(carried.card),
        is_new_card=carried.is_new_card,
    )


@bp.get("/cards")
def list_cards() -> ResponseReturnValue:
    """Every card of `?national_id=`, newest order first."""
    national_id = canonical(request.args.get("national_id", ""))
    with current_provider().store.read() as db:
        person = find_person(db, national_id)
        cards = cards_of_person(db, person.national_id if person else national_id)
    return jsonify(cards=[described_card(card) for card in cards])


@bp.post("/cards")
def request_employee_card() -> ResponseReturnValue:
    """Order ``{"family": "CPE", "national_id", "is_nominative": true}`` for an employer."""
    body = read_object()
    is_nominative = body.pop("is_nominative", True)
    if not isinstance(is_nominative, bool):
        raise BadRequest("is_nominative must be true or false")
    members = read_texts(body, required=("family", "national_id"))
    national_id = canonical(members["national_id"])
    card = taken(
        lambda db: request_card(
            current_provider(),
            db,
            family=members["family"],
            national_id=national_id,
            is_nominative=is_nominative,
        )
    )
    return jsonify(described_card(card)), 201


@bp.get("/cards/<card_number>")
def show_card(card_number: str) -> ResponseReturnValue:
    """One card."""
    with current_provider().store.read() as db:
        card = find_card(db, card_number)
    if card is None:
        raise NotFound
    return jsonify(described_card(card))


@bp.post("/cards/<card_number>/personalisation")
def personalise_card(card_number: str) -> ResponseReturnValue:
    """The maker of cards asks for certificates and evaluations (docs/cards.md 3)."""
    body = read_object()
    return jsonify(taken(lambda db: personalise(current_provider(), db, card_number, body)))


@bp.post("/cards/<card_number>/receipt")
def receive(card_number: str) -> ResponseReturnValue:
    """The card arrived by post; it is not activated yet (CP-07)."""
    read_nothing()
    card = taken(lambda db: move(current_provider(), db, card_number, CardAct.RECEIVE))
    return jsonify(described_card(card))


@bp.post("/cards/<card_number>/opposition")
def oppose_card(card_number: str) -> ResponseReturnValue:
    """Oppose a card: ``{"reason": "perte", "lost_since": "2026-11-21T08:00:00Z"}`` (CP-13)."""
    given = read_texts(read_object(), required=("reason",), optional=("lost_since",))
    if given["reason"] not in set(OppositionReason):
        raise BadRequest(f"reason must be one of: {', '.join(OppositionReason)}")
    lost_since = _instant(given["lost_since"]) if "lost_since" in given else None
    card = taken(
        lambda db: oppose(
            current_provider(), db, card_number, reason=given["reason"], lost_since=lost_since
        )
    )
    return jsonify(described_card(card))


@bp.post("/cards/<card_number>/replacement")
def replace(card_number: str) -> ResponseReturnValue:
    """Order a card in place of one that was opposed by its holder (CP-13)."""
    read_nothing()
    card = taken(lambda db: order_replacement(current_provider(), db, card_number))
    return jsonify(described_card(card)), 201


def _instant(text: str) -> datetime:
    try:
        given = datetime.fromisoformat(text)
        instant = given.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadRequest("lost_since must be a date and time (ISO 8601)") from error
    if given.tzinfo is None or instant > current_provider().clock.now():
        raise BadRequest("lost_since must name its timezone and lie in the past")
    return instant
