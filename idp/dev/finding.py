"""Finding people for a test: by how their name or their identifier begins, or all of them."""

import re
import unicodedata

from sqlalchemy.orm import Session

from idp.directory.people import Person, find_person
from idp.store.directory_search import (
    FoundPerson,
    family_name_of,
    people_after,
    people_by_identifier,
    people_by_name,
)

_IDENTIFIER = re.compile(r"[0-9].*|ANS[0-9]*")


def find_people(db: Session, text: str, *, after: str, limit: int) -> list[Person]:
    """People from behind the identifier ``after``, the last one of the page before."""
    found = _rows(db, text.strip().upper(), after=after, limit=limit)
    people = (find_person(db, one.row.national_id) for one in found)
    return [person for person in people if person is not None]


def _rows(db: Session, text: str, *, after: str, limit: int) -> list[FoundPerson]:
    if not text:
        return people_after(db, after=after, limit=limit)
    if _IDENTIFIER.fullmatch(text):
        return people_by_identifier(db, [text], after=after, limit=limit)
    # Extracts write names with accents or without.
    plain = unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode()
    spellings = [each for each in dict.fromkeys([text, plain]) if each]
    behind = (family_name_of(db, after), after) if after else None
    return people_by_name(db, spellings, given_name="", after=behind, limit=limit)
