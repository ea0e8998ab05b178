"""Who is at work on the console, and what they may do.

Every address is closed to whoever did not enter, but for those of the entrance; each view says
by its first line what role it wants.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import TypeVar

from flask import current_app, g, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from idp.audit.journal import origin
from idp.console.entry.roles import EVERY_ROLE, READER, ROLES
from idp.keys.sealing import sha256
from idp.provider import Provider, current_provider
from idp.store.operators import DEVELOPMENT, find_session, note_work
from idp.web.cookies import cookie_name
from idp.web.errors import Told

COOKIE = "ecps_operator"
OPEN = {"entrance", "entrance_development", "invitation"}
"""Blueprints that are reached without having entered."""
UNSEEN = {"static", "design", "health.alive", "health.ready"}
"""Endpoints at which it does not matter who asks."""
_POLLS = "is_poll"
V = TypeVar("V", bound=Callable[..., object])


class EntryNeeded(HTTPException):
    """Nobody entered in this browser: the entrance is shown, then the page asked for."""

    def __init__(self) -> None:
        wanted = request.path if request.method == "GET" else "/"
        address = url_for("entrance.entrance", suite=wanted)
        super().__init__(response=redirect(address, HTTPStatus.SEE_OTHER))


class ProofNeeded(HTTPException):
    """Who changes something proves again who they are, unless they did so lately."""

    def __init__(self) -> None:
        address = url_for("entrance.confirmation", suite=_page_of_request())
        super().__init__(response=redirect(address, HTTPStatus.SEE_OTHER))


class RoleTooLow(Told):
    """The operator at work has not the role that this takes; the journal is told."""

    def __init__(self, role: str) -> None:
        self.role = role
        text = _(
            "Cette page demande le rôle « %(role)s », que votre compte n’a pas. Demandez-le à un "
            "administrateur de la console.",
            role=ROLES[role],
        )
        super().__init__(HTTPStatus.FORBIDDEN, text)


@dataclass(frozen=True)
class Visitor:
    """An operator at work, or whoever has the start-up secret of a simulation."""

    name: str
    roles: frozenset[str]
    means: str
    """`key`, `password`, or `development`."""
    confirmed_at: datetime
    """When they last proved who they are."""
    session: bytes
    """SHA-256 of their session's cookie."""
    ends_at: datetime
    """When they enter again, if they do nothing more."""

    @property
    def is_development(self) -> bool:
        """Whether nobody stands behind the name: no second operator is asked (decision 2)."""
        return self.means == DEVELOPMENT

    @property
    def actor(self) -> str:
        """As the journal names them."""
        return f"operator:{self.name}"

    def holds(self, role: str) -> bool:
        """Whether they have a role; whoever has any may read."""
        return role in self.roles or (role == READER and bool(self.roles))

    def proved_recently(self, provider: Provider) -> bool:
        """Whether they may change something without proving again who they are."""
        age = provider.clock.now() - self.confirmed_at
        return age <= provider.settings.operator_proof_age


def require(role: str) -> Visitor:
    """Who is at work, who must have this role: the first line of every view.

    Raises:
        EntryNeeded: nobody entered.
        RoleTooLow: they have not the role.
    """
    visitor: Visitor | None = g.get("visitor")
    if visitor is None:
        raise EntryNeeded
    if not visitor.holds(role):
        raise RoleTooLow(role)
    return visitor


def require_proof(role: str) -> Visitor:
    """As :func:`require`, for pages that change something: with a recent proof of identity.

    Raises:
        EntryNeeded: nobody entered.
        RoleTooLow: they have not the role.
        ProofNeeded: they proved who they are too long ago.
    """
    visitor = require(role)
    if not visitor.proved_recently(current_provider()):
        raise ProofNeeded
    return visitor


def poll(view: V) -> V:
    """Mark a view that scripts ask by themselves: a page left open does not keep anybody in."""
    setattr(view, _POLLS, True)
    return view


def admit() -> None:
    """Before every request: find who is at work; nobody else comes past the entrance.

    Raises:
        EntryNeeded: nobody entered, and the address is none of the entrance.
    """
    if request.endpoint in UNSEEN:
        return
    view = current_app.view_functions.get(request.endpoint or "")
    provider = current_provider()
    with provider.store.begin() as db:
        visitor = find_visitor(provider, db)
        if visitor is not None and not getattr(view, _POLLS, False):
            settings, now = provider.settings, provider.clock.now()
            note_work(db, visitor.session, now=now, idle=settings.operator_session_idle)
    g.visitor = visitor
    if visitor is not None:
        origin.set(replace(origin.get(), actor=visitor.actor))
    elif request.blueprint not in OPEN:
        raise EntryNeeded


def find_visitor(provider: Provider, db: Session) -> Visitor | None:
    """Who entered in this browser, and may still work."""
    secret = request.cookies.get(cookie_name(COOKIE))
    if secret is None:
        return None
    settings, now = provider.settings, provider.clock.now()
    found = find_session(db, sha256(secret), now=now, idle=settings.operator_session_idle)
    if found is None:
        return None
    session = found.session
    if found.operator is None and not settings.dev:
        return None
    roles = frozenset(found.operator.roles) if found.operator else EVERY_ROLE
    return Visitor(
        session.operator,
        roles,
        session.means,
        session.confirmed_at,
        session.cookie_hash,
        min(session.expires_at, now + settings.operator_session_idle),
    )


def _page_of_request() -> str:
    """Where to go on: the page of a form that was posted, else the page itself."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    adapter = current_app.url_map.bind("localhost")
    pages = (request.path, request.path.rpartition("/")[0])
    return next((page for page in pages if adapter.test(page, "GET")), "/")
