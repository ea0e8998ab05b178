"""What a running service has at hand: settings, database, clock; and who is signed in."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from flask import Blueprint, current_app, g, session
from flask_babel import LazyString
from sqlalchemy.orm import Session

from relying_services.clock import Clock
from relying_services.service import trace
from relying_services.service.errors import NotSignedIn
from relying_services.service.logout_token import LogoutTokens
from relying_services.service.settings import PASSWORD, ServiceSettings
from relying_services.service.store.database import Store, Tables
from relying_services.service.store.models import SessionRow
from relying_services.service.store.sessions import (
    end_session,
    find_session,
    is_use_to_be_noted,
    note_use,
)

HANDLE = "handle"
EXTENSION = "service"


@dataclass(frozen=True)
class Kind:
    """One kind of service: what distinguishes it from the others."""

    name: str
    """Of its package, templates, cookie and database file."""
    title: LazyString
    home: str
    """Endpoint where a sign-in ends that began nowhere else."""
    blueprints: Sequence[Blueprint]
    tables: Tables | None = None
    port_offset: int = 0
    """Its port, counted from the base (decision 4)."""
    entrance: str = "sign_in.login"
    """Endpoint where a sign-in begins: another one for software that asks without a browser."""
    is_entrance_a_choice: bool = False
    """Whether the entrance leads on to `/login`, as one way in among several."""
    on_entry: Callable[[Session, trace.Actor], None] | None = None
    """What the service does with each sign-in, in the transaction that opens the session."""
    on_purge: Callable[[Session, datetime, datetime], None] | None = None
    """What the service forgets at a purge: what is over now, and drafts from before an instant."""


@dataclass
class Service:
    """A service that runs."""

    kind: Kind
    settings: ServiceSettings
    store: Store
    clock: Clock
    logout_tokens: LogoutTokens
    more: dict[str, Any] = field(default_factory=dict)
    """What the service itself has at hand besides, by name."""

    def note(self, db: Session, actor: trace.Actor, action: str, **members: Any) -> None:
        """Write one act down (see `trace.note`)."""
        trace.note(db, self.clock.now(), self.settings.client_id, actor, action, **members)


def this_service() -> Service:
    """The service that answers this request."""
    return cast("Service", current_app.extensions[EXTENSION])


def cookie_key(client_secret: str) -> bytes:
    """The key of signed cookies: the same in every process that has the client's secret."""
    return hmac.new(client_secret.encode(), b"cookies of the service", hashlib.sha256).digest()


def who() -> SessionRow | None:
    """Who is signed in; None where nobody is. A session past its limits ends here."""
    if "signed_in" not in g:
        g.signed_in = _find()
    return cast("SessionRow | None", g.signed_in)


def signed_in() -> SessionRow:
    """Who is signed in.

    Raises:
        NotSignedIn: nobody is, or the session was cut.
    """
    found = who()
    if found is None:
        raise NotSignedIn
    return found


def actor() -> trace.Actor:
    """Who is signed in, as the trace names them.

    Raises:
        NotSignedIn: nobody is.
    """
    return trace.Actor.of(signed_in())


def _find() -> SessionRow | None:
    service = this_service()
    now = service.clock.now()
    with service.store.read() as db:
        row = find_session(db, session.get(HANDLE))
    if row is None or (row.means == PASSWORD and not service.settings.password_access):
        return None
    if row.ends_at <= now:
        with service.store.begin() as db:
            end_session(db, row)
            service.note(db, trace.Actor.of(row), "session:cut")
        session.pop(HANDLE, None)
        g.was_cut = True
        return None
    if is_use_to_be_noted(row, now):
        with service.store.begin() as db:
            note_use(db, row, service.settings.limits, now)
    return row
