"""Signing keys at rest."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from idp.store.models import SigningKey


def add_key(db: Session, key: SigningKey) -> None:
    """Keep a new key."""
    db.add(key)


def all_keys(db: Session) -> list[SigningKey]:
    """Every key that is still published or kept, oldest first."""
    return list(db.scalars(select(SigningKey).order_by(SigningKey.created_at, SigningKey.kid)))


def set_key_state(db: Session, kid: str, state: str, *, retires_at: datetime | None) -> None:
    """Move a key along its life."""
    db.execute(
        update(SigningKey).where(SigningKey.kid == kid).values(state=state, retires_at=retires_at)
    )


def delete_key(db: Session, kid: str) -> None:
    """Forget a key whose last signature lapsed."""
    key = db.get(SigningKey, kid)
    if key is not None:
        db.delete(key)
