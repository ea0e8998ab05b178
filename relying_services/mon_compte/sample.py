"""Invented people who can sign in, with something in their account."""

from relying_services.clock import Clock
from relying_services.mon_compte.invented import Holder, Volume
from relying_services.mon_compte.populate import populate
from relying_services.service.store.database import Store

PEOPLE = (
    Holder("899700990015", "MARGELLE", "Solène", ("991000019",)),
    Holder("899700990080", "HAUTERIVE-PRÉ", "Clotaire", ("991000084",)),
)
"""Practitioners of the provider's sample, by the billing numbers that it gives them."""
_VOLUME = Volume(months=20, invoices=4)


def invent_sample(store: Store, clock: Clock) -> None:
    """Fill their accounts; those that are there are left alone."""
    populate(store, clock, accounts=0, seed=1, volume=_VOLUME, people=PEOPLE)
