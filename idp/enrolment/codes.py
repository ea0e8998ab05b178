"""The SMS code: HOTP (RFC 4226) under a secret of the ticket's own (decision 17)."""

import pyotp

from idp.provider import Provider
from idp.store.models import Ticket

SEAL = "sms-code"
DIGITS = 6


def new_secret_sealed(provider: Provider) -> bytes:
    """A random secret, sealed at rest: a copy of the database gives no code away."""
    return provider.sealer.seal(pyotp.random_base32().encode(), purpose=SEAL)


def code_of(provider: Provider, ticket: Ticket) -> str:
    """The code of the ticket's present sending.

    Raises:
        ValueError: the ticket has no code any more.
    """
    return _hotp(provider, ticket).at(ticket.sms_counter)


def code_holds(provider: Provider, ticket: Ticket, typed: str) -> bool:
    """Whether that code was typed, spaces aside; compared in constant time."""
    return bool(_hotp(provider, ticket).verify(typed.replace(" ", ""), ticket.sms_counter))


def _hotp(provider: Provider, ticket: Ticket) -> pyotp.HOTP:
    if ticket.sms_secret_sealed is None:
        raise ValueError("the ticket has no code")
    secret = provider.sealer.open(ticket.sms_secret_sealed, purpose=SEAL).decode()
    return pyotp.HOTP(secret, digits=DIGITS)
