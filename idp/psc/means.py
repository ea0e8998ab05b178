"""The means of authentication that Pro Santé Connect names, and which are carried out here."""

from idp.provider import Provider
from idp.store.models import Client

MOBILE = "MOBILE"
"""The e-CPS on a phone."""
CARD = "CARD"
"""The physical card."""
WEBAUTHN = "WEBAUTHN"
"""A security key or passkey."""
DECOUPLED = frozenset({MOBILE, CARD})
"""The means that a question reaches without a browser (OpenID Connect CIBA)."""
CARD_FAMILIES = "card_families"
"""Registered metadata: the families of cards that a client takes (decision 30)."""


def available_means(provider: Provider) -> frozenset[str]:
    """The means that can be carried out here; cards are simulated only (decision 1)."""
    settings = provider.settings
    has_cards = provider.is_simulation and bool(settings.card_base_url)
    cards = {CARD} if has_cards else set()
    keys = {WEBAUTHN} if settings.security_keys_offered else set()
    return frozenset({MOBILE, *cards, *keys})


def families_of(provider: Provider, client: Client) -> list[str]:
    """The families of cards that a client takes (decision 30)."""
    families: list[str] = client.options.get(CARD_FAMILIES, provider.settings.card_families)
    return families
