"""The letters that bring a card and its codes: two mailings, never one (CP-06)."""

from datetime import timedelta

from sqlalchemy.orm import Session

from idp.cards.states import CardState
from idp.outbox.queue import enqueue_letter
from idp.outbox.texts import compose_text
from idp.provider import Provider
from idp.store.models import Card

_NO_DELAY = timedelta(0)


def post_card(provider: Provider, db: Session, card: Card, *, code: str, unblock_code: str) -> None:
    """Post a card that was made, and its codes ``card_code_letter_delay`` later (CP-06).

    The letter with the card never holds a code. Of a card that arrived before, as those of the
    sample people did, both letters are there at once.

    Args:
        provider: of the card.
        db: an open writing session.
        card: with its validity.
        code: the holder's code, four digits.
        unblock_code: eight digits.
    """
    service = provider.settings.service_name
    enqueue_letter(
        provider,
        db,
        to=card.national_id,
        subject=f"{service} : votre carte",
        text=_card_text(provider, card),
        expires_at=card.ends_at,
    )
    is_sent_now = card.state == CardState.EXPEDIEE
    delay = provider.settings.card_code_letter_delay if is_sent_now else _NO_DELAY
    enqueue_letter(
        provider,
        db,
        to=card.national_id,
        subject=f"{service} : les codes de votre carte",
        text=_code_text(provider, card, code=code, unblock_code=unblock_code),
        codes={"card_number": card.card_number, "code": code, "unblock_code": unblock_code},
        due_at=provider.clock.now() + delay,
        expires_at=card.ends_at,
    )


def _card_text(provider: Provider, card: Card) -> str:
    return compose_text(
        provider.settings,
        "card-letter",
        family=card.family,
        card_number=card.card_number,
        ends_on=f"{card.ends_at:%d/%m/%Y}" if card.ends_at else "-",
    )


def _code_text(provider: Provider, card: Card, *, code: str, unblock_code: str) -> str:
    return compose_text(
        provider.settings,
        "card-code-letter",
        family=card.family,
        card_number=card.card_number,
        code=code,
        unblock_code=unblock_code,
        tries=provider.settings.card_code_tries,
    )
