"""Calls as callers of an invented département make them."""

import random
from datetime import datetime, timedelta

from relying_services.regulation.calls import URGENCIES, WAITING
from relying_services.regulation.store.models import CallRow

_REASONS = (
    ("P0", "Douleur thoracique, homme de 58 ans"),
    ("P1", "Difficulté à respirer, enfant de 3 ans"),
    ("P1", "Chute d’une échelle, douleur de la hanche"),
    ("P2", "Fièvre depuis deux jours, nourrisson"),
    ("P2", "Douleur lombaire aiguë"),
    ("P3", "Renouvellement d’un traitement, week-end"),
    ("P3", "Piqûre d’insecte, rougeur"),
)
_PLACES = ("Exempleville", "Bourg-Fictif", "Saint-Modèle", "Le Témoin")
_NUMBERS = 100
_APART = timedelta(minutes=4)


def invented_calls(count: int, seed: int, now: datetime) -> list[CallRow]:
    """So many waiting calls, the last one just now.

    Args:
        count: how many.
        seed: the same calls for the same seed.
        now: the present instant.
    """
    drawn = random.Random(seed)  # noqa: S311 - sample data, the same for the same seed
    calls = []
    for number in range(count):
        urgency, reason = drawn.choice(_REASONS)
        calls.append(
            new_call(
                now - _APART * (count - 1 - number),
                urgency=urgency,
                reason=reason,
                place=drawn.choice(_PLACES),
                # 01 99 00 xx xx: numbers that the regulator of telephony keeps for fiction.
                phone=f"01 99 00 {drawn.randrange(_NUMBERS):02} {drawn.randrange(_NUMBERS):02}",
            )
        )
    return calls


def new_call(now: datetime, *, urgency: str, reason: str, place: str, phone: str) -> CallRow:
    """A call that waits from now on.

    Raises:
        ValueError: there is no such urgency.
    """
    if urgency not in URGENCIES:
        raise ValueError(f"urgency must be one of {', '.join(URGENCIES)}")
    return CallRow(
        received_at=now,
        urgency=urgency,
        reason=reason,
        place=place,
        phone=phone,
        state=WAITING,
        outcome="",
        note="",
    )
