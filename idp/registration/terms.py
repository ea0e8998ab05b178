"""The terms under which an activity bills, as the CPAM records them with its billing number.

Pure: it knows neither Flask nor SQL.
"""

from dataclasses import dataclass

from idp.directory.tariffs import CONVENTION, CONVENTIONS, ZONES, tariff_zone
from idp.registration.details import bills
from idp.registration.steps import DetailsInvalid
from idp.store.models import PracticeActivity


@dataclass(frozen=True)
class Terms:
    """What the CPAM is told of the terms; empty where it is to say so itself."""

    convention: str = ""
    """`1`, `2` or `3`."""
    tariff_zone: str = ""
    """`10`, `20` or `40`; that of the département by default."""


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
    if given.tariff_zone and given.tariff_zone not in ZONES:
        raise DetailsInvalid(f"tariff_zone must be one of {', '.join(ZONES)}")
    if not bills(activity.details):
        if given != Terms():
            raise DetailsInvalid("this activity bills nothing of its own: it has no convention")
        return RecordedTerms(None, None)
    return RecordedTerms(
        given.convention or CONVENTION,
        given.tariff_zone or tariff_zone(activity.department),
    )
