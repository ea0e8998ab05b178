"""The means of authentication: which can be carried out here, and which count for a service."""

from collections.abc import Collection

from idp.provider import Provider
from idp.store.models import BrowserSession, Client

MOBILE = "MOBILE"
"""The e-CPS on a phone."""
CARD = "CARD"
"""The physical card."""
CARD_FAMILIES = "card_families"
"""Registered metadata: the families of cards that a client takes (decision 30)."""


def available_means(provider: Provider) -> frozenset[str]:
    """The means that the sign-in pages can carry out; cards are simulated only (decision 1)."""
    has_cards = provider.is_simulation and bool(provider.settings.card_base_url)
    return frozenset({MOBILE, CARD} if has_cards else {MOBILE})


def families_of(provider: Provider, client: Client) -> list[str]:
    """The families of cards that a client takes (decision 30)."""
    families: list[str] = client.options.get(CARD_FAMILIES, provider.settings.card_families)
    return families


def counting_means(provider: Provider, client: Client, session: BrowserSession) -> dict[str, int]:
    """What of a session counts for a client: not a card of a family that it refuses."""
    refused = session.card_family not in families_of(provider, client)
    return {name: at for name, at in session.means.items() if not (name == CARD and refused)}


def means_used(held: dict[str, int], accepted: Collection[str]) -> str:
    """The means a token tells of: the latest of those held that the client accepts."""
    usable = {name: at for name, at in held.items() if name in accepted}
    return max(usable, key=lambda name: usable[name])
