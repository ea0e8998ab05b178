"""The portal's addresses: each module puts its own on the blueprint."""

from idp.portal import card_pages, entrance, pages, pairing_pages, revocation_pages
from idp.portal.blueprint import bp

__all__ = ["bp", "card_pages", "entrance", "pages", "pairing_pages", "revocation_pages"]
