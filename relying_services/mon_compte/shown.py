"""How far back the account is shown (MA-03)."""

from datetime import date, datetime
from typing import cast

from relying_services.mon_compte.settings import MonCompteSettings
from relying_services.paris import day_of, months_after
from relying_services.service.service import this_service


def settings() -> MonCompteSettings:
    """Of the account that answers this request."""
    return cast("MonCompteSettings", this_service().settings)


def since() -> date:
    """The first day of payments and activity shown now (MA-03)."""
    return first_day(this_service().clock.now(), settings().months)


def first_day(now: datetime, months: int) -> date:
    """The same day of the month in Paris, that many months ago."""
    return months_after(day_of(now), -months)
