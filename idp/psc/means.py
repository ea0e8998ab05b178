"""The means of authentication that Pro Santé Connect names, and which are carried out here."""

from idp.provider import Provider
from idp.store.models import Client

MOBILE = "MOBILE"
"""The e-CPS on a phone."""
CARD = "CARD"
"""The physical card."""
CARD_FAMILIES = "card_families"
"""Registered metadata: the families of cards that a client takes (decision 30)."""


def available_means(provider: Provider) -> frozenset[str]:
    """The means that can be carried out here; cards are simulated only (decision 1)."""
    has_cards = provider.is_simulation and bool(provider.settings.card_base_url)
    return frozenset({MOBILE, CARD} if has_cards else {MOBILE})


def families_of(provider: Provider, client: Client) -> list[str]:
    """The families of cards that a client takes (decision 30)."""
    families: list[str] = client.options.get(CARD_FAMILIES, provider.settings.card_families)
    return families
