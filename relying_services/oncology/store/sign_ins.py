"""Sign-ins that wait for their person, found by a handle in a cookie."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from relying_services.oncology.store.models import SignInRow
from relying_services.service.ciba import Asked
from relying_services.service.digest import digest


def keep(db: Session, now: datetime, asked: Asked) -> str:
    """Keep one that begins to wait; gives the handle for the cookie. Those that are over go."""
    db.execute(delete(SignInRow).where(SignInRow.ends_at <= now))
    handle = secrets.token_urlsafe(24)
    db.add(
        SignInRow(
            handle=digest(handle),
            auth_req_id=asked.auth_req_id,
            number=asked.number,
            channel=asked.channel,
            interval=asked.interval,
            look_at=now,
            ends_at=now + timedelta(seconds=asked.expires_in),
        )
    )
    return handle


def find(db: Session, handle: str | None) -> SignInRow | None:
    """The one of a handle."""
    return db.get(SignInRow, digest(handle)) if handle else None


def is_to_be_asked(db: Session, row: SignInRow, now: datetime) -> bool:
    """Whether its interval is over; the next one begins with the question."""
    taken = db.execute(
        update(SignInRow)
        .where(SignInRow.handle == row.handle, SignInRow.look_at <= now)
        .values(look_at=now + timedelta(seconds=row.interval))
        .returning(SignInRow.handle)
    ).first()
    return taken is not None


def slow_down(db: Session, row: SignInRow, seconds: int) -> None:
    """Leave so much more between two questions from now on."""
    db.execute(
        update(SignInRow)
        .where(SignInRow.handle == row.handle)
        .values(
            interval=SignInRow.interval + seconds,
            look_at=row.look_at + timedelta(seconds=seconds),
        )
        .execution_options(synchronize_session=False)
    )


def end(db: Session, row: SignInRow) -> bool:
    """Forget one; False where it was given up meanwhile, or has ended in another tab."""
    ended = db.execute(
        delete(SignInRow).where(SignInRow.handle == row.handle).returning(SignInRow.handle)
    ).first()
    return ended is not None
