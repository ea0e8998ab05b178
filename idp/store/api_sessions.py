"""Sessions towards APIs, their refresh tokens, and when the trusted issuer is asked about them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session

from idp.store.models import ApiSession, Client, RefreshToken, RevokedToken
from idp.store.statements import changes_one, insert_row


@dataclass(frozen=True)
class ApiSessionInUse:
    """A session towards APIs beside the client that holds it."""

    session: ApiSession
    client: Client

    def is_live(self, now: datetime, confirmed_since: datetime) -> bool:
        """Whether its tokens are good: not ended, and vouched for recently enough."""
        return (
            self.session.ended_at is None
            and self.session.expires_at > now
            and self.session.confirmed_at > confirmed_since
            and self.client.disabled_at is None
        )


def add_api_session(db: Session, session: ApiSession) -> None:
    """Keep a session that an exchange opens."""
    insert_row(db, session)


def find_session_of_token(db: Session, sid: str, jti: str) -> tuple[bool, ApiSessionInUse] | None:
    """Whether the access token was revoked by itself, and the session it belongs to."""
    row = db.execute(_FIND_BY_ACCESS_TOKEN, {"sid": sid, "jti": jti}).first()
    return None if row is None else (bool(row[0]), ApiSessionInUse(row[1], row[2]))


def find_session_of_refresh_token(
    db: Session, jti: str
) -> tuple[RefreshToken, ApiSessionInUse] | None:
    """A refresh token with its session."""
    row = db.execute(_FIND_BY_REFRESH_TOKEN, {"jti": jti}).first()
    return None if row is None else (row[0], ApiSessionInUse(row[1], row[2]))


def end_api_session(db: Session, sid: str, *, by: str, now: datetime) -> bool:
    """End one session; False when it had ended before."""
    return changes_one(db, _END, {"of": sid, "now": now, "by": by})


def end_sessions_of_subject(
    db: Session, *, subject_issuer: str, subject_sid: str, by: str, now: datetime
) -> list[ApiSession]:
    """End what was exchanged in one session of a trusted issuer; gives what lived until now."""
    ended = db.scalars(
        update(ApiSession)
        .where(
            ApiSession.subject_issuer == subject_issuer,
            ApiSession.subject_sid == subject_sid,
            ApiSession.ended_at.is_(None),
        )
        .values(ended_at=now, ended_by=by)
        .returning(ApiSession),
        execution_options={"synchronize_session": False},
    )
    return list(ended)


def is_subject_over(db: Session, *, subject_issuer: str, subject_sid: str) -> bool:
    """Whether a trusted issuer has said that this session of its is over."""
    over = exists().where(
        ApiSession.subject_issuer == subject_issuer,
        ApiSession.subject_sid == subject_sid,
        ApiSession.ended_by == "issuer",
    )
    return bool(db.scalar(select(over)))


def has_due_check(db: Session, *, now: datetime) -> bool:
    """Whether anybody has to be asked: a look that never takes SQLite's write lock."""
    return bool(db.scalar(select(exists().where(*_due(now)))))


def claim_due_check(db: Session, *, now: datetime, lease_ends: datetime) -> ApiSession | None:
    """Take the session that waited longest to be asked about, for one worker alone.

    A worker that dies loses it at the end of its lease.
    """
    candidate = (
        select(ApiSession.sid)
        .where(*_due(now))
        .order_by(ApiSession.check_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = (
        update(ApiSession)
        .where(ApiSession.sid == candidate, *_due(now))
        .values(check_at=lease_ends)
        .returning(ApiSession)
    )
    return db.scalar(statement, execution_options={"synchronize_session": False})


def confirm_session(db: Session, sid: str, *, now: datetime, check_at: datetime) -> None:
    """The trusted issuer vouched for it."""
    _change(db, sid, confirmed_at=now, check_at=check_at)


def postpone_check(db: Session, sid: str, *, check_at: datetime) -> None:
    """The trusted issuer could not be asked."""
    _change(db, sid, check_at=check_at)


def _change(db: Session, sid: str, **values: Any) -> None:
    db.execute(
        update(ApiSession).where(ApiSession.sid == sid).values(**values),
        execution_options={"synchronize_session": False},
    )


def _due(now: datetime) -> tuple[Any, ...]:
    return (
        ApiSession.check_at <= now,
        ApiSession.ended_at.is_(None),
        ApiSession.expires_at > now,
    )


_FIND_BY_ACCESS_TOKEN = (
    select(exists().where(RevokedToken.jti == bindparam("jti")), ApiSession, Client)
    .join(Client, Client.client_id == ApiSession.client_id)
    .where(ApiSession.sid == bindparam("sid"))
)
_FIND_BY_REFRESH_TOKEN = (
    select(RefreshToken, ApiSession, Client)
    .join(ApiSession, ApiSession.sid == RefreshToken.grant_id)
    .join(Client, Client.client_id == ApiSession.client_id)
    .where(RefreshToken.jti == bindparam("jti"))
)
_END = (
    update(ApiSession)
    .where(ApiSession.sid == bindparam("of"), ApiSession.ended_at.is_(None))
    .values(ended_at=bindparam("now"), ended_by=bindparam("by"))
)
