"""Authorization requests that wait for a person."""

from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, or_, select, update
from sqlalchemy.orm import Session

from idp.store.models import Challenge, Client, Interaction


def add_interaction(db: Session, interaction: Interaction) -> None:
    """Keep a new interaction."""
    db.add(interaction)


def find_interaction(
    db: Session, interaction_hash: bytes, *, now: datetime
) -> tuple[Interaction, Client, Challenge | None] | None:
    """An interaction that did not lapse, its client, and the challenge it waits for."""
    row = db.execute(
        select(Interaction, Client, Challenge)
        .join(Client, Client.client_id == Interaction.client_id)
        .outerjoin(Challenge, Challenge.challenge_id == Interaction.challenge_id)
        .where(Interaction.interaction_hash == interaction_hash, Interaction.expires_at > now)
    ).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def bind_browser(db: Session, interaction_hash: bytes, browser_hash: bytes) -> bool:
    """Tie an interaction to the first browser that saw it; False when another one did."""
    return _changed(
        db,
        update(Interaction)
        .where(
            Interaction.interaction_hash == interaction_hash,
            or_(Interaction.browser_hash.is_(None), Interaction.browser_hash == browser_hash),
        )
        .values(browser_hash=browser_hash),
    )


def replace_challenge(
    db: Session, interaction_hash: bytes, *, old: str | None, new: str | None
) -> bool:
    """Let an interaction wait for another challenge; False when a simultaneous step won."""
    return _changed(
        db,
        update(Interaction)
        .where(
            Interaction.interaction_hash == interaction_hash,
            Interaction.challenge_id.is_not_distinct_from(old),
        )
        .values(challenge_id=new),
    )


def set_request(db: Session, interaction_hash: bytes, request: dict[str, Any]) -> bool:
    """Keep what the interaction learned on its way."""
    return _changed(
        db,
        update(Interaction)
        .where(Interaction.interaction_hash == interaction_hash)
        .values(request=request),
    )


def end_interaction(db: Session, interaction_hash: bytes) -> bool:
    """Spend an interaction: True for one caller only, also of simultaneous ones."""
    return _changed(db, delete(Interaction).where(Interaction.interaction_hash == interaction_hash))


def _changed(db: Session, statement: Any) -> bool:
    done: CursorResult[Any] = db.execute(  # type: ignore[assignment]
        statement.execution_options(synchronize_session=False)
    )
    return done.rowcount == 1
