"""Phones being paired by card and QR: every single-use step is one conditional update."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Update, case, exists, null, select, update
from sqlalchemy.orm import Session

from idp.store.models import BrowserSession, Pairing
from idp.store.statements import insert_row

_WAITING = ("shown", "scanned", "confirmed")


def add_pairing(db: Session, pairing: Pairing) -> None:
    """Keep a new pairing, complete: what is set on it later is not written."""
    insert_row(db, pairing)


def find_pairing(db: Session, pairing_id: str) -> Pairing | None:
    """The pairing of that id, whatever its state."""
    return db.get(Pairing, pairing_id, populate_existing=True)


def find_pairing_of_token(db: Session, token_hash: bytes) -> Pairing | None:
    """The pairing whose QR holds that token, scanned or not."""
    return db.scalar(select(Pairing).where(Pairing.token_hash == token_hash))


def newest_pairing(db: Session, sid: str) -> Pairing | None:
    """The pairing that a session began last, whatever its state."""
    return db.scalar(
        select(Pairing)
        .where(Pairing.sid == sid)
        .order_by(Pairing.created_at.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def supersede_pairings(db: Session, national_id: str) -> None:
    """End whatever pairing of a person waits: a new one takes its place."""
    db.execute(
        update(Pairing)
        .where(Pairing.national_id == national_id, Pairing.state.in_(_WAITING))
        .values(state="dead", end_reason="superseded")
        .execution_options(synchronize_session=False)
    )


def cancel_pairings(db: Session, identifiers: Sequence[str]) -> None:
    """End whatever pairing of somebody waits, under each identifier of theirs."""
    db.execute(
        update(Pairing)
        .where(Pairing.national_id.in_(identifiers), Pairing.state.in_(_WAITING))
        .values(state="dead", end_reason="cancelled")
        .execution_options(synchronize_session=False)
    )


def take_scan(
    db: Session,
    pairing_id: str,
    *,
    device_jwk: dict[str, Any],
    thumbprint: str,
    name: str,
    code_hash: bytes,
    now: datetime,
    expires_at: datetime,
) -> Pairing | None:
    """Spend the token for the first device key; nothing when it was, or came late."""
    return _take(
        db,
        update(Pairing)
        .where(
            Pairing.pairing_id == pairing_id,
            Pairing.state == "shown",
            Pairing.qr_expires_at > now,
        )
        .values(
            state="scanned",
            device_jwk=device_jwk,
            device_thumbprint=thumbprint,
            device_name=name,
            code_hash=code_hash,
            expires_at=expires_at,
        ),
    )


def burn_pairing(db: Session, pairing_id: str, *, thumbprint: str, now: datetime) -> Pairing | None:
    """End a pairing whose token a second device key brought; nothing where there is none."""
    return _take(
        db,
        update(Pairing)
        .where(
            Pairing.pairing_id == pairing_id,
            Pairing.state.in_(("scanned", "confirmed")),
            Pairing.device_thumbprint != thumbprint,
            Pairing.expires_at > now,
        )
        .values(state="dead", end_reason="scanned-twice"),
    )


def take_confirmation(
    db: Session,
    pairing_id: str,
    *,
    sid: str,
    code_hash: bytes,
    challenge: bytes,
    now: datetime,
    idle: timedelta,
) -> Pairing | None:
    """Take the one try of the code: `confirmed` when it is the right one, else `dead`.

    Nothing when no try is left, or the session that shows the QR is over.
    """
    is_right = Pairing.code_hash == code_hash
    return _take(
        db,
        update(Pairing)
        .where(
            Pairing.pairing_id == pairing_id,
            Pairing.sid == sid,
            Pairing.state == "scanned",
            Pairing.expires_at > now,
            exists().where(
                BrowserSession.sid == Pairing.sid,
                BrowserSession.ended_at.is_(None),
                BrowserSession.expires_at > now,
                BrowserSession.last_activity_at > now - idle,
            ),
        )
        .values(
            state=case((is_right, "confirmed"), else_="dead"),
            end_reason=case((is_right, null()), else_="wrong-code"),
            registration_challenge=challenge,
        ),
    )


def complete_pairing(
    db: Session, pairing_id: str, *, thumbprint: str, now: datetime
) -> Pairing | None:
    """Take the pairing's one activation."""
    return _take(
        db,
        update(Pairing)
        .where(
            Pairing.pairing_id == pairing_id,
            Pairing.device_thumbprint == thumbprint,
            Pairing.state == "confirmed",
            Pairing.expires_at > now,
        )
        .values(state="active"),
    )


def _take(db: Session, statement: Update) -> Pairing | None:
    options: dict[str, Any] = {"synchronize_session": False, "populate_existing": True}
    return db.scalar(statement.returning(Pairing), execution_options=options)
