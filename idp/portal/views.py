"""The portal's addresses: each module puts its own on the blueprint."""

from idp.portal import (
    account_pages,
    card_pages,
    code_pages,
    data_pages,
    entrance,
    history_pages,
    key_pages,
    pages,
    pairing_pages,
    phone_pages,
    revocation_pages,
    session_pages,
    trial_pages,
)
from idp.portal.blueprint import bp

__all__ = [
    "account_pages",
    "bp",
    "card_pages",
    "code_pages",
    "data_pages",
    "entrance",
    "history_pages",
    "key_pages",
    "pages",
    "pairing_pages",
    "phone_pages",
    "revocation_pages",
    "session_pages",
    "trial_pages",
]
