"""People gathered from the lines of an extract, before they are written."""

from dataclasses import dataclass, field

from idp.directory.exercices import Exercice, add_activity
from idp.directory.identifiers import (
    ADELI,
    RPPS,
    IdentifierMalformed,
    parse_national_id,
    type_of,
)
from idp.directory.rows import Row
from idp.store.directory_import import StagedAlias, StagedPerson


@dataclass
class Batch:
    """People of neighbouring lines, and the lines that were refused among them."""

    people: dict[str, StagedPerson] = field(default_factory=dict)
    refused: list[tuple[int, str]] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """Take one more line: a new person, or a further activity of a known one."""
        person = self.people.get(row.national_id)
        if person is None:
            person = self.people[row.national_id] = _staged(row)
        add_activity(person.exercices, row.exercice, row.activity)

    def fold_into(self, earlier: dict[str, list[Exercice]]) -> None:
        """Put before ours what other lines of the same people said, written already."""
        for national_id, exercices in earlier.items():
            person = self.people[national_id]
            self.people[national_id] = person._replace(exercices=_merged(exercices, person))

    def aliases(self) -> list[StagedAlias]:
        """The former ADELI identifiers of people with an RPPS number."""
        return [alias for person in self.people.values() for alias in _aliases(person)]


def _staged(row: Row) -> StagedPerson:
    return StagedPerson(
        national_id=row.national_id,
        identifier_type=type_of(row.national_id),
        family_name=row.family_name,
        given_name=row.given_name,
        civilite=row.civilite,
        other_ids=row.other_ids,
        exercices=[],
        declared_mobile=row.mobile,
        declared_email=row.email,
    )


def _merged(exercices: list[Exercice], person: StagedPerson) -> list[Exercice]:
    for exercice in person.exercices:
        members = {name: value for name, value in exercice.items() if name != "activities"}
        for activity in exercice["activities"] or [{}]:
            add_activity(exercices, members, activity)
    return exercices


def _aliases(person: StagedPerson) -> list[StagedAlias]:
    if not person.national_id.startswith(RPPS):
        return []
    return [
        StagedAlias(alias, person.national_id)
        for other in person.other_ids
        if (alias := _adeli(other["identifiant"]))
    ]


def _adeli(identifiant: str) -> str:
    try:
        canonical = parse_national_id(identifiant)
    except IdentifierMalformed:
        return ""
    return canonical if canonical.startswith(ADELI) else ""
