"""Operators of the console, and their sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, cast, func, not_, or_, select, update
from sqlalchemy.orm import Session

from idp.store.models import Operator, OperatorSession
from idp.store.statements import insert_row, upsert, values_of

ACTIVE = "active"
TOTP_SEAL = "operator-totp"
"""Purpose under which `totp_sealed` is sealed."""
DEVELOPMENT = "development"
"""The means of a session opened with the start-up secret: no operator stands behind it."""


@dataclass(frozen=True)
class LiveSession:
    """A session that may go on, and the operator of it; none for a development session."""

    session: OperatorSession
    operator: Operator | None


def add_operator(db: Session, operator: Operator) -> bool:
    """Keep a new operator; False where the name is taken."""
    added = (
        upsert(db, Operator)
        .values(**values_of(operator))
        .on_conflict_do_nothing()
        .returning(Operator.name)
    )
    return db.scalar(added) is not None


def find_operator(db: Session, name: str) -> Operator | None:
    """An operator by name, whatever their state."""
    found = select(Operator).where(Operator.name == name)
    return db.scalar(found.execution_options(populate_existing=True))


def all_operators(db: Session) -> list[Operator]:
    """Every operator, by name: a handful."""
    return list(db.scalars(select(Operator).order_by(Operator.name)))


def find_invitation(db: Session, invitation_hash: bytes, *, now: datetime) -> Operator | None:
    """Whom an invitation that still holds was made for."""
    return db.scalar(
        select(Operator).where(
            Operator.invitation_hash == invitation_hash, Operator.invitation_expires_at > now
        )
    )


def invite(db: Session, name: str, invitation_hash: bytes, *, expires_at: datetime) -> bool:
    """Put a new invitation in the place of whatever opened the console to an operator."""
    invited = (
        update(Operator)
        .where(Operator.name == name)
        .values(
            state="invited",
            invitation_hash=invitation_hash,
            invitation_expires_at=expires_at,
            password_hash=None,
            totp_sealed=None,
            failures=0,
            locked_until=None,
        )
        .returning(Operator.name)
    )
    return db.scalar(invited) is not None


def take_invitation(db: Session, invitation_hash: bytes, *, now: datetime) -> Operator | None:
    """Spend an invitation, once; gives who is active from now on."""
    return db.scalar(
        update(Operator)
        .where(Operator.invitation_hash == invitation_hash, Operator.invitation_expires_at > now)
        .values(state=ACTIVE, invitation_hash=None, invitation_expires_at=None)
        .returning(Operator)
        .execution_options(populate_existing=True)
    )


def set_password(
    db: Session, name: str, *, password_hash: str, totp_sealed: bytes, totp_step: int
) -> None:
    """What an operator enters by; the code that proved it holds no second time."""
    db.execute(
        update(Operator)
        .where(Operator.name == name)
        .values(
            password_hash=password_hash,
            totp_sealed=totp_sealed,
            totp_last_step=totp_step,
            failures=0,
            locked_until=None,
        )
    )


def change_roles(
    db: Session, name: str, roles: Sequence[str], *, last_of: str | None = None
) -> bool:
    """Give an operator other roles; False where there is none of this name.

    Where ``last_of`` names a role, False too for the last active operator who holds it.
    """
    changed = update(Operator).where(Operator.name == name).values(roles=list(roles))
    if last_of is not None:
        changed = changed.where(_leaves_another(name, last_of))
    return db.scalar(changed.returning(Operator.name)) is not None


def disable(db: Session, name: str, *, now: datetime, last_of: str | None = None) -> bool:
    """Keep an operator out at once; False where there was nobody to keep out.

    Where ``last_of`` names a role, False too for the last active operator who holds it.
    """
    disabled = (
        update(Operator)
        .where(Operator.name == name, Operator.state != "disabled")
        .values(state="disabled", invitation_hash=None, invitation_expires_at=None)
    )
    if last_of is not None:
        disabled = disabled.where(_leaves_another(name, last_of))
    if db.scalar(disabled.returning(Operator.name)) is None:
        return False
    end_sessions_of(db, name, now=now)
    return True


def take_try(db: Session, name: str, *, now: datetime) -> int | None:
    """Count a try before it is looked at; gives the tries since the last good one.

    None where nobody of this name may try now. The row stays locked until the transaction ends.
    """
    may_try = (Operator.locked_until.is_(None)) | (Operator.locked_until <= now)
    return db.scalar(
        update(Operator)
        .where(Operator.name == name, Operator.state == ACTIVE, may_try)
        .values(failures=Operator.failures + 1)
        .returning(Operator.failures)
    )


def pause(db: Session, name: str, *, until: datetime) -> None:
    """Let nobody try this operator's password before then."""
    db.execute(update(Operator).where(Operator.name == name).values(locked_until=until))


