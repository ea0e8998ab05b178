"""Rotating a key while the provider runs: one successor at a time."""

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.keys.purposes import PURPOSES
from idp.keys.rotation import rotate
from idp.provider import Provider
from idp.store.keys import all_keys
from idp.store.models import SigningKey
from idp.store.world import hold_world


class PurposeUnknown(Exception):
    """No key serves that purpose; the message lists those that there are."""


class SuccessorWaits(Exception):
    """A successor is published already and does not sign yet; the message says from when on."""


def rotate_key(provider: Provider, db: Session, purpose: str) -> tuple[SigningKey, str]:
    """Publish the successor of a key, and record it; gives it with the `kid` it succeeds.

    Raises:
        PurposeUnknown: there is no such purpose.
        SuccessorWaits: there is one already.
    """
    if purpose not in PURPOSES:
        raise PurposeUnknown(f"no key is for {purpose!r}: choose of {', '.join(sorted(PURPOSES))}")
    hold_world(db)  # of two that rotate one purpose, one finds the successor of the other
    now = provider.clock.now()
    for key in all_keys(db):
        if key.purpose == purpose and key.activates_at > now:
            raise SuccessorWaits(
                f"{key.kid} is published already and signs from {key.activates_at.isoformat()} on"
            )
    current = provider.keyring.active(purpose)
    fresh = rotate(db, provider.sealer, provider.settings, now, current=current)
    record(db, Event.KEY_ROTATED, now=now, purpose=purpose, kid=fresh.kid, previous=current.kid)
    return fresh, current.kid
