"""What was registered here and no extract holds yet survives an import (decision 36).

The national directory follows the Order, the CPAM and the ANS by days: an import must not undo
their last steps. Once an import has held a person or an activity, the directory's word decides,
also when a later one holds them no more.
"""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

from sqlalchemy.orm import Session

from idp.directory.exercices import Exercice
from idp.directory.identifiers import origin_of, type_of
from idp.directory.practice import holds, with_activity
from idp.store.directory_import import StagedPerson, exercices_written, write_people
from idp.store.models import DirectoryPerson, OrderRegistration, PracticeActivity
from idp.store.registration import (
    leave_to_directory,
    local_activities,
    local_registrations,
    write_exercices,
)


def hold_local_entries(db: Session, generation: int, *, limit: int) -> None:
    """Complete a generation that is about to be put in force.

    Args:
        db: the transaction that will put it in force, which has locked the directory.
        generation: with all the batches of the import.
        limit: how many rows are read at once.
    """
    _hold_registrations(db, generation, limit)
    _hold_activities(db, generation, limit)


def registered_person(generation: int, registration: OrderRegistration) -> DirectoryPerson:
    """The directory's row of somebody who was just registered, without any activity."""
    return DirectoryPerson(generation=generation, **_staged(registration)._asdict())


def _hold_registrations(db: Session, generation: int, limit: int) -> None:
    after = ""
    while page := local_registrations(db, after=after, limit=limit):
        held = exercices_written(db, generation, [row.national_id for row in page])
        leave_to_directory(db, national_ids=list(held))
        absent = [_staged(row) for row in page if row.national_id not in held]
        write_people(db, generation, absent)
        after = page[-1].national_id


def _hold_activities(db: Session, generation: int, limit: int) -> None:
    after = ""
    while page := local_activities(db, after=after, limit=limit):
        held = exercices_written(db, generation, sorted({row.national_id for row in page}))
        of_person = attrgetter("national_id")
        for national_id, activities in groupby(sorted(page, key=of_person), of_person):
            if national_id in held:
                _hold_activities_of(db, generation, national_id, held[national_id], activities)
        after = page[-1].activity_id


def _hold_activities_of(
    db: Session,
    generation: int,
    national_id: str,
    exercices: list[Exercice],
    activities: Iterable[PracticeActivity],
) -> None:
    of_directory = exercices
    for activity in activities:
        if holds(national_id, of_directory, activity.activity_id):
            leave_to_directory(db, activity_ids=[activity.activity_id])
        else:
            exercices = with_activity(exercices, activity.profession, activity.details)
    if exercices is not of_directory:
        write_exercices(db, generation, national_id, exercices)


def _staged(registration: OrderRegistration) -> StagedPerson:
    national_id, entry = registration.national_id, registration.entry
    return StagedPerson(
        national_id=national_id,
        identifier_type=type_of(national_id),
        family_name=entry["family_name"],
        given_name=entry["given_name"],
        civilite=entry["civilite"],
        other_ids=[{"identifiant": national_id, "origine": origin_of(national_id), "qualite": 1}],
        exercices=[entry["exercice"] | {"activities": []}],
    )
