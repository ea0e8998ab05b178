"""The pages of people: each module puts its own on the blueprint."""

from idp.console.people import (
    activity_pages,
    contact_pages,
    identity_pages,
    person_pages,
    search_pages,
    standing_pages,
)
from idp.console.people.blueprint import bp

__all__ = [
    "activity_pages",
    "bp",
    "contact_pages",
    "identity_pages",
    "person_pages",
    "search_pages",
    "standing_pages",
]
