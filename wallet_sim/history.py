"""The last decisions of a phone, kept in its file for its person to read again.

A decision tells when, for which service and how it ended; never a PIN or a number (decision 21).
"""

from typing import Literal

from wallet_sim.documents import Challenge
from wallet_sim.exchange import Exchange
from wallet_sim.file import Decided

LONGEST = 50
"""Decisions kept; the oldest goes first."""

Outcome = Literal["approved", "refused", "not_me", "wrong_number", "lost"]


def remember(exchange: Exchange, challenge: Challenge, outcome: Outcome) -> None:
    """Add a decision; the caller saves the file."""
    decided = Decided(at=exchange.clock.timestamp(), service=challenge.client_name, outcome=outcome)
    exchange.state.history = [*exchange.state.history, decided][-LONGEST:]


def settle_lost(exchange: Exchange, found: str) -> None:
    """Write what became of the answer that was lost last; one that decided nothing is forgotten.

    Args:
        exchange: the phone's file and clock; the file is saved.
        found: `approved`, or the code that the provider gave.
    """
    history = exchange.state.history
    if not history or history[-1].outcome != "lost":
        return
    before, lost = history[:-1], history[-1]
    match found:
        case "approved" | "wrong_number":
            before = [*before, Decided(at=lost.at, service=lost.service, outcome=found)]
        case _:
            pass
    exchange.state.history = before
    exchange.held.save()
