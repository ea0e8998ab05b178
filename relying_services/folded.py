"""Names as they are compared, sorted and searched: no accents, capitals, hyphens (EP-07, MA-04)."""

import re
import unicodedata

_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})
_BETWEEN = re.compile(r"[^a-z0-9]+")


def folded(text: str) -> str:
    """Small ASCII letters and digits, words parted by one space: `etanglin d orbe`."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return _BETWEEN.sub(" ", "".join(c for c in plain if not unicodedata.combining(c))).strip()
