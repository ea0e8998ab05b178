"""My sessions, the services entered in them, and signing out everywhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from idp.challenges.wording import browser_words, neutralise, place_words
from idp.portal.blueprint import bp
from idp.portal.client import CLIENT_ID
from idp.portal.entrance import require_visitor
from idp.portal.visitors import Visitor
from idp.portal.wording import MEANS
from idp.provider import Provider, current_provider
from idp.sessions import end_session, end_sessions_of_person
from idp.signin.sessions import drop_session_cookie
from idp.signin.wording import released_by
from idp.store.account import Granted, granted_in, services_entered
from idp.store.models import BrowserSession
from idp.store.sessions import sessions_of_person

PAGE = "sessions"


@dataclass(frozen=True)
class ShownService:
    """A service entered in a session."""

    name: str
    since: datetime
    received: list[str]
    """What it was told, one line a thing."""
    acts_until: datetime | None
    """Until when it may go on by itself, without the person."""


@dataclass(frozen=True)
class ShownSession:
    """A live session as its person sees it."""

    session: BrowserSession
    browser: str
    """In words; empty where no browser asked."""
    place: str
    is_this_one: bool
    means: list[tuple[Any, datetime]]
    """By what the person signed in, and when last."""
    services: list[ShownService]


@bp.get("/sessions")
def sessions_page() -> ResponseReturnValue:
    """The live sessions, this one first, with the services entered in each."""
    provider = current_provider()
    with provider.store.read() as db:
        visitor = require_visitor(provider, db, PAGE)
        shown = shown_sessions(provider, db, visitor)
    return render_template("portal/sessions.html", sessions=shown)


@bp.post("/sessions/<sid>/fin")
def end_one_session(sid: str) -> ResponseReturnValue:
    """End a session of one's own; who knows the id of another's ends nothing."""
    provider = current_provider()
    with provider.store.begin() as db:
        visitor = require_visitor(provider, db, PAGE)
        own = {session.sid for session in live_sessions(provider, db, visitor)}
        if sid in own:
            end_session(provider, db, sid)
    return redirect(url_for("portal.sessions_page"), HTTPStatus.SEE_OTHER)


@bp.route("/sessions/partout", methods=["GET", "POST"])
def sign_out_everywhere() -> ResponseReturnValue:
    """Ask for a confirmation, then end every session, this one too; services are told.

    Any sign-in is enough for it, however old: it gives nobody anything.
    """
    provider = current_provider()
    with provider.store.begin() as db:
        visitor = require_visitor(provider, db, PAGE)
        if request.method != "POST":
            open_now = len(live_sessions(provider, db, visitor))
            return render_template("portal/sign_out_everywhere.html", sessions=open_now)
        ended = end_sessions_of_person(provider, db, visitor.identifiers(db), reason="person")
    response = make_response(render_template("portal/signed_out_everywhere.html", sessions=ended))
    drop_session_cookie(response)
    return response


def live_sessions(provider: Provider, db: Session, visitor: Visitor) -> list[BrowserSession]:
    """The visitor's own live sessions, oldest first."""
    return sessions_of_person(
        db,
        visitor.identifiers(db),
        now=provider.clock.now(),
        idle=provider.settings.session_idle,
    )


def shown_sessions(provider: Provider, db: Session, visitor: Visitor) -> list[ShownSession]:
    """Live sessions with their words, this one first, then the one used last."""
    live = live_sessions(provider, db, visitor)
    services = _services(provider, db, [session.sid for session in live])
    shown = [
        ShownSession(
            session=session,
            browser=browser_words(session.browser),
            place=place_words(session.place),
            is_this_one=session.sid == visitor.session.sid,
            means=[
                (MEANS.get(means, means), datetime.fromtimestamp(at, UTC))
                for means, at in session.means.items()
            ],
            services=services.get(session.sid, []),
        )
        for session in live
    ]
    return sorted(
        shown, key=lambda one: (one.is_this_one, one.session.last_activity_at), reverse=True
    )


def _services(
    provider: Provider, db: Session, sids: Sequence[str]
) -> dict[str, list[ShownService]]:
    """By session; the account page itself is a service that nobody need be told of."""
    since: dict[tuple[str, str], datetime] = {}
    names: dict[tuple[str, str], str] = {}
    for sid, client, confirmed_at, _activity in services_entered(db, sids):
        since[sid, client.client_id] = confirmed_at
        names[sid, client.client_id] = neutralise(client.name)
    granted: dict[tuple[str, str], list[Granted]] = {}
    for one in granted_in(db, sids, now=provider.clock.now()):
        key = one.sid, one.client.client_id
        granted.setdefault(key, []).append(one)
        since.setdefault(key, one.granted_at)
        names.setdefault(key, neutralise(one.client.name))
    by_session: dict[str, list[ShownService]] = {}
    for (sid, client_id), at in sorted(since.items(), key=lambda item: item[1]):
        if client_id == CLIENT_ID:
            continue
        of_service = granted.get((sid, client_id), [])
        by_session.setdefault(sid, []).append(
            ShownService(
                name=names[sid, client_id],
                since=at,
                received=_received(of_service),
                acts_until=max((g.acts_until for g in of_service if g.acts_until), default=None),
            )
        )
    return by_session


def _received(granted: Sequence[Granted]) -> list[str]:
    lines = [
        line
        for one in granted
        for line in released_by(one.scope, one.claims, registered=one.client.scope)
    ]
    return list(dict.fromkeys(lines))
