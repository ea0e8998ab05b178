"""The chain of registration, and the directory's rows that it writes (CP-01 to CP-04)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from idp.store.models import (
    Contact,
    DirectoryGeneration,
    DirectoryPerson,
    OrderRegistration,
    PracticeActivity,
    World,
)
from idp.store.people import switch_generation
from idp.store.statements import insert_row, insert_rows, upsert, values_of

_REGISTRATION = "registration"


def lock_directory(db: Session) -> int | None:
    """The generation in force, for nobody else to change or replace before this transaction ends.

    Whoever writes into the generation in force takes this before any other row, and so does an
    import before it replaces it: no change falls between two generations (decision 36). So does
    whoever orders a card or takes an activity on or off one: else an activity is put on a card
    whose successor, ordered at the same moment, lacks it.
    """
    return db.scalars(
        select(World.directory_generation).where(World.id == 1).with_for_update()
    ).one()


def lock_generation(db: Session, now: datetime) -> int:
    """The locked generation in force; a directory that was never filled begins here."""
    number = lock_directory(db)
    if number is not None:
        return number
    first = DirectoryGeneration(
        source=_REGISTRATION, state="complete", started_at=now, progressed_at=now, finished_at=now
    )
    db.add(first)
    db.flush()
    switch_generation(db, first.number)
    return first.number


def last_registered(db: Session, prefix: str) -> str | None:
    """The highest identifier ever registered under a prefix of digits, below 9."""
    return db.scalar(
        select(func.max(OrderRegistration.national_id)).where(
            OrderRegistration.national_id >= prefix, OrderRegistration.national_id < f"{prefix}:"
        )
    )


def add_registration(db: Session, registration: OrderRegistration) -> bool:
    """Register a practitioner; False where somebody was just given that identifier."""
    added = db.scalar(
        upsert(db, OrderRegistration)
        .values(**values_of(registration))
        .on_conflict_do_nothing(index_elements=[OrderRegistration.national_id])
        .returning(OrderRegistration.national_id)
    )
    return added is not None


def declare_activity_row(db: Session, activity: PracticeActivity) -> PracticeActivity | None:
    """A new activity, or one that had ended and begins again; None where it is on its way.

    What begins again keeps its billing number.
    """
    again = {
        "state": activity.state,
        "details": activity.details,
        "declared_at": activity.declared_at,
        "recorded_at": None,
        "carried_at": None,
        "ended_at": None,
        "card_number": None,
        "held_by_directory": False,
    }
    return db.scalars(
        upsert(db, PracticeActivity)
        .values(**values_of(activity))
        .on_conflict_do_update(
            index_elements=[PracticeActivity.activity_id],
            set_=again,
            where=PracticeActivity.state == "ended",
        )
        .returning(PracticeActivity)
        .execution_options(populate_existing=True)
    ).one_or_none()


def find_activity(db: Session, activity_id: str) -> PracticeActivity | None:
    """An activity as the database has it now."""
    return db.get(PracticeActivity, activity_id, populate_existing=True)


def change_activity(
    db: Session, activity_id: str, *, states: Collection[str], **values: Any
) -> PracticeActivity | None:
    """Change an activity that stands in one of the states; None when it does not any more."""
    return db.scalars(
        update(PracticeActivity)
        .where(
            PracticeActivity.activity_id == activity_id, PracticeActivity.state.in_(sorted(states))
        )
        .values(**values)
        .returning(PracticeActivity)
        .execution_options(populate_existing=True)
    ).one_or_none()


class NumberTaken(Exception):
    """Another activity has this billing number."""


def record_activity_row(
    db: Session,
    activity_id: str,
    *,
    number: str | None,
    convention: str | None,
    tariff_zone: str | None,
    now: datetime,
) -> PracticeActivity | None:
    """Record a declared activity with its billing number; it keeps the one that it had before.

    None when it is not, or no more, declared.

    Raises:
        NumberTaken: nothing was changed.
    """
    try:
        with db.begin_nested():
            return change_activity(
                db,
                activity_id,
                states={"declared"},
                state="recorded",
                recorded_at=now,
                billing_number=func.coalesce(PracticeActivity.billing_number, number),
                convention=convention,
                tariff_zone=tariff_zone,
            )
    except IntegrityError as error:
        raise NumberTaken(number) from error


def practice_of_person(db: Session, national_id: str) -> list[PracticeActivity]:
    """Every activity of a person that the Order knows, ended ones included, oldest first."""
    return list(
        db.scalars(
            select(PracticeActivity)
            .where(PracticeActivity.national_id == national_id)
            .order_by(PracticeActivity.declared_at, PracticeActivity.activity_id)
            .execution_options(populate_existing=True)
        )
    )


def read_exercices(db: Session, generation: int, national_id: str) -> list[dict[str, Any]] | None:
    """The exercises of a person as a generation holds them; None for nobody."""
    return db.scalar(
        select(DirectoryPerson.exercices).where(
            DirectoryPerson.generation == generation, DirectoryPerson.national_id == national_id
        )
    )


def write_exercices(
    db: Session, generation: int, national_id: str, exercices: list[dict[str, Any]]
) -> None:
    """Replace the exercises of a person; the directory must be locked."""
    db.execute(
        update(DirectoryPerson)
        .where(DirectoryPerson.generation == generation, DirectoryPerson.national_id == national_id)
        .values(exercices=exercices)
        .execution_options(synchronize_session="fetch")
    )


def add_directory_person(db: Session, person: DirectoryPerson) -> None:
    """Enter a person into a generation that does not hold them."""
    insert_row(db, person)


def add_population(
    db: Session,
    *,
    registrations: Sequence[OrderRegistration],
    activities: Sequence[PracticeActivity],
    people: Sequence[DirectoryPerson],
    contacts: Sequence[Contact],
) -> None:
    """Enter many people at once, a statement a table; the directory must be locked."""
    insert_rows(db, registrations)
    insert_rows(db, activities)
    insert_rows(db, people)
    insert_rows(db, contacts)


def local_registrations(db: Session, *, after: str, limit: int) -> list[OrderRegistration]:
    """Practitioners whom no import has held yet, in order of identifiers."""
    return list(
        db.scalars(
            select(OrderRegistration)
            .where(
                OrderRegistration.national_id > after,
                OrderRegistration.held_by_directory.is_(False),
            )
            .order_by(OrderRegistration.national_id)
            .limit(limit)
        )
    )


def local_activities(db: Session, *, after: str, limit: int) -> list[PracticeActivity]:
    """Activities that a card carries and no import has held yet, in order of their ids."""
    return list(
        db.scalars(
            select(PracticeActivity)
            .where(
                PracticeActivity.activity_id > after,
                PracticeActivity.held_by_directory.is_(False),
                PracticeActivity.state == "carried",
            )
            .order_by(PracticeActivity.activity_id)
            .limit(limit)
        )
    )


def leave_to_directory(
    db: Session, *, national_ids: Sequence[str] = (), activity_ids: Sequence[str] = ()
) -> None:
    """Note that an import holds them: its word decides from now on."""
    if national_ids:
        db.execute(
            update(OrderRegistration)
            .where(OrderRegistration.national_id.in_(national_ids))
            .values(held_by_directory=True)
            .execution_options(synchronize_session=False)
        )
    if activity_ids:
        db.execute(
            update(PracticeActivity)
            .where(PracticeActivity.activity_id.in_(activity_ids))
            .values(held_by_directory=True)
            .execution_options(synchronize_session=False)
        )


def add_absent_practice(db: Session, activities: Sequence[PracticeActivity]) -> None:
    """Enter activities of the sample where they are not there yet."""
    known = set(
        db.scalars(
            select(PracticeActivity.activity_id).where(
                PracticeActivity.activity_id.in_([a.activity_id for a in activities])
            )
        )
    )
    insert_rows(db, [a for a in activities if a.activity_id not in known])
