"""Authorization requests that clients pushed (RFC 9126)."""

from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from idp.store.models import PushedRequest
from idp.store.statements import changes_one, insert_row


def add_pushed_request(db: Session, pushed: PushedRequest) -> None:
    """Keep a request until it is answered or lapses."""
    insert_row(db, pushed)


def find_pushed_request(
    db: Session, request_uri_hash: bytes, *, client_id: str, now: datetime
) -> PushedRequest | None:
    """The request that this client pushed there, unless it was answered or lapsed."""
    values = {"of": request_uri_hash, "client_id": client_id, "now": now}
    return db.execute(_FIND, values).scalar_one_or_none()


def spend_pushed_request(db: Session, request_uri_hash: bytes) -> bool:
    """Spend a request: True for exactly one caller, whatever number answers at once.

    Its time was judged when its page was opened: a person may take longer to sign in.
    """
    return changes_one(db, _SPEND, {"of": request_uri_hash})


_THIS = PushedRequest.request_uri_hash == bindparam("of")
_FIND = select(PushedRequest).where(
    _THIS,
    PushedRequest.client_id == bindparam("client_id"),
    PushedRequest.expires_at > bindparam("now"),
)
_SPEND = delete(PushedRequest).where(_THIS)
