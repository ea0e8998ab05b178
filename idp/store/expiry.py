"""Deleting rows whose time is over, in bounded batches, by index."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, inspect, select, tuple_
from sqlalchemy.orm import Session

from idp.store.models import (
    Answer,
    ApiSession,
    AuthorizationCode,
    BackchannelRequest,
    Base,
    BrowserSession,
    CardApproval,
    Challenge,
    DeviceAuthorization,
    Grant,
    InitialAccessToken,
    Interaction,
    KeyCeremony,
    OperatorSession,
    Pairing,
    PendingAct,
    PushedRequest,
    RefreshToken,
    ReplayId,
    RevokedToken,
    SessionClient,
    ThrottleWindow,
    Ticket,
)


@dataclass(frozen=True)
class Lapsing:
    """A table whose rows are deleted once ``expires_at`` is past by ``kept``."""

    table: type[Base]
    kept: timedelta


def lapsing_tables(
    *,
    ticket_retention: timedelta,
    code_retention: timedelta,
    page_retention: timedelta,
    act_retention: timedelta,
) -> list[Lapsing]:
    """Every table with an `expires_at` that ends the row's use.

    Devices are not among them: an expired e-CPS stays listed. A spent code is known as long as
    what it gave may live, so that its second use is seen (RFC 6749, 4.1.2). A pushed request is
    spent when its page is answered, so it is kept as long as a page it opened.
    """
    at_once = (
        Interaction,
        CardApproval,
        Challenge,
        RefreshToken,
        RevokedToken,
        ReplayId,
        ThrottleWindow,
        Answer,
        ApiSession,
        Grant,
        InitialAccessToken,
        KeyCeremony,
        OperatorSession,
    )
    return [
        *(Lapsing(table, timedelta(0)) for table in at_once),
        Lapsing(Ticket, ticket_retention),
        Lapsing(Pairing, ticket_retention),
        Lapsing(AuthorizationCode, code_retention),
        Lapsing(BackchannelRequest, code_retention),
        Lapsing(DeviceAuthorization, code_retention),
        Lapsing(PushedRequest, page_retention),
        Lapsing(PendingAct, act_retention),
    ]


def delete_lapsed(db: Session, lapsing: Lapsing, *, now: datetime, limit: int) -> int:
    """Delete one batch of a table's lapsed rows; gives their number."""
    keys, expires_at = _key(lapsing.table), _column(lapsing.table, "expires_at")
    batch = select(*keys).where(expires_at <= now - lapsing.kept).limit(limit)
    rows = db.execute(
        delete(lapsing.table).where(tuple_(*keys).in_(batch)).returning(keys[0]),
        execution_options={"synchronize_session": False},
    )
    return len(rows.all())


def delete_lapsed_sessions(db: Session, *, now: datetime, limit: int) -> int:
    """Delete one batch of lapsed sessions with the services entered in them."""
    lapsed = list(
        db.scalars(select(BrowserSession.sid).where(BrowserSession.expires_at <= now).limit(limit))
    )
    db.execute(delete(SessionClient).where(SessionClient.sid.in_(lapsed)))
    db.execute(delete(BrowserSession).where(BrowserSession.sid.in_(lapsed)))
    return len(lapsed)


def _key(table: type[Base]) -> tuple[Any, ...]:
    return tuple(inspect(table).primary_key)


def _column(table: type[Base], name: str) -> Any:
    return inspect(table).columns[name]
