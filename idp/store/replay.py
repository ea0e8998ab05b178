"""Identifiers that may be used once (decision 37: this one may move to Redis)."""

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from idp.store.models import ReplayId


def first_use(db: Session, scope: str, value: str, *, expires_at: datetime) -> bool:
    """Remember the value; False when it was used before. Atomic by the primary key."""
    try:
        with db.begin_nested():
            db.execute(insert(ReplayId).values(scope=scope, value=value, expires_at=expires_at))
    except IntegrityError:
        return False
    return True
