"""Grants, and the codes and tokens that belong to them.

A grant answers for everything issued under it: revoking the one row ends them all. Single use is
a conditional update; the statement that finds no row has lost the race (measured.md, pitfall 1).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, exists, or_, select, update
from sqlalchemy.orm import Session

from idp.store.models import (
    AuthorizationCode,
    BrowserSession,
    Client,
    Device,
    Grant,
    RefreshToken,
    RevokedToken,
)
from idp.store.people import StoredPerson, stored_person, with_person
from idp.store.statements import changes_one, insert_row, run, upsert


@dataclass(frozen=True)
class GrantInUse:
    """A grant beside the session it came from, as one statement finds them."""

    grant: Grant
    session: BrowserSession
    client: Client
    device_lost: bool
    """The phone that opened the session is no longer active."""
    person: StoredPerson | None
    """Whom it is about, unless the directory holds them no more."""

    def is_live(self, now: datetime, session_idle_since: datetime) -> bool:
        """Whether tokens of this grant are good: nobody revoked, ended, or left it idle.

        And its person may still sign in: an API that introspects learns it as userinfo says it.
        """
        return (
            self.grant.revoked_at is None
            and self.grant.expires_at > now
            and self.client.disabled_at is None
            and self.session.ended_at is None
            and self.session.expires_at > now
            and self.session.last_activity_at > session_idle_since
            and not self.device_lost
            and self.person is not None
            and not self.person.closed
        )


def add_grant(db: Session, grant: Grant, code: AuthorizationCode) -> None:
    """Keep a grant with the one code that opens it."""
    insert_row(db, grant)
    insert_row(db, code)


def find_grant(db: Session, grant_id: str) -> GrantInUse | None:
    """A grant beside its session, revoked or not."""
    row = db.execute(_FIND_GRANT, {"grant_id": grant_id}).first()
    return None if row is None else _granted(row)


def keep_grant(db: Session, grant: Grant) -> None:
    """Keep a grant that no code opens: CIBA and devices have secrets of their own."""
    insert_row(db, grant)


def find_code(db: Session, code_hash: bytes) -> tuple[AuthorizationCode, GrantInUse] | None:
    """A code with its grant, spent or not."""
    row = db.execute(_FIND_CODE, {"code_hash": code_hash}).first()
    return None if row is None else (row[0], _granted(row))


def spend_code(db: Session, code_hash: bytes, now: datetime) -> bool:
    """Spend a code: True for exactly one caller, whatever number asks at once."""
    return changes_one(db, _SPEND_CODE, {"of": code_hash, "now": now})


def bind_grant(db: Session, grant_id: str, jkt: str) -> bool:
    """Bind a grant to a key for good; False when it is bound to another one."""
    return changes_one(db, _BIND, {"of": grant_id, "jkt": jkt})


def bind_grant_to_certificate(db: Session, grant_id: str, thumbprint: str) -> bool:
    """Bind a grant to a certificate for good; False when it is bound to another one."""
    return changes_one(db, _BIND_TO_CERTIFICATE, {"of": grant_id, "thumbprint": thumbprint})


def add_refresh_token(db: Session, token: RefreshToken) -> None:
    """Keep a refresh token that was issued."""
    insert_row(db, token)


def find_refresh_token(db: Session, jti: str) -> tuple[RefreshToken, GrantInUse] | None:
    """A refresh token with its grant, as the database has them now."""
    # Read again after a lost race: what the session already holds must not answer.
    found = db.execute(
        _FIND_REFRESH_TOKEN, {"jti": jti}, execution_options={"populate_existing": True}
    )
    row = found.first()
    return None if row is None else (row[0], _granted(row))


def rotate_refresh_token(db: Session, jti: str, *, successor: str, now: datetime) -> bool:
    """Replace a token: True for exactly one caller, who must then keep the successor."""
    return changes_one(db, _ROTATE, {"of": jti, "now": now, "by": successor})


def prolong_refresh_token(db: Session, jti: str, *, expires_at: datetime) -> bool:
    """Let a token live on until then; False when it was replaced."""
    return changes_one(db, _PROLONG, {"of": jti, "until": expires_at})


def find_grant_of_access_token(
    db: Session, grant_id: str, jti: str
) -> tuple[bool, GrantInUse] | None:
    """Whether the access token was revoked by itself, and the grant it belongs to."""
    row = db.execute(_FIND_GRANT_OF_ACCESS_TOKEN, {"grant_id": grant_id, "jti": jti}).first()
    return None if row is None else (bool(row[0]), _granted(row))


def revoke_grant(db: Session, grant_id: str, now: datetime) -> bool:
    """End a grant with all its tokens; False when it had ended before."""
    revoked = db.execute(
        update(Grant)
        .where(Grant.grant_id == grant_id, Grant.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(Grant.grant_id)
        .execution_options(synchronize_session=False)
    )
    return revoked.first() is not None


def revoke_access_token(db: Session, jti: str, *, expires_at: datetime) -> None:
    """Remember a revoked access token until it lapses by itself; again is the same."""
    remember = upsert(db, RevokedToken).on_conflict_do_nothing()
    run(db, remember, {"jti": jti, "expires_at": expires_at})


def note_refresh(db: Session, sid: str, *, now: datetime, idle_since: datetime) -> bool:
    """A refresh keeps its session from ending idle (decision 8); False when it is over."""
    return changes_one(db, _NOTE_REFRESH, {"of": sid, "now": now, "idle_since": idle_since})


def _device_lost() -> ColumnElement[bool]:
    is_active = exists().where(
        Device.device_id == BrowserSession.device_id, Device.state == "active"
    )
    return and_(BrowserSession.device_id.is_not(None), ~is_active)


def _in_use(*first: Any) -> Select[Any]:
    """``first``, then what `_granted` reads."""
    return with_person(
        select(*first, Grant, BrowserSession, Client, _device_lost())
        .select_from(Grant)
        .join(BrowserSession, BrowserSession.sid == Grant.sid)
        .join(Client, Client.client_id == Grant.client_id),
        Grant.national_id,
    )


def _granted(row: Row[Any]) -> GrantInUse:
    _first, grant, session, client, device_lost, *person = tuple(row)
    return GrantInUse(grant, session, client, bool(device_lost), stored_person(*person))


_FIND_GRANT = _in_use(Grant.grant_id).where(Grant.grant_id == bindparam("grant_id"))
_FIND_CODE = (
    _in_use(AuthorizationCode)
    .join(AuthorizationCode, AuthorizationCode.grant_id == Grant.grant_id)
    .where(AuthorizationCode.code_hash == bindparam("code_hash"))
)
_FIND_REFRESH_TOKEN = (
    _in_use(RefreshToken)
    .join(RefreshToken, RefreshToken.grant_id == Grant.grant_id)
    .where(RefreshToken.jti == bindparam("jti"))
)
_FIND_GRANT_OF_ACCESS_TOKEN = _in_use(exists().where(RevokedToken.jti == bindparam("jti"))).where(
    Grant.grant_id == bindparam("grant_id")
)
_SPEND_CODE = (
    update(AuthorizationCode)
    .where(
        AuthorizationCode.code_hash == bindparam("of"),
        AuthorizationCode.spent_at.is_(None),
        AuthorizationCode.expires_at > bindparam("now"),
    )
    .values(spent_at=bindparam("now"))
)
_BIND = (
    update(Grant)
    .where(
        Grant.grant_id == bindparam("of"),
        or_(Grant.dpop_jkt.is_(None), Grant.dpop_jkt == bindparam("jkt")),
    )
    .values(dpop_jkt=bindparam("jkt"))
)
_BIND_TO_CERTIFICATE = (
    update(Grant)
    .where(
        Grant.grant_id == bindparam("of"),
        or_(
            Grant.certificate_thumbprint.is_(None),
            Grant.certificate_thumbprint == bindparam("thumbprint"),
        ),
    )
    .values(certificate_thumbprint=bindparam("thumbprint"))
)
_ROTATE = (
    update(RefreshToken)
    .where(RefreshToken.jti == bindparam("of"), RefreshToken.rotated_at.is_(None))
    .values(rotated_at=bindparam("now"), successor=bindparam("by"))
)
_PROLONG = (
    update(RefreshToken)
    .where(RefreshToken.jti == bindparam("of"), RefreshToken.rotated_at.is_(None))
    .values(expires_at=bindparam("until"))
)
_NOTE_REFRESH = (
    update(BrowserSession)
    .where(
        BrowserSession.sid == bindparam("of"),
        BrowserSession.ended_at.is_(None),
        BrowserSession.expires_at > bindparam("now"),
        BrowserSession.last_activity_at > bindparam("idle_since"),
    )
    .values(last_activity_at=bindparam("now"))
)
