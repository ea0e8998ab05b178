"""Letters: nobody carries them, so that a simulation keeps them to be read."""

from typing import NoReturn

from idp.outbox.delivery import Delivery, NoCarrier
from idp.provider import Provider


def deliver_letter(provider: Provider, delivery: Delivery) -> NoReturn:
    """Hand one letter to the post, of which there is none here.

    Raises:
        NoCarrier: always; cards, and so letters, exist in simulations only (decision 1).
    """
    del provider, delivery
    raise NoCarrier("letters are read in the outbox of the simulation")
