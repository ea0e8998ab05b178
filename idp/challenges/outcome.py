"""What became of a challenge, for the browser that began it."""

from datetime import datetime

from sqlalchemy.orm import Session

from idp.devices.proofs import decode_base64url
from idp.keys.sealing import sha256
from idp.store.challenges import cancel_waiting, finish_approved
from idp.store.models import Challenge

_LIVING = {"pending", "approved"}


def state_of(challenge: Challenge, now: datetime) -> str:
    """The state, or `expired` where the time of a living one is over."""
    if challenge.state in _LIVING and challenge.expires_at <= now:
        return "expired"
    return challenge.state


def finish(
    db: Session, challenge_id: str, *, completion: str | None, now: datetime
) -> Challenge | None:
    """Spend an approval, once; the caller has checked that its browser began (decision 25).

    A same-device approval needs the completion secret that the phone handed to the browser.
    """
    return finish_approved(db, challenge_id, completion_hash=_hash(completion), now=now)


def cancel(db: Session, challenge_id: str) -> bool:
    """The browser gave up; False when there was nothing left to give up."""
    return cancel_waiting(db, challenge_id)


def _hash(completion: str | None) -> bytes | None:
    try:
        return sha256(decode_base64url(completion))
    except ValueError:
        return None
