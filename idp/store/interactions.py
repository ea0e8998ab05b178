"""Authorization requests that wait for a person."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from idp.store.models import Challenge, Client, Interaction
from idp.store.statements import changes_one, insert_row


def add_interaction(db: Session, interaction: Interaction) -> None:
    """Keep a new interaction."""
    insert_row(db, interaction)


def find_interaction(
    db: Session, interaction_hash: bytes, *, now: datetime
) -> tuple[Interaction, Client, Challenge | None] | None:
    """An interaction that did not lapse, its client, and the challenge it waits for."""
    row = db.execute(_FIND, {"of": interaction_hash, "now": now}).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def bind_browser(db: Session, interaction_hash: bytes, browser_hash: bytes) -> bool:
    """Tie an interaction to the first browser that saw it; False when another one did."""
    return changes_one(db, _BIND, {"of": interaction_hash, "browser": browser_hash})


def replace_challenge(
    db: Session, interaction_hash: bytes, *, old: str | None, new: str | None
) -> bool:
    """Let an interaction wait for another challenge; False when a simultaneous step won."""
    return changes_one(db, _REPLACE_CHALLENGE, {"of": interaction_hash, "old": old, "new": new})


def set_request(db: Session, interaction_hash: bytes, request: dict[str, Any]) -> bool:
    """Keep what the interaction learned on its way."""
    return changes_one(db, _SET_REQUEST, {"of": interaction_hash, "new": request})


def mark_public_workstation(db: Session, interaction_hash: bytes) -> bool:
    """Note that the browser is to keep nothing; no statement takes it back."""
    return changes_one(db, _MARK_PUBLIC_WORKSTATION, {"of": interaction_hash})


def keep_own_session(db: Session, interaction_hash: bytes, sid: str) -> bool:
    """Let the pages that are left find the session of a browser that was given no cookie."""
    return changes_one(db, _KEEP_OWN_SESSION, {"of": interaction_hash, "new": sid})


def end_interaction(db: Session, interaction_hash: bytes) -> bool:
    """Spend an interaction: True for one caller only, also of simultaneous ones."""
    return changes_one(db, _END, {"of": interaction_hash})


_THIS = Interaction.interaction_hash == bindparam("of")
_FIND = (
    select(Interaction, Client, Challenge)
    .join(Client, Client.client_id == Interaction.client_id)
    .outerjoin(Challenge, Challenge.challenge_id == Interaction.challenge_id)
    .where(_THIS, Interaction.expires_at > bindparam("now"))
)
_BIND = (
    update(Interaction)
    .where(
        _THIS,
        or_(
            Interaction.browser_hash.is_(None),
            Interaction.browser_hash == bindparam("browser"),
        ),
    )
    .values(browser_hash=bindparam("browser"))
)
_REPLACE_CHALLENGE = (
    update(Interaction)
    .where(_THIS, Interaction.challenge_id.is_not_distinct_from(bindparam("old")))
    .values(challenge_id=bindparam("new"))
)
_SET_REQUEST = update(Interaction).where(_THIS).values(request=bindparam("new"))
_MARK_PUBLIC_WORKSTATION = update(Interaction).where(_THIS).values(public_workstation=True)
_KEEP_OWN_SESSION = update(Interaction).where(_THIS).values(sid=bindparam("new"))
_END = delete(Interaction).where(_THIS)
