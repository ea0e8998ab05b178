"""Days as people type them: by a picker, which gives ISO 8601, or by hand as French writes them."""

import re
from datetime import date

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

_ISO = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_FRENCH = re.compile(r"(?P<day>[0-9]{2})/(?P<month>[0-9]{2})/(?P<year>[0-9]{4})")

NO_DAY: LazyString = _l("Indiquez une date, exemple 31/03/2026.")
"""What is told at a field that holds no day."""


def day_typed(text: str) -> date | None:
    """The day that was typed, `2026-07-01` or `01/07/2026`; none where it is neither."""
    found = _ISO.fullmatch(text.strip()) or _FRENCH.fullmatch(text.strip())
    if found is None:
        return None
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return None


def day_kept(text: str) -> str:
    """A day as it is kept and given back to a picker, in ISO 8601; what is none, as typed."""
    found = day_typed(text)
    return found.isoformat() if found else text
