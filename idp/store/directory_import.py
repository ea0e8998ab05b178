"""Writing a generation of the directory, switching to it, deleting the old ones (decision 36)."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, delete, exists, insert, literal, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from idp.store.models import (
    Contact,
    DirectoryAlias,
    DirectoryGeneration,
    DirectoryPerson,
    RefusedRow,
    World,
)

_UNPUBLISHED = ("3", "4", "5", "6", "EDIT")
"""Types of identifiers (TRE_G08) that stand in no open extract."""


class StagedPerson(NamedTuple):
    """A person to be written under a generation."""

    national_id: str
    identifier_type: str
    family_name: str
    given_name: str
    civilite: str
    other_ids: list[dict[str, Any]]
    exercices: list[dict[str, Any]]
    closed: bool = False
    declared_mobile: str = ""
    declared_email: str = ""


class StagedAlias(NamedTuple):
    """A former identifier of a person."""

    alias: str
    national_id: str


class ImportUnderWay(Exception):
    """Another import writes a generation at this moment."""


class ImportSuperseded(Exception):
    """This import was silent for so long that another took its place."""


def start_generation(db: Session, *, source: str, now: datetime) -> int:
    """A new generation number, under which batches are written.

    Raises:
        ImportUnderWay: another generation is loading.
    """
    row = DirectoryGeneration(source=source, state="loading", started_at=now, progressed_at=now)
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError as error:
        raise ImportUnderWay("another import is under way") from error
    return row.number


def abandon_silent(db: Session, *, silent_since: datetime, now: datetime) -> None:
    """Give up on an import whose process died."""
    db.execute(
        update(DirectoryGeneration)
        .where(
            DirectoryGeneration.state == "loading",
            DirectoryGeneration.progressed_at < silent_since,
        )
        .values(state="abandoned", finished_at=now)
    )


def progress_generation(
    db: Session, number: int, *, rows: int, refused: int, now: datetime
) -> None:
    """Say that the import lives, and how far it came.

    Raises:
        ImportSuperseded: it was taken for dead.
    """
    _while_loading(db, number, rows=rows, refused=refused, progressed_at=now)


def complete_generation(
    db: Session, number: int, *, rows: int, refused: int, now: datetime
) -> None:
    """Mark a generation whole; raises ImportSuperseded when it was taken for dead."""
    _while_loading(
        db, number, rows=rows, refused=refused, progressed_at=now, state="complete", finished_at=now
    )


def abandon_generation(db: Session, number: int, *, now: datetime) -> None:
    """Mark a generation as never to be used."""
    db.execute(
        update(DirectoryGeneration)
        .where(DirectoryGeneration.number == number, DirectoryGeneration.state == "loading")
        .values(state="abandoned", finished_at=now)
    )


def last_complete(db: Session, source: str) -> DirectoryGeneration | None:
    """The newest whole generation from the same kind of file."""
    return db.scalars(
        select(DirectoryGeneration)
        .where(
            DirectoryGeneration.source == source,
            DirectoryGeneration.state.in_(("complete", "replaced")),
        )
        .order_by(DirectoryGeneration.number.desc())
        .limit(1)
    ).one_or_none()


def write_people(db: Session, number: int, people: Sequence[StagedPerson]) -> None:
    """Write people under a generation that does not hold them yet."""
    if not people:
        return
    connection = db.connection()
    if connection.dialect.name != "postgresql":
        rows = [{"generation": number} | person._asdict() for person in people]
        connection.execute(insert(DirectoryPerson), rows)
        return
    # COPY: PostgreSQL would take twice as long for a statement a row.
    columns = ", ".join(("generation", *StagedPerson._fields))
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(f"COPY directory_people ({columns}) FROM STDIN") as copy:
        for person in people:
            copy.write_row(
                json.dumps(value) if isinstance(value, list) else value
                for value in (number, *person)
            )


def keep_unpublished(db: Session, in_force: int, number: int) -> None:
    """Write under a generation whom the one in force holds and the open extract never does.

    Those are known by structure and register (types 3 to 6), or are test identities. Whom the
    generation holds all the same stays as it has them.
    """
    written = aliased(DirectoryPerson)
    held = exists().where(
        written.generation == number, written.national_id == DirectoryPerson.national_id
    )
    columns = StagedPerson._fields
    unpublished = select(
        literal(number), *(getattr(DirectoryPerson, name) for name in columns)
    ).where(
        DirectoryPerson.generation == in_force,
        DirectoryPerson.identifier_type.in_(_UNPUBLISHED),
        ~held,
    )
    db.execute(insert(DirectoryPerson).from_select(["generation", *columns], unpublished))


def take_back(db: Session, number: int, national_ids: Sequence[str]) -> None:
    """Delete people of a generation, to be written again with more."""
    db.execute(
        delete(DirectoryPerson).where(
            DirectoryPerson.generation == number, DirectoryPerson.national_id.in_(national_ids)
        )
    )


def exercices_written(
    db: Session, number: int, national_ids: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """The exercises of those people that the generation holds already."""
    rows = db.execute(
        select(DirectoryPerson.national_id, DirectoryPerson.exercices).where(
            DirectoryPerson.generation == number, DirectoryPerson.national_id.in_(national_ids)
        )
    )
    return {row.national_id: row.exercices for row in rows}


def refresh_statistics(db: Session) -> None:
    """Tell PostgreSQL how large the generation has become.

    Without it the planner holds a table under load for small, and reads the whole generation for
    each batch that asks for the people written before.
    """
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("ANALYZE directory_people"))


def write_aliases(db: Session, number: int, aliases: Sequence[StagedAlias]) -> None:
    """Write former identifiers; the first person who claims one keeps it."""
    if aliases:
        db.connection().execute(
            _insert(db, DirectoryAlias).on_conflict_do_nothing(),
            [{"generation": number} | alias._asdict() for alias in aliases],
        )


def write_refused(db: Session, number: int, refused: Sequence[tuple[int, str]]) -> None:
    """Keep the line and the reason of rows that were refused."""
    if refused:
        db.connection().execute(
            insert(RefusedRow),
            [{"generation": number, "line": line, "reason": reason} for line, reason in refused],
        )


def declare_absent_contacts(
    db: Session, number: int, *, after: str, limit: int, now: datetime
) -> str | None:
    """Enter the contacts of a private extract where a person has none yet.

    Goes through the generation in order of identifiers, ``limit`` people from ``after`` on, and
    gives where to go on, or None at the end. Contacts once held are never touched.
    """
    people = db.execute(
        select(
            DirectoryPerson.national_id,
            DirectoryPerson.declared_mobile,
            DirectoryPerson.declared_email,
        )
        .where(DirectoryPerson.generation == number, DirectoryPerson.national_id > after)
        .order_by(DirectoryPerson.national_id)
        .limit(limit)
    ).all()
    if not people:
        return None
    held = _holding_contacts(db, number, [p.national_id for p in people])
    first = [
        {
            "national_id": p.national_id,
            "mobile": p.declared_mobile,
            "email": p.declared_email,
            "declared_at": now,
        }
        for p in people
        if p.national_id not in held and (p.declared_mobile or p.declared_email)
    ]
    if first:
        db.connection().execute(_insert(db, Contact).on_conflict_do_nothing(), first)
    last: str = people[-1].national_id
    return last


def next_outdated(db: Session) -> int | None:
    """A generation whose people are still there though it was replaced or abandoned."""
    in_force = select(World.directory_generation).where(World.id == 1).scalar_subquery()
    return db.scalars(
        select(DirectoryGeneration.number)
        .where(
            or_(
                DirectoryGeneration.state == "abandoned",
                and_(
                    DirectoryGeneration.state == "complete", DirectoryGeneration.number < in_force
                ),
            )
        )
        .order_by(DirectoryGeneration.number)
        .limit(1)
    ).one_or_none()


def delete_people(db: Session, number: int, *, limit: int) -> int:
    """Delete up to ``limit`` people of a generation; gives how many."""
    some = (
        select(DirectoryPerson.national_id).where(DirectoryPerson.generation == number).limit(limit)
    )
    deleted = db.connection().execute(
        delete(DirectoryPerson).where(
            DirectoryPerson.generation == number, DirectoryPerson.national_id.in_(some)
        )
    )
    return deleted.rowcount


def finish_deletion(db: Session, number: int) -> None:
    """Delete the rest of a generation, and mark it as gone; its figures stay as history."""
    db.execute(delete(DirectoryAlias).where(DirectoryAlias.generation == number))
    db.execute(delete(RefusedRow).where(RefusedRow.generation == number))
    for was, becomes in (("complete", "replaced"), ("abandoned", "removed")):
        db.execute(
            update(DirectoryGeneration)
            .where(DirectoryGeneration.number == number, DirectoryGeneration.state == was)
            .values(state=becomes)
        )


def _holding_contacts(db: Session, number: int, national_ids: Sequence[str]) -> set[str]:
    direct = select(Contact.national_id).where(Contact.national_id.in_(national_ids))
    formerly = (
        select(DirectoryAlias.national_id)
        .join(Contact, Contact.national_id == DirectoryAlias.alias)
        .where(DirectoryAlias.generation == number, DirectoryAlias.national_id.in_(national_ids))
    )
    return {*db.scalars(direct), *db.scalars(formerly)}


def _while_loading(db: Session, number: int, **values: Any) -> None:
    changed = db.connection().execute(
        update(DirectoryGeneration)
        .where(DirectoryGeneration.number == number, DirectoryGeneration.state == "loading")
        .values(**values)
    )
    if changed.rowcount == 0:
        raise ImportSuperseded(f"generation {number} was taken for abandoned")


def _insert(db: Session, model: Any) -> Any:
    backend: Any = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    return backend.insert(model)
