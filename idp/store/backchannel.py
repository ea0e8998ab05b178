"""Sign-ins that clients began without a browser (OpenID Connect CIBA Core 1.0)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from idp.store.models import BackchannelRequest, Challenge, Client
from idp.store.statements import changes_one, insert_row, run


@dataclass(frozen=True)
class AskedSignIn:
    """A request beside what the person was asked, as one statement finds them."""

    request: BackchannelRequest
    challenge: Challenge | None
    """None once it lapsed and was deleted."""
    client: Client


def add_request(db: Session, request: BackchannelRequest) -> None:
    """Keep a request until it lapses."""
    insert_row(db, request)


def request_of_challenge(db: Session, challenge_id: str) -> BackchannelRequest | None:
    """The request for which a question was asked; none for a sign-in in a browser."""
    return db.scalars(_OF_CHALLENGE, {"of": challenge_id}).one_or_none()


def find_asked(db: Session, auth_req_id_hash: bytes) -> AskedSignIn | None:
    """A request with its question, as the database has them now."""
    # Read again after a lost race: what the session already holds must not answer.
    found = db.execute(
        _FIND_ASKED, {"of": auth_req_id_hash}, execution_options={"populate_existing": True}
    )
    row = found.one_or_none()
    return None if row is None else AskedSignIn(*row)


def note_poll(db: Session, auth_req_id_hash: bytes, *, now: datetime, none_since: datetime) -> bool:
    """Note a question of the client; False where another came after ``none_since``."""
    given = {"of": auth_req_id_hash, "now": now, "since": none_since}
    return changes_one(db, _NOTE_POLL, given)


def lengthen_interval(db: Session, auth_req_id_hash: bytes, *, by: int) -> None:
    """Demand a number of seconds more between two questions, from now on (CIBA Core 11)."""
    run(db, _LENGTHEN, {"of": auth_req_id_hash, "by": by})


def redeem_request(db: Session, auth_req_id_hash: bytes, *, now: datetime) -> bool:
    """Issue for a request: True for exactly one caller, before it lapses."""
    return changes_one(db, _REDEEM, {"of": auth_req_id_hash, "now": now})


def mark_told(db: Session, auth_req_id_hash: bytes, *, now: datetime) -> BackchannelRequest | None:
    """Take on to tell the client of the end, by ping or push; nothing where that was done.

    The interval starts anew: who is pinged may come at once.
    """
    return db.scalars(_MARK_TOLD, {"of": auth_req_id_hash, "now": now}).one_or_none()


_OF_CHALLENGE = select(BackchannelRequest).where(BackchannelRequest.challenge_id == bindparam("of"))
_THIS = BackchannelRequest.auth_req_id_hash == bindparam("of")
_FIND_ASKED = (
    select(BackchannelRequest, Challenge, Client)
    .join(Client, Client.client_id == BackchannelRequest.client_id)
    .outerjoin(Challenge, Challenge.challenge_id == BackchannelRequest.challenge_id)
    .where(_THIS)
)
_NOTE_POLL = (
    update(BackchannelRequest)
    .where(
        _THIS,
        or_(
            BackchannelRequest.polled_at.is_(None),
            BackchannelRequest.polled_at <= bindparam("since"),
        ),
    )
    .values(polled_at=bindparam("now"))
)
_LENGTHEN = (
    update(BackchannelRequest)
    .where(_THIS)
    .values(interval=BackchannelRequest.interval + bindparam("by"))
)
_REDEEM = (
    update(BackchannelRequest)
    .where(
        _THIS,
        BackchannelRequest.redeemed_at.is_(None),
        BackchannelRequest.expires_at > bindparam("now"),
    )
    .values(redeemed_at=bindparam("now"))
)
_MARK_TOLD = (
    update(BackchannelRequest)
    .where(
        _THIS,
        BackchannelRequest.told_at.is_(None),
        BackchannelRequest.delivery.in_(("ping", "push")),
    )
    .values(told_at=bindparam("now"), polled_at=None)
    .returning(BackchannelRequest)
    .execution_options(synchronize_session=False, populate_existing=True)
)
