"""Single sign-on sessions, and the services entered in them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.orm import Session

from idp.store.models import BrowserSession, Client, Grant, SessionClient
from idp.store.statements import changes_one, insert_row, run, upsert


def add_session(db: Session, session: BrowserSession) -> None:
    """Keep a new session, complete: what is set on it later is not written."""
    insert_row(db, session)


def note_activity(db: Session, sid: str, *, now: datetime) -> None:
    """A sign-in into a further service keeps a session from ending idle (decision 8)."""
    run(db, _NOTE_ACTIVITY, {"of": sid, "now": now})


def find_live_session(
    db: Session, cookie_hash: bytes, *, now: datetime, idle: timedelta
) -> BrowserSession | None:
    """The session of a cookie, unless it ended, lapsed or idled too long (decision 8)."""
    return db.scalar(
        select(BrowserSession).where(
            BrowserSession.cookie_hash == cookie_hash, *_live(now=now, idle=idle)
        )
    )


def find_session_of_cookie(db: Session, cookie_hash: bytes) -> BrowserSession | None:
    """The session of a cookie, over or not."""
    of_cookie = select(BrowserSession).where(BrowserSession.cookie_hash == cookie_hash)
    return db.scalar(of_cookie)


def find_session_for_client(
    db: Session, cookie_hash: bytes, client_id: str, *, now: datetime, idle: timedelta
) -> tuple[BrowserSession, bool] | None:
    """The live session of a cookie, and whether the service was confirmed in it (decision 13)."""
    parameters = {
        "cookie": cookie_hash,
        "client": client_id,
        "now": now,
        "idle_since": now - idle,
    }
    row = db.execute(_FIND_FOR_CLIENT, parameters).one_or_none()
    return None if row is None else (row[0], bool(row[1]))


def find_session_by_sid_for_client(
    db: Session, sid: str, client_id: str, *, now: datetime, idle: timedelta
) -> tuple[BrowserSession, bool] | None:
    """As `find_session_for_client`, of a session that no cookie finds."""
    parameters = {"sid": sid, "client": client_id, "now": now, "idle_since": now - idle}
    row = db.execute(_FIND_BY_SID_FOR_CLIENT, parameters).one_or_none()
    return None if row is None else (row[0], bool(row[1]))


def national_id_of_session(db: Session, sid: str) -> str | None:
    """Whose session it is or was; none once it is forgotten."""
    return db.scalars(_NATIONAL_ID, {"of": sid}).one_or_none()


def confirm_client(db: Session, sid: str, client_id: str, *, now: datetime) -> None:
    """Remember that the person let this service in; again is no error."""
    confirm = upsert(db, SessionClient).on_conflict_do_nothing()
    run(db, confirm, {"sid": sid, "client_id": client_id, "confirmed_at": now})


def select_activity(db: Session, sid: str, client_id: str, activity_id: str) -> bool:
    """Keep the activity chosen for a service; False where the person let it in no more."""
    chosen = {"of": sid, "client": client_id, "activity": activity_id}
    return changes_one(db, _SELECT_ACTIVITY, chosen)


def find_selected_activity(db: Session, sid: str, client_id: str) -> str | None:
    """The activity chosen for a service in a session (CP-08)."""
    return db.scalar(_SELECTED_ACTIVITY, {"of": sid, "client": client_id})


def withdraw_client(db: Session, sid: str, client_id: str) -> None:
    """Ask again before this service is let in: the person said no."""
    run(db, _WITHDRAW, {"of": sid, "client": client_id})


def other_sessions(
    db: Session, session: BrowserSession, *, now: datetime, idle: timedelta, limit: int
) -> tuple[int, list[str]]:
    """How many further live sessions the person of a session has, and which are the newest."""
    others = (
        select(BrowserSession.sid, func.count().over())
        .where(
            BrowserSession.national_id == session.national_id,
            BrowserSession.sid != session.sid,
            *_live(now=now, idle=idle),
        )
        .order_by(BrowserSession.created_at.desc(), BrowserSession.sid)
        .limit(limit)
    )
    found = db.execute(others).all()
    return (found[0][1] if found else 0), [row[0] for row in found]


def end_session(db: Session, sid: str, *, now: datetime) -> BrowserSession | None:
    """End a session and revoke every grant that lives by it; nothing when it was over."""
    ended = end_sessions(db, BrowserSession.sid == sid, now=now)
    return ended[0] if ended else None


def end_sessions_of_device(db: Session, device_id: str, now: datetime) -> list[BrowserSession]:
    """End the sessions that began with a phone, and their grants."""
    return end_sessions(db, BrowserSession.device_id == device_id, now=now)


def end_sessions_of_key(db: Session, credential_id: str, now: datetime) -> list[BrowserSession]:
    """End the sessions that a security key opened, and their grants."""
    return end_sessions(db, BrowserSession.credential_id == credential_id, now=now)


def end_sessions(db: Session, which: ColumnElement[bool], *, now: datetime) -> list[BrowserSession]:
    """End the sessions chosen and revoke their grants, in two statements."""
    ended = list(
        db.scalars(
            update(BrowserSession)
            .where(which, BrowserSession.ended_at.is_(None))
            .values(ended_at=now)
            .returning(BrowserSession)
            .execution_options(populate_existing=True)
        )
    )
    if ended:
        db.execute(
            update(Grant)
            .where(Grant.sid.in_([row.sid for row in ended]), Grant.revoked_at.is_(None))
            .values(revoked_at=now)
            .execution_options(synchronize_session=False)
        )
    return ended


def clients_entered(db: Session, sids: Sequence[str]) -> list[tuple[str, Client]]:
    """Each of these sessions beside each client entered in it.

    It was confirmed there, or something was granted to it: whom the person refused later was
    entered all the same.
    """
    if not sids:
        return []
    entered = union(
        select(SessionClient.sid, SessionClient.client_id).where(SessionClient.sid.in_(sids)),
        select(Grant.sid, Grant.client_id).where(Grant.sid.in_(sids)),
    ).subquery()
    rows = db.execute(
        select(entered.c.sid, Client)
        .join(Client, Client.client_id == entered.c.client_id)
        .order_by(entered.c.sid, entered.c.client_id)
    )
    return [(row[0], row[1]) for row in rows]


def sessions_of_person(
    db: Session, identifiers: Sequence[str], *, now: datetime, idle: timedelta
) -> list[BrowserSession]:
    """The live sessions that stand under these identifiers, oldest first."""
    theirs = select(BrowserSession).where(
        BrowserSession.national_id.in_(identifiers), *_live(now=now, idle=idle)
    )
    return list(db.scalars(theirs.order_by(BrowserSession.created_at, BrowserSession.sid)))


def latest_sessions(
    db: Session, *, identifiers: Sequence[str] | None, client_id: str | None, limit: int
) -> list[BrowserSession]:
    """Sessions, ended ones included, those that lapse last first; for a test to look at.

    ``client_id``: those in which that service was entered, each found by its own key along the
    index of the others; there is no index of its own for what no request asks.
    """
    query = select(BrowserSession)
    if identifiers is not None:
        query = query.where(BrowserSession.national_id.in_(identifiers))
    if client_id is not None:
        confirmed = exists().where(
            SessionClient.sid == BrowserSession.sid, SessionClient.client_id == client_id
        )
        granted = exists().where(Grant.sid == BrowserSession.sid, Grant.client_id == client_id)
        query = query.where(or_(confirmed, granted))
    latest = query.order_by(BrowserSession.expires_at.desc(), BrowserSession.sid)
    return list(db.scalars(latest.limit(limit)))


def _live(*, now: datetime, idle: timedelta) -> list[ColumnElement[bool]]:
    return [
        BrowserSession.ended_at.is_(None),
        BrowserSession.expires_at > now,
        BrowserSession.last_activity_at > now - idle,
    ]


_NATIONAL_ID = select(BrowserSession.national_id).where(BrowserSession.sid == bindparam("of"))
_NOTE_ACTIVITY = (
    update(BrowserSession)
    .where(BrowserSession.sid == bindparam("of"))
    .values(last_activity_at=bindparam("now"))
)
_OF_CLIENT = (SessionClient.sid == bindparam("of"), SessionClient.client_id == bindparam("client"))
_WITHDRAW = delete(SessionClient).where(*_OF_CLIENT)
_SELECT_ACTIVITY = (
    update(SessionClient).where(*_OF_CLIENT).values(selected_activity=bindparam("activity"))
)
_SELECTED_ACTIVITY = select(SessionClient.selected_activity).where(*_OF_CLIENT)
_CONFIRMED = exists().where(
    SessionClient.sid == BrowserSession.sid, SessionClient.client_id == bindparam("client")
)
_LIVE_WITH_CONFIRMATION = select(BrowserSession, _CONFIRMED).where(
    BrowserSession.ended_at.is_(None),
    BrowserSession.expires_at > bindparam("now"),
    BrowserSession.last_activity_at > bindparam("idle_since"),
)
_FIND_FOR_CLIENT = _LIVE_WITH_CONFIRMATION.where(BrowserSession.cookie_hash == bindparam("cookie"))
_FIND_BY_SID_FOR_CLIENT = _LIVE_WITH_CONFIRMATION.where(BrowserSession.sid == bindparam("sid"))
