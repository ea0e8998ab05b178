"""Finding professionals by the beginning of a name or of an identifier, for operators.

Both look into an index alone, whatever the size of the directory: `ix_directory_people_name`, and
the primary key. Names are compared by bytes, as the index holds them on either database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from idp.store.models import DirectoryPerson, LocalCorrection, World

_HIGHEST = "\U0010ffff"


@dataclass(frozen=True)
class FoundPerson:
    """A line of the results."""

    row: DirectoryPerson
    struck_off: bool
    """Here, whatever the directory says."""

    @property
    def closed(self) -> bool:
        """Whether they may no longer sign in, as far as this identifier tells."""
        return self.row.closed or self.struck_off


def people_by_name(
    db: Session,
    beginnings: Sequence[str],
    *,
    given_name: str,
    after: tuple[str, str] | None,
    limit: int,
) -> list[FoundPerson]:
    """People whose family name begins so, in order of names, then of identifiers.

    Args:
        db: an open session.
        beginnings: how the name may be written in the directory.
        given_name: how the given name begins, upper case; empty for any.
        after: family name and identifier of the last one shown before.
        limit: how many at most.
    """
    name = _Bytes(db, DirectoryPerson.family_name)
    query = _in_force().where(or_(*(name.begins(text) for text in beginnings)))
    if given_name:
        query = query.where(
            func.upper(DirectoryPerson.given_name).startswith(given_name, autoescape=True)
        )
    if after is not None:
        last_name, last_id = after
        later = and_(
            DirectoryPerson.family_name == last_name, DirectoryPerson.national_id > last_id
        )
        query = query.where(or_(name.above(last_name), later))
    query = query.order_by(name.ascending(), DirectoryPerson.national_id)
    return _found(db, query, limit)


def people_by_identifier(
    db: Session, beginnings: Sequence[str], *, after: str, limit: int
) -> list[FoundPerson]:
    """People whose national identifier begins so, in order of identifiers, above ``after``."""
    identifier = DirectoryPerson.national_id
    ranges = (
        and_(
            identifier >= text,
            identifier < _next_after(text),
            identifier.startswith(text, autoescape=True),
        )
        for text in beginnings
    )
    query = _in_force().where(or_(*ranges), identifier > after).order_by(identifier)
    return _found(db, query, limit)


def people_after(db: Session, *, after: str, limit: int) -> list[FoundPerson]:
    """Anybody of the directory in force, in order of identifiers, above ``after``."""
    identifier = DirectoryPerson.national_id
    return _found(db, _in_force().where(identifier > after).order_by(identifier), limit)


def family_name_of(db: Session, national_id: str) -> str:
    """The name under which the directory in force lists somebody; empty for nobody."""
    named = _in_force().with_only_columns(DirectoryPerson.family_name)
    return db.scalar(named.where(DirectoryPerson.national_id == national_id)) or ""


def _next_after(text: str) -> str:
    """The least identifier above all that begin so, whatever the order of the database.

    Made of digits and letters alone: some orders pass over every other character.
    """
    stem = text.rstrip("9").rstrip("/")
    return stem[:-1] + chr(ord(stem[-1]) + 1) if stem else "a"


class _Bytes:
    """A text column compared by its bytes, with the operators that the index knows."""

    def __init__(self, db: Session, column: Any) -> None:
        self._column = column
        is_postgresql = db.get_bind().dialect.name == "postgresql"
        self._pattern = "~" if is_postgresql else ""
        """Marks PostgreSQL's operators of `text_pattern_ops`: `~<~`, `~>=~`."""

    def begins(self, text: str) -> ColumnElement[bool]:
        return and_(self._compare(">=", text), self._compare("<", text + _HIGHEST))

    def above(self, text: str) -> ColumnElement[bool]:
        return self._compare(">", text)

    def ascending(self) -> ColumnElement[Any]:
        if not self._pattern:
            return self._column.asc()  # type: ignore[no-any-return]  # of a column of any type
        return UnaryExpression(self._column, modifier=custom_op("USING ~<~"))

    def _compare(self, operator: str, text: str) -> ColumnElement[bool]:
        named = f"{self._pattern}{operator}{self._pattern}"
        return self._column.bool_op(named)(text)  # type: ignore[no-any-return]  # as above


def _in_force() -> Any:
    generation = select(World.directory_generation).where(World.id == 1).scalar_subquery()
    return (
        select(DirectoryPerson, LocalCorrection.struck_off)
        .outerjoin(LocalCorrection, LocalCorrection.national_id == DirectoryPerson.national_id)
        .where(DirectoryPerson.generation == generation)
    )


def _found(db: Session, query: Any, limit: int) -> list[FoundPerson]:
    return [FoundPerson(row[0], bool(row[1])) for row in db.execute(query.limit(limit))]
