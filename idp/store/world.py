"""The database's own stamp and its movable clock."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from idp.store.models import World

_MICROSECOND = timedelta(microseconds=1)


def find_world(db: Session) -> World | None:
    """The stamp, or nothing in a database that was never initialised."""
    return db.get(World, 1)


def hold_world(db: Session) -> World | None:
    """The stamp, held until the transaction ends: of simultaneous callers one goes on."""
    return db.get(World, 1, with_for_update=True)


def stamp_world(db: Session, *, kind: str, profile: str, issuer: str, now: datetime) -> World:
    """Stamp a new database for good (decision 1)."""
    world = World(id=1, kind=kind, profile=profile, issuer=issuer, clock_offset=0, created_at=now)
    db.add(world)
    return world


def stamp_copy(db: Session, *, issuer: str, now: datetime) -> None:
    """Make the stamp of a copied simulation that of another issuer, born now."""
    db.execute(
        update(World)
        .where(World.id == 1, World.kind == "simulation")
        .values(issuer=issuer, created_at=now)
    )


def clock_offset(db: Session) -> timedelta:
    """How far a simulation's clock was moved."""
    offset = db.scalar(select(World.clock_offset).where(World.id == 1))
    return (offset or 0) * _MICROSECOND


def standing(db: Session) -> tuple[timedelta, int]:
    """How far a simulation's clock was moved, and how often a snapshot was restored."""
    row = db.execute(
        select(World.clock_offset, World.restorations).where(World.id == 1)
    ).one_or_none()
    return (row[0] * _MICROSECOND, row[1] or 0) if row else (timedelta(0), 0)


def move_clock(db: Session, by: timedelta) -> None:
    """Move a simulation's clock; the offset adds up."""
    db.execute(
        update(World)
        .where(World.id == 1, World.kind == "simulation")
        .values(clock_offset=World.clock_offset + by // _MICROSECOND)
    )
