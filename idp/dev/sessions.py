"""Single sign-on sessions: who is signed in where, and ending one."""

from datetime import datetime

from flask import Blueprint
from pydantic import Field
from werkzeug.exceptions import NotFound

from idp.dev.chain import canonical
from idp.dev.operations import Message, Query, Text, operation
from idp.provider import current_provider
from idp.sessions import end_session
from idp.store.holders import identifiers_of
from idp.store.models import BrowserSession
from idp.store.sessions import clients_entered, latest_sessions

bp = Blueprint("dev_sessions", __name__, url_prefix="/sessions")


class SessionSearch(Query):
    """Whose sessions, and in which service."""

    national_id: Text | None = None
    client_id: Text | None = None
    limit: int = Field(100, ge=1)


class ToldSession(Message):
    """A session."""

    sid: str
    """As in tokens: `sid`, `session_state`."""
    national_id: str
    means: list[str]
    """Means of authentication used in it: `MOBILE`, `CARD`, `WEBAUTHN`."""
    started_at: datetime
    last_activity_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    """When it was ended; one that lapsed or idled too long was not."""
    live: bool
    """Whether it lets its browser into services now."""
    clients: list[str]
    """Services entered in it."""
    device_id: str | None
    card_number: str | None
    public_workstation: bool


class ToldSessions(Message):
    """Sessions, those that lapse last first."""

    sessions: list[ToldSession]


@bp.get("")
@operation(ToldSessions, query=SessionSearch)
def list_sessions(query: SessionSearch) -> ToldSessions:
    """Sessions of a person, in a service, or the latest of all; those that ended too."""
    provider = current_provider()
    with provider.store.read() as db:
        holder = query.national_id
        sessions = latest_sessions(
            db,
            identifiers=None if holder is None else identifiers_of(db, canonical(holder)),
            client_id=query.client_id,
            limit=min(query.limit, provider.settings.dev_page),
        )
        entered: dict[str, list[str]] = {}
        for sid, client in clients_entered(db, [session.sid for session in sessions]):
            entered.setdefault(sid, []).append(client.client_id)
    return ToldSessions(
        sessions=[_told(session, entered.get(session.sid, [])) for session in sessions]
    )


@bp.delete("/<sid>")
@operation(refusals={404: "There is no session of this `sid`, or it was ended before."})
def end_one(sid: str) -> None:
    """End a session everywhere: its grants with it, and its services are told (back channel)."""
    provider = current_provider()
    with provider.store.begin() as db:
        if not end_session(provider, db, sid):
            raise NotFound(f"there is no session {sid}, or it was ended before")


def _told(session: BrowserSession, clients: list[str]) -> ToldSession:
    provider = current_provider()
    now, idle = provider.clock.now(), provider.settings.session_idle
    lapsed = session.expires_at <= now or session.last_activity_at <= now - idle
    return ToldSession(
        sid=session.sid,
        national_id=session.national_id,
        means=sorted(session.means),
        started_at=session.created_at,
        last_activity_at=session.last_activity_at,
        expires_at=session.expires_at,
        ended_at=session.ended_at,
        live=session.ended_at is None and not lapsed,
        clients=clients,
        device_id=session.device_id,
        card_number=session.card_number,
        public_workstation=session.public_workstation,
    )