def accept_code(db: Session, name: str, *, step: int, password_hash: str) -> bool:
    """Spend a time step, once, and forget the tries; False where it was spent already.

    ``password_hash`` is what was verified: it must not have changed meanwhile.
    """
    accepted = (
        update(Operator)
        .where(
            Operator.name == name,
            Operator.state == ACTIVE,
            Operator.password_hash == password_hash,
            Operator.totp_last_step < step,
        )
        .values(totp_last_step=step, failures=0, locked_until=None)
    )
    return db.scalar(accepted.returning(Operator.name)) is not None


def open_session(db: Session, session: OperatorSession) -> None:
    """Keep a new session."""
    insert_row(db, session)
    entered = update(Operator).where(Operator.name == session.operator)
    if session.means != DEVELOPMENT:
        db.execute(entered.values(last_entered_at=session.created_at))


def find_session(
    db: Session, cookie_hash: bytes, *, now: datetime, idle: timedelta
) -> LiveSession | None:
    """The session of a cookie, unless it is over or its operator may not work any more."""
    found = db.execute(
        select(OperatorSession, Operator)
        .outerjoin(Operator, Operator.name == OperatorSession.operator)
        .where(OperatorSession.cookie_hash == cookie_hash, *_live(now=now, idle=idle))
    ).one_or_none()
    if found is None:
        return None
    session, operator = found
    if session.means == DEVELOPMENT:
        return LiveSession(session, None)
    return LiveSession(session, operator) if operator and operator.state == ACTIVE else None


def note_work(db: Session, cookie_hash: bytes, *, now: datetime, idle: timedelta) -> None:
    """Its operator did something: a session that may go on does not idle."""
    db.execute(
        update(OperatorSession)
        .where(OperatorSession.cookie_hash == cookie_hash, *_live(now=now, idle=idle))
        .values(last_activity_at=now)
    )


def confirm_session(db: Session, cookie_hash: bytes, *, now: datetime) -> None:
    """Its operator proved anew who they are."""
    db.execute(
        update(OperatorSession)
        .where(OperatorSession.cookie_hash == cookie_hash)
        .values(confirmed_at=now, last_activity_at=now)
    )


def end_session(db: Session, cookie_hash: bytes, *, now: datetime) -> str | None:
    """End a session; gives whose it was, nothing where it was over."""
    return db.scalar(
        update(OperatorSession)
        .where(OperatorSession.cookie_hash == cookie_hash, OperatorSession.ended_at.is_(None))
        .values(ended_at=now)
        .returning(OperatorSession.operator)
    )


def end_sessions_of(db: Session, name: str, *, now: datetime) -> None:
    """End every session of an operator."""
    db.execute(
        update(OperatorSession)
        .where(
            OperatorSession.operator == name,
            OperatorSession.means != DEVELOPMENT,
            OperatorSession.ended_at.is_(None),
        )
        .values(ended_at=now)
    )


def end_other_sessions(db: Session, name: str, cookie_hash: bytes, *, now: datetime) -> None:
    """End every session of an operator but the one they work in."""
    db.execute(
        update(OperatorSession)
        .where(
            OperatorSession.operator == name,
            OperatorSession.cookie_hash != cookie_hash,
            OperatorSession.ended_at.is_(None),
        )
        .values(ended_at=now)
    )


def _live(*, now: datetime, idle: timedelta) -> list[ColumnElement[bool]]:
    return [
        OperatorSession.ended_at.is_(None),
        OperatorSession.expires_at > now,
        OperatorSession.last_activity_at > now - idle,
    ]


def _leaves_another(name: str, role: str) -> ColumnElement[bool]:
    """Whether a role has an active holder besides this operator, who may hold it themselves.

    Each of two operators who end the other's role at once holds the same rows, in the same order,
    and counts all of them: the second finds what the first left.
    """
    holds = cast(Operator.roles, String).contains(f'"{role}"', autoescape=True)
    active = select(Operator.name).where(Operator.state == ACTIVE, holds)
    holders = active.order_by(Operator.name).with_for_update().cte("holders")
    others = select(func.count()).select_from(holders).where(holders.c.name != name)
    return or_(Operator.state != ACTIVE, not_(holds), others.scalar_subquery() > 0)
