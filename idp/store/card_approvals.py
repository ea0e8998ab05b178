"""Cards that were accepted, and wait for the browser that began the sign-in."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from idp.store.models import Card, CardApproval
from idp.store.statements import insert_row


def add_approval(db: Session, approval: CardApproval) -> None:
    """Keep an approval."""
    insert_row(db, approval)


def take_approval(
    db: Session, completion_hash: bytes, interaction_hash: bytes, *, now: datetime
) -> CardApproval | None:
    """Spend an approval: for one caller only, and never one that lapsed or is another's."""
    return db.scalars(
        delete(CardApproval)
        .where(
            CardApproval.completion_hash == completion_hash,
            CardApproval.interaction_hash == interaction_hash,
            CardApproval.expires_at > now,
        )
        .returning(CardApproval)
        .execution_options(synchronize_session=False)
    ).one_or_none()


def drop_approvals(db: Session, identifiers: Sequence[str]) -> None:
    """Forget what the cards of somebody opened and no browser has finished."""
    theirs = select(Card.card_number).where(Card.national_id.in_(identifiers))
    db.execute(
        delete(CardApproval)
        .where(CardApproval.card_number.in_(theirs))
        .execution_options(synchronize_session=False)
    )


def hold_active_card(db: Session, card_number: str) -> Card | None:
    """Keep a card as it is until this transaction ends; None where it is no longer in use.

    An opposition at the same moment waits, and finds what this transaction did; one that came
    first leaves nothing to hold.
    """
    return db.scalars(
        update(Card)
        .where(Card.card_number == card_number, Card.state == "active")
        .values(state="active")
        .returning(Card)
        .execution_options(populate_existing=True)
    ).one_or_none()
