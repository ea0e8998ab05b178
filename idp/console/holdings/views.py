"""The pages of cards and phones: each module puts its own on the blueprint."""

from idp.console.holdings import card_pages, lists, order_pages, phone_pages
from idp.console.holdings.blueprint import bp

__all__ = ["bp", "card_pages", "lists", "order_pages", "phone_pages"]
