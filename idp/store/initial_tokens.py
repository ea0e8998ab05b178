"""Initial access tokens: who may register clients, and how many (RFC 7591, 3)."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from idp.store.models import InitialAccessToken


def add_initial_token(db: Session, token: InitialAccessToken) -> None:
    """Keep a new token."""
    db.add(token)
    db.flush()


def initial_tokens(db: Session, *, now: datetime) -> list[InitialAccessToken]:
    """Those that did not lapse, oldest first; also where no use is left."""
    live = select(InitialAccessToken).where(InitialAccessToken.expires_at > now)
    return list(db.scalars(live.order_by(InitialAccessToken.created_at)))


def use_initial_token(
    db: Session, token_hash: bytes, *, now: datetime
) -> InitialAccessToken | None:
    """Take one of the uses of a token; nothing where none is left, or it lapsed.

    One conditional update: of simultaneous callers no more succeed than there are uses.
    """
    return db.scalar(
        update(InitialAccessToken)
        .where(
            InitialAccessToken.token_hash == token_hash,
            InitialAccessToken.uses_left > 0,
            InitialAccessToken.expires_at > now,
        )
        .values(uses_left=InitialAccessToken.uses_left - 1)
        .returning(InitialAccessToken)
        .execution_options(synchronize_session=False)
    )


def delete_initial_token(db: Session, token_hash: bytes) -> InitialAccessToken | None:
    """Forget a token; gives what it was."""
    return db.scalar(
        delete(InitialAccessToken)
        .where(InitialAccessToken.token_hash == token_hash)
        .returning(InitialAccessToken)
        .execution_options(synchronize_session=False)
    )
