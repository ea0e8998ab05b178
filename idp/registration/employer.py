"""Cards of employees, on the request of their employer (CSS R161-55)."""

from sqlalchemy.orm import Session

from idp.cards.ordering import EMPLOYEES, order_card
from idp.cards.states import FINAL
from idp.directory.people import find_person
from idp.provider import Provider
from idp.registration.steps import DetailsInvalid, Reason, Step, refuse
from idp.store.cards import cards_of_person
from idp.store.models import Card
from idp.store.registration import lock_directory


def request_card(
    provider: Provider,
    db: Session,
    *,
    family: str,
    national_id: str,
    is_nominative: bool,
    actor: str | None = None,
) -> Card:
    """Order a CPE or a CPA, which names somebody of the directory or nobody (decision 30).

    Args:
        provider: of the cards.
        db: an open writing session. A refusal is recorded in it: commit it.
        family: `CPE` or `CPA`.
        national_id: canonical; of a service card the structure's and its register's number.
        is_nominative: whether the card names its holder.
        actor: the employer.

    Raises:
        DetailsInvalid: another family.
        StepRefused: the holder is not in the directory or struck off, or has such a card.
    """
    if family not in EMPLOYEES:
        raise DetailsInvalid(f"an employer asks for {' or '.join(EMPLOYEES)}")
    lock_directory(db)
    if is_nominative:
        person = find_person(db, national_id)
        if person is None:
            reason = Reason.HOLDER_UNKNOWN
            raise refuse(provider, db, Step.REQUEST_CARD, reason, person=national_id)
        if person.closed:
            raise refuse(provider, db, Step.REQUEST_CARD, Reason.STRUCK_OFF, person=national_id)
        national_id = person.national_id
    cards = cards_of_person(db, national_id)
    if any(card.family == family and card.state not in FINAL for card in cards):
        raise refuse(provider, db, Step.REQUEST_CARD, Reason.CARD_IN_USE, person=national_id)
    return order_card(
        provider,
        db,
        national_id=national_id,
        family=family,
        is_nominative=is_nominative,
        actor=actor,
    )
