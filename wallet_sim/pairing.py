"""Activation by card: the portal's QR, a code to type there, then the PIN (decision 33)."""

from dataclasses import dataclass
from typing import Literal

from wallet_sim.enrolment import under_way
from wallet_sim.errors import NotEnrolled
from wallet_sim.exchange import Exchange
from wallet_sim.file import Enrolment


@dataclass(frozen=True)
class Pairing:
    """How far an activation by card is."""

    state: Literal["scanned", "confirmed"]
    code: str
    """What the phone shows, to be typed on the portal: one try."""
    expires_at: int


def scan(exchange: Exchange, token: str, name: str) -> Pairing:
    """Hand in the token of the QR; the code to show comes back."""
    answer = exchange.request("/pairings", {"token": token, "name": name})
    exchange.state.enrolment = Enrolment(
        ticket_id=answer["pairing_id"],
        national_id="",
        expires_at=answer["expires_at"],
        code=answer["code"],
    )
    exchange.held.save()
    return Pairing("scanned", answer["code"], answer["expires_at"])


def ask(exchange: Exchange) -> Pairing:
    """Ask whether the code was typed; the document to register a PIN with is kept then.

    Raises:
        NotEnrolled: no pairing is under way.
        PairingRefused: it is dead or late.
        DocumentRefused: the document is not the pinned provider's.
    """
    begun = under_way(exchange)
    if begun.code is None:
        raise NotEnrolled("this phone activates by identifier, not by card")
    answer = exchange.request(f"{begun.address}/confirmation", {})
    if answer["state"] != "confirmed":
        return Pairing("scanned", begun.code, begun.expires_at)
    exchange.open(answer["document"], "enrol")
    begun.document = answer["document"]
    exchange.held.save()
    return Pairing("confirmed", begun.code, begun.expires_at)
