"""Ordering a card from its maker: the first of its states (CP-03, CP-09, CP-16)."""

import secrets
from collections.abc import Sequence

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.cards.states import CardState
from idp.provider import Provider
from idp.store.cards import order_card_row, successor_of
from idp.store.models import Card

EMPLOYEES = ("CPE", "CPA")
_STUDENT = "E"
"""TRE_R09-CategorieProfessionnelle."""


class AlreadyRenewed(Exception):
    """Another card takes over from this one already; nothing was ordered."""

    def __init__(self, successor: Card) -> None:
        super().__init__(f"the card {successor.card_number} takes over already")
        self.successor = successor


def family_of(profession: str) -> str:
    """The family of a practitioner's card: `CPF` in training, else `CPS` (TRE_R87).

    ``profession`` is the key of the exercise, `10E` for a student of medicine.
    """
    return "CPF" if profession.endswith(_STUDENT) else "CPS"


def order_card(
    provider: Provider,
    db: Session,
    *,
    national_id: str,
    family: str,
    profession: str = "",
    activities: Sequence[str] = (),
    rank: int = 1,
    is_nominative: bool = True,
    renews: str | None = None,
    actor: str | None = None,
) -> Card:
    """Order a card of the present version, to be made and sent.

    Args:
        provider: of the card.
        db: an open writing session.
        national_id: canonical; whose card it is.
        family: `CPS`, `CPF`, `CPE` or `CPA`.
        profession: key of the exercise that it hangs on; empty for employees.
        activities: ids of those it carries.
        rank: first or further card of the exercise (CP-09).
        is_nominative: false for a service card, which names nobody (decision 30).
        renews: the card that it takes over from.
        actor: who ordered it.

    Raises:
        AlreadyRenewed: that card has a successor; of simultaneous orders one alone counts.
    """
    now = provider.clock.now()
    card = Card(
        card_number=_draw_number(),
        family=family,
        version=provider.settings.card_version,
        national_id=national_id,
        is_nominative=is_nominative,
        profession=profession,
        rank=rank,
        state=CardState.COMMANDEE,
        state_at=now,
        ordered_at=now,
        renews=renews,
        activities=list(activities),
        content_version=1,
        tries_left=provider.settings.card_code_tries,
        unblock_tries_left=provider.settings.card_unblock_tries,
    )
    while not order_card_row(db, card):
        successor = successor_of(db, renews) if renews is not None else None
        if successor is not None:
            raise AlreadyRenewed(successor)
        card.card_number = _draw_number()
    record(
        db,
        Event.CARD_ORDERED,
        now=now,
        person=national_id,
        actor=actor,
        card_number=card.card_number,
        family=family,
        rank=rank,
        renews=renews,
    )
    return card


def _draw_number() -> str:
    # Ten digits, as the sample's; above them, so that both are told apart.
    return f"98{secrets.randbelow(10**8):08}"
