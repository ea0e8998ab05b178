"""Faults that a simulation was asked to commit."""

from sqlalchemy import bindparam, delete, func, or_, select, update
from sqlalchemy.orm import Session

from idp.store.models import DevFault
from idp.store.statements import changes_one, run


def add_fault(db: Session, fault: DevFault) -> None:
    """Keep what was asked for, and give it its number."""
    db.add(fault)
    db.flush()


def all_faults(db: Session) -> list[DevFault]:
    """Everything asked for and not removed, oldest first, also what is used up."""
    return list(db.scalars(select(DevFault).order_by(DevFault.id)))


def count_faults(db: Session) -> int:
    """How many are kept."""
    return db.scalar(select(func.count()).select_from(DevFault)) or 0


def find_fault(db: Session, fault_id: int) -> DevFault | None:
    """The one of that number, unless it was removed."""
    return db.get(DevFault, fault_id)


def standing_faults(db: Session, endpoint: str, client_id: str | None) -> list[DevFault]:
    """What is still to be committed at an endpoint towards a client, oldest first."""
    return list(db.scalars(_STANDING, {"endpoint": endpoint, "caller": client_id}))


def stands(db: Session, endpoint: str) -> bool:
    """Whether anything is still to be committed at an endpoint, towards whomever."""
    return db.scalar(_STANDS, {"endpoint": endpoint}) is not None


def take_fault(db: Session, fault_id: int) -> bool:
    """Count one commission; False where a simultaneous request took the last one."""
    return changes_one(db, _TAKE, {"fault_id": fault_id})


def remove_fault(db: Session, fault_id: int) -> bool:
    """Commit it no more, and forget it; False where there is none of that number."""
    return changes_one(db, _REMOVE, {"fault_id": fault_id})


def remove_faults(db: Session) -> None:
    """Commit none any more, and forget them all."""
    run(db, delete(DevFault), {})


_IS_LEFT = or_(DevFault.times_left.is_(None), DevFault.times_left > 0)
_AT_ENDPOINT = (DevFault.endpoint == bindparam("endpoint"), _IS_LEFT)
_STANDING = (
    select(DevFault)
    .where(
        *_AT_ENDPOINT,
        or_(DevFault.client_id.is_(None), DevFault.client_id == bindparam("caller")),
    )
    .order_by(DevFault.id)
)
_STANDS = select(DevFault.id).where(*_AT_ENDPOINT).limit(1)
_TAKE = (
    update(DevFault)
    .where(DevFault.id == bindparam("fault_id"), _IS_LEFT)
    .values(times_left=DevFault.times_left - 1, committed=DevFault.committed + 1)
)
_REMOVE = delete(DevFault).where(DevFault.id == bindparam("fault_id"))
