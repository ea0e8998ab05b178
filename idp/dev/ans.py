"""The ANS, played by a test: activities put on cards, and the life of cards (docs/cards.md 6)."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint
from pydantic import BaseModel, ConfigDict
from werkzeug.exceptions import BadRequest, NotFound

from idp.cards.opposition import OppositionReason, oppose, order_replacement
from idp.cards.personalisation import personalise
from idp.cards.register import move
from idp.cards.states import CardAct
from idp.dev.chain import canonical, taken
from idp.dev.operations import Message, Text, operation
from idp.dev.registers import REFUSED, OfPerson, ToldActivity, ToldCard, ToldCards
from idp.directory.people import find_person
from idp.provider import current_provider
from idp.registration.ans import carry_activity
from idp.registration.employer import request_card
from idp.registration.wording import described_activity, described_card
from idp.store.cards import cards_of_person, find_card

bp = Blueprint("dev_ans", __name__, url_prefix="/ans")


class CarriedActivity(Message):
    """An activity in the directory, and the card that carries it."""

    activity: ToldActivity
    card: ToldCard
    is_new_card: bool
    """It was ordered for this activity; else one that was there is updated."""


class EmployeeCard(Message):
    """A card that an employer asks for."""

    family: Text
    """`CPE` or `CPA`."""
    national_id: Text
    is_nominative: bool = True


class CardOfMaker(Message):
    """Public keys and salts of a card in the making, never a code (docs/cards.md 3)."""

    card_jwk: dict[str, Any]
    authentication_csr: Text
    """PKCS#10, PEM; P-256, as the other two keys."""
    signature_csr: Text
    code_salt: Text
    """base64url, 16 to 64 bytes."""
    unblock_salt: Text


class MadeCardTold(BaseModel):
    """What a card keeps (docs/cards.md 3)."""

    model_config = ConfigDict(extra="forbid")

    issuer: str
    base_url: str
    wallet_base_url: str
    card_base_url: str
    card: dict[str, Any]
    certificates: dict[str, str]
    evaluations: dict[str, str]
    content: str


class Opposition(Message):
    """Why a card is opposed, and since when it is lost."""

    reason: Text
    """`perte`, `vol`, `dysfonctionnement`, …"""
    lost_since: Text | None = None
    """ISO 8601 with its timezone, in the past: what it paired since is suspended."""


@bp.post("/activities/<activity_id>")
@operation(CarriedActivity, refusals=REFUSED)
def carry(activity_id: str) -> CarriedActivity:
    """Put an activity on a card: one is ordered, or one is updated."""
    carried = taken(lambda db: carry_activity(current_provider(), db, activity_id))
    return CarriedActivity(
        activity=ToldActivity(**described_activity(carried.activity)),
        card=ToldCard(**described_card(carried.card)),
        is_new_card=carried.is_new_card,
    )


@bp.get("/cards")
@operation(ToldCards, query=OfPerson)
def list_cards(query: OfPerson) -> ToldCards:
    """Every card of somebody, newest order first."""
    national_id = canonical(query.national_id)
    with current_provider().store.read() as db:
        person = find_person(db, national_id)
        cards = cards_of_person(db, person.national_id if person else national_id)
    return ToldCards(cards=[ToldCard(**described_card(card)) for card in cards])


@bp.post("/cards")
@operation(ToldCard, status=HTTPStatus.CREATED, body=EmployeeCard, refusals=REFUSED)
def request_employee_card(body: EmployeeCard) -> ToldCard:
    """Order a CPE or CPA for an employer."""
    national_id = canonical(body.national_id)
    card = taken(
        lambda db: request_card(
            current_provider(),
            db,
            family=body.family,
            national_id=national_id,
            is_nominative=body.is_nominative,
        )
    )
    return ToldCard(**described_card(card))


@bp.get("/cards/<card_number>")
@operation(ToldCard, refusals={404: "There is no card of this number."})
def show_card(card_number: str) -> ToldCard:
    """One card."""
    with current_provider().store.read() as db:
        card = find_card(db, card_number)
    if card is None:
        raise NotFound(f"there is no card {card_number}")
    return ToldCard(**described_card(card))


@bp.post("/cards/<card_number>/personalisation")
@operation(MadeCardTold, body=CardOfMaker, refusals=REFUSED)
def personalise_card(card_number: str, body: CardOfMaker) -> MadeCardTold:
    """The maker of cards asks for certificates and evaluations (docs/cards.md 3)."""
    asked = body.model_dump()
    made = taken(lambda db: personalise(current_provider(), db, card_number, asked))
    return MadeCardTold(**made)


@bp.post("/cards/<card_number>/receipt")
@operation(ToldCard, refusals=REFUSED)
def receive(card_number: str) -> ToldCard:
    """The card arrived by post; it is not activated yet (CP-07)."""
    card = taken(lambda db: move(current_provider(), db, card_number, CardAct.RECEIVE))
    return ToldCard(**described_card(card))


@bp.post("/cards/<card_number>/opposition")
@operation(ToldCard, body=Opposition, refusals=REFUSED)
def oppose_card(card_number: str, body: Opposition) -> ToldCard:
    """Oppose a card, at once (CP-13)."""
    if body.reason not in set(OppositionReason):
        raise BadRequest(f"reason must be one of: {', '.join(OppositionReason)}")
    lost_since = _instant(body.lost_since) if body.lost_since is not None else None
    card = taken(
        lambda db: oppose(
            current_provider(), db, card_number, reason=body.reason, lost_since=lost_since
        )
    )
    return ToldCard(**described_card(card))


@bp.post("/cards/<card_number>/replacement")
@operation(ToldCard, status=HTTPStatus.CREATED, refusals=REFUSED)
def replace(card_number: str) -> ToldCard:
    """Order a card in place of one that was opposed by its holder (CP-13)."""
    return ToldCard(
        **described_card(taken(lambda db: order_replacement(current_provider(), db, card_number)))
    )


def _instant(given_text: str) -> datetime:
    try:
        given = datetime.fromisoformat(given_text)
        instant = given.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadRequest("lost_since must be a date and time (ISO 8601)") from error
    if given.tzinfo is None or instant > current_provider().clock.now():
        raise BadRequest("lost_since must name its timezone and lie in the past")
    return instant
