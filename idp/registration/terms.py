"""The terms under which an activity bills, as the CPAM records them with its billing number.

Pure: it knows neither Flask nor SQL.
"""

import re
from dataclasses import dataclass

from idp.directory.tariffs import CONVENTION, CONVENTIONS, tariff_zone
from idp.registration.details import bills
from idp.registration.steps import DetailsInvalid
from idp.store.models import PracticeActivity

_ZONE = re.compile(r"[0-9]{2}")


@dataclass(frozen=True)
class Terms:
    """What the CPAM is told of the terms; empty where it is to say so itself."""

    convention: str = ""
    """`1`, `2` or `3`."""
    tariff_zone: str = ""
    """Two digits; that of the département by default."""


@dataclass(frozen=True)
class RecordedTerms:
    """What stands beside the billing number; nothing of what bills nothing of its own."""

    convention: str | None
    tariff_zone: str | None


def terms_of(activity: PracticeActivity, given: Terms) -> RecordedTerms:
    """The terms of an activity.

    Raises:
        DetailsInvalid: no such convention or zone, or the activity bills nothing of its own.
    """
    if given.convention and given.convention not in CONVENTIONS:
        raise DetailsInvalid(f"convention must be one of {', '.join(CONVENTIONS)}")
    if given.tariff_zone and not _ZONE.fullmatch(given.tariff_zone):
        raise DetailsInvalid("tariff_zone must be two digits")
    if not bills(activity.details):
        if given != Terms():
            raise DetailsInvalid("this activity bills nothing of its own: it has no convention")
        return RecordedTerms(None, None)
    return RecordedTerms(
        given.convention or CONVENTION,
        given.tariff_zone or tariff_zone(activity.department),
    )
