"""One line of an extract of the directory, read by the names of its header (domain 4)."""

import re
from dataclasses import dataclass
from typing import Any

from idp.directory.columns import (
    ACTIVITY,
    CIVILITE,
    EMAIL,
    EXERCICE,
    FAMILY_NAME,
    GIVEN_NAMES,
    IDENTIFIER,
    IDENTIFIER_TYPE,
    MOBILE,
    NATIONAL_ID,
    OPTIONAL,
    OTHER_IDS,
    PRIVATE_REQUIRED,
    PUBLIC_REQUIRED,
    SPELLINGS,
)
from idp.directory.exercices import Activity, Exercice
from idp.directory.identifiers import IdentifierMalformed, origin_of, parse_national_id
from idp.directory.mailboxes import mailbox
from idp.directory.phones import e164

OPEN = "open-extract"
PRIVATE = "private-extract"
_USED = PRIVATE_REQUIRED | {OTHER_IDS, *EXERCICE.values(), *ACTIVITY.values()}
_QUALITY = re.compile(r"[0-9]{1,2}")


class HeaderUnknown(Exception):
    """The first line is not the header of an extract that we can read."""


class RowRefused(Exception):
    """A line that cannot be taken; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Row:
    """One activity of one person."""

    national_id: str
    family_name: str
    given_name: str
    civilite: str
    other_ids: list[dict[str, Any]]
    exercice: Exercice
    activity: Activity
    """Empty for a person who is registered but exercises nowhere."""
    mobile: str
    email: str


class Layout:
    """Where each column stands in this file, and which of the two extracts it is."""

    def __init__(self, header: str) -> None:
        """Read the header line.

        Raises:
            HeaderUnknown: a column that we need is missing or stands twice; the message names it.
        """
        names = [_column(name) for name in header.rstrip("\r\n").split("|")]
        self.width = len(names) - 1 if names[-1] == "" else len(names)
        twice = sorted({name for name in names if name and names.count(name) > 1} & _USED)
        if twice:
            raise HeaderUnknown(f"the header has twice the columns: {', '.join(twice)}")
        self._at = {name: place for place, name in enumerate(names) if name}
        self.source = PRIVATE if FAMILY_NAME in self._at else OPEN
        required = PRIVATE_REQUIRED if self.source == PRIVATE else PUBLIC_REQUIRED
        required = required | {*EXERCICE.values(), *ACTIVITY.values()} - OPTIONAL
        missing = sorted(required - self._at.keys())
        if missing:
            raise HeaderUnknown(f"the header lacks the columns: {', '.join(missing)}")
        self._exercice = self._places(EXERCICE)
        self._activity = self._places(ACTIVITY)

    def read(self, line: str) -> Row:
        """The row of one line; no character quotes another (domain 4.1).

        Raises:
            RowRefused: the line is cut, or says nothing that can be used.
        """
        cells = line.rstrip("\r\n").split("|")
        if len(cells) == self.width + 1 and not cells[-1]:
            cells.pop()
        if len(cells) != self.width:
            raise RowRefused(f"{len(cells)} columns instead of {self.width}")
        if "\0" in line:
            raise RowRefused("a NUL character stands in the line")
        national_id = self._national_id(cells)
        exercice = {name: cells[at] for name, at in self._exercice if cells[at]}
        family_name, given_name = self._names(cells, exercice)
        if not family_name:
            raise RowRefused("the person has no name")
        private = self.source == PRIVATE
        return Row(
            national_id=national_id,
            family_name=family_name,
            given_name=given_name,
            civilite=cells[self._at[CIVILITE]],
            other_ids=self._other_ids(cells, national_id),
            exercice=exercice,
            activity={name: cells[at] for name, at in self._activity if cells[at]},
            mobile=e164(cells[self._at[MOBILE]]) if private else "",
            email=mailbox(cells[self._at[EMAIL]]) if private else "",
        )

    def _places(self, columns: dict[str, str]) -> list[tuple[str, int]]:
        return [
            (member, self._at[column]) for member, column in columns.items() if column in self._at
        ]

    def _national_id(self, cells: list[str]) -> str:
        written = cells[self._at[NATIONAL_ID]]
        try:
            national_id = parse_national_id(written)
        except IdentifierMalformed as error:
            raise RowRefused(f"national identifier: {error}") from error
        parts = cells[self._at[IDENTIFIER_TYPE]] + cells[self._at[IDENTIFIER]]
        if national_id not in (parts, cells[self._at[IDENTIFIER]]):
            raise RowRefused("national identifier: contradicts its type and its number")
        return national_id

    def _names(self, cells: list[str], exercice: Exercice) -> tuple[str, str]:
        if self.source == PRIVATE:
            # Civil first names are joined by apostrophes: Caramel'Chipette'
            return cells[self._at[FAMILY_NAME]], cells[self._at[GIVEN_NAMES]].split("'")[0]
        return exercice.get("nomDexercice", ""), exercice.get("prenomDexercice", "")

    def _other_ids(self, cells: list[str], national_id: str) -> list[dict[str, Any]]:
        written = cells[self._at[OTHER_IDS]] if OTHER_IDS in self._at else ""
        if not written:
            return [_other_id(national_id, origin_of(national_id), "1")]
        return [_split_other_id(part) for part in written.split(";") if part]


def _column(name: str) -> str:
    plain = " ".join(name.replace("’", "'").split()).casefold()
    return SPELLINGS.get(plain, plain)


def _split_other_id(part: str) -> dict[str, Any]:
    members = part.split(",")
    if len(members) != 3 or not _QUALITY.fullmatch(members[2]):  # noqa: PLR2004 - its three parts
        raise RowRefused("other identifiers: not `identifier,ORIGIN,quality`")
    return _other_id(*members)


def _other_id(identifiant: str, origine: str, qualite: str) -> dict[str, Any]:
    return {"identifiant": identifiant, "origine": origine, "qualite": int(qualite)}
