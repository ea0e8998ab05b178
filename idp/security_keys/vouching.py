"""What lets a person register a security key: a card or a phone, used in this session lately."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from idp.provider import Provider
from idp.psc.means import CARD, MOBILE
from idp.security_keys.errors import NotVouchedFor
from idp.store.card_approvals import hold_active_card
from idp.store.models import BrowserSession
from idp.store.security_keys import hold_active_device

VOUCHING = (MOBILE, CARD)
"""The means that may vouch for a key; a key never vouches for another."""


def is_vouched_for(provider: Provider, session: BrowserSession) -> bool:
    """Whether a card or phone signed in to this session lately enough."""
    latest = max((session.means.get(means, 0) for means in VOUCHING), default=0)
    age = provider.clock.now() - datetime.fromtimestamp(latest, UTC)
    return age <= provider.settings.security_key_vouching_age


def vouched_by(provider: Provider, db: Session, session: BrowserSession) -> dict[str, Any]:
    """What vouches for a key registered now: `{means, device_id, card_number}`.

    All that was used in the session is named, so that the key falls with any of it. Card and phone
    are held as they are until the transaction ends: their loss at the same moment waits, and finds
    the key.

    Raises:
        NotVouchedFor: none was used lately enough, or one is no longer in use.
    """
    if not is_vouched_for(provider, session):
        raise NotVouchedFor
    used = {means: at for means, at in session.means.items() if means in VOUCHING}
    device_id = session.device_id if MOBILE in used else None
    card_number = session.card_number if CARD in used else None
    if device_id is not None and not hold_active_device(db, device_id):
        raise NotVouchedFor
    if card_number is not None and hold_active_card(db, card_number) is None:
        raise NotVouchedFor
    latest = max(used, key=lambda means: used[means])
    return {"means": latest, "device_id": device_id, "card_number": card_number}
