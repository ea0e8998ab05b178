"""After a cut: what became of an answer, and of a PIN change (protocol, sections 7 and 8)."""

from dataclasses import dataclass
from typing import Any

from wallet_sim.approval import settle
from wallet_sim.errors import ProviderRefusal, from_problem
from wallet_sim.exchange import Exchange
from wallet_sim.history import settle_lost

_FIRST_ERROR = 400


@dataclass(frozen=True)
class Recovered:
    """The answer to a request that was in flight."""

    outcome: str
    """`approved`, `begun`, the code of a refusal, `never_arrived`, or `interrupted`."""
    refusal: ProviderRefusal | None = None


def recover(exchange: Exchange) -> Recovered | None:
    """Ask what became of the answer in flight, if there is one, and end a doubtful PIN change.

    Raises:
        NoAnswer: the provider is still out of reach; ask again later.
    """
    recovered = _ask_outcome(exchange)
    if recovered is not None:
        settle_lost(exchange, recovered.outcome)
    if recovered is not None or exchange.state.next_credential is not None:
        resolve_pin_change(exchange)
    return recovered


def resolve_pin_change(exchange: Exchange) -> None:
    """Finish a PIN change that the provider holds as begun, or make both sides forget it.

    Afterwards exactly one PIN is valid: the new one when its salt reached the phone's file.
    """
    state = exchange.state
    status = exchange.request("/status", {})
    mine = state.next_credential
    if mine is None:
        if status["next_credential_id"] is not None:
            exchange.request("/pin-change/rollback", {})
        return
    if status["credential_id"] == mine.credential_id:
        promote(exchange)
    elif status["next_credential_id"] == mine.credential_id:
        commit(exchange)
    else:
        state.next_credential = None
        exchange.held.save()


def commit(exchange: Exchange) -> None:
    """Make the new PIN the only one, at the provider and then on the phone."""
    new = exchange.state.next_credential
    if new is None:
        return
    exchange.request("/pin-change/commit", {"credential_id": new.credential_id})
    promote(exchange)


def promote(exchange: Exchange) -> None:
    """Keep the new salt in place of the old one."""
    state = exchange.state
    state.credential, state.next_credential = state.next_credential, None
    exchange.held.save()


def _ask_outcome(exchange: Exchange) -> Recovered | None:
    in_flight = exchange.state.in_flight
    if in_flight is None:
        return None
    answer = exchange.request("/outcome", {"about": in_flight.request_id})
    if not answer["known"]:
        settle(exchange, {})
        return Recovered("never_arrived")
    body: dict[str, Any] = answer["body"]
    settle(exchange, body)
    status = answer["status"]
    if status == 0:
        return Recovered("interrupted")
    if status >= _FIRST_ERROR:
        refusal = from_problem(status, body)
        return Recovered(refusal.code_received, refusal)
    return Recovered(str(body.get("outcome")))
