"""Cases, each found only for who takes part in it; what closes one is one conditional update."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from relying_services.oncology.cases import CLOSED, OPEN
from relying_services.oncology.store.models import CaseRow, OpinionRow, ParticipantRow


def present(db: Session, case: CaseRow, participants: Sequence[str]) -> int:
    """Enter a case and who takes part in it; gives its number."""
    db.add(case)
    db.flush()
    db.add_all(
        ParticipantRow(case_id=case.id, person=person)
        for person in dict.fromkeys((case.presenter, *participants))
    )
    return case.id


def cases_of(db: Session, person: str, limit: int) -> list[CaseRow]:
    """The cases in which somebody takes part, newest first."""
    query = (
        select(CaseRow)
        .join(ParticipantRow, ParticipantRow.case_id == CaseRow.id)
        .where(ParticipantRow.person == person)
        .order_by(ParticipantRow.case_id.desc())
        .limit(limit)
    )
    return list(db.scalars(query))


def case_for(db: Session, person: str, number: int) -> CaseRow | None:
    """A case, for who takes part in it; None for everybody else."""
    query = (
        select(CaseRow)
        .join(ParticipantRow, ParticipantRow.case_id == CaseRow.id)
        .where(CaseRow.id == number, ParticipantRow.person == person)
    )
    return db.scalars(query).one_or_none()


def participants_of(db: Session, number: int) -> list[str]:
    """National identifiers of who takes part in a case."""
    query = select(ParticipantRow.person).where(ParticipantRow.case_id == number)
    return list(db.scalars(query.order_by(ParticipantRow.person)))


def opinions_of(db: Session, number: int) -> list[OpinionRow]:
    """The opinions on a case, oldest first."""
    query = select(OpinionRow).where(OpinionRow.case_id == number)
    return list(db.scalars(query.order_by(OpinionRow.given_at, OpinionRow.author)))


def give(db: Session, opinion: OpinionRow) -> bool:
    """Give an opinion, or another in its place; False where the case is closed."""
    # The row of the case is held: it is not concluded between this and the opinion.
    is_open = db.execute(
        update(CaseRow)
        .where(CaseRow.id == opinion.case_id, CaseRow.state == OPEN)
        .values(state=OPEN)
        .returning(CaseRow.id)
        .execution_options(synchronize_session=False)
    ).first()
    if is_open is None:
        return False
    db.merge(opinion)
    return True


def conclude(
    db: Session, number: int, *, presenter: str, conclusion: str, quorum: int, now: datetime
) -> bool:
    """Who presents a case concludes it.

    False for everybody else, where it is closed, or where fewer than `quorum` specialties gave an
    opinion.
    """
    specialties = (
        select(func.count(func.distinct(OpinionRow.specialty)))
        .where(OpinionRow.case_id == number, OpinionRow.specialty != "")
        .scalar_subquery()
    )
    changed = db.execute(
        update(CaseRow)
        .where(
            CaseRow.id == number,
            CaseRow.presenter == presenter,
            CaseRow.state == OPEN,
            specialties >= quorum,
        )
        .values(state=CLOSED, conclusion=conclusion, concluded_at=now)
        .returning(CaseRow.id)
        .execution_options(synchronize_session=False)
    ).first()
    return changed is not None
