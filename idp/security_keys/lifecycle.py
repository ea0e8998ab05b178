"""What becomes of security keys: named otherwise, suspended, removed, with their sessions.

A key stands by itself: a phone or card replaced in good order leaves it alone. It falls only when
what vouched for it turns out not to have been in its holder's hands (decision 32).
"""

from datetime import datetime

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.provider import Provider
from idp.security_keys.parties import OPERATOR, PERSON, Holder, names_of, tell, trace
from idp.sessions import end_sessions_of_key
from idp.store import security_keys as store
from idp.store.models import SecurityKey
from idp.store.operators import end_sessions_of

COPIED = "copied"
"""Its counter went back (WebAuthn 3, 6.1.1)."""
CARD_OPPOSED = "card-opposed"
PHONE_LOST = "phone-lost"
PHONE_SUSPENDED = "phone-suspended"
"""Why a key no longer counts: a copy was seen, or what vouched for it was in other hands."""


def list_keys(db: Session, holder: Holder) -> list[SecurityKey]:
    """The keys of a holder, under each name of theirs, that were not removed, oldest first."""
    return store.keys_of(db, holder.kind, names_of(db, holder))


def find_own_key(db: Session, holder: Holder, credential_id: str) -> SecurityKey | None:
    """One of the holder's own keys; nothing for a removed one, or somebody else's."""
    own = list_keys(db, holder)
    return next((key for key in own if key.credential_id == credential_id), None)


def rename(provider: Provider, db: Session, holder: Holder, key: SecurityKey, name: str) -> None:
    """Call one's own key otherwise; nothing happens to a key that was removed meanwhile."""
    if store.rename_key(db, key.credential_id, name=name):
        now, known = provider.clock.now(), key.credential_id
        record(db, Event.SECURITY_KEY_RENAMED, now=now, **trace(holder), credential_id=known)


def remove(
    provider: Provider, db: Session, key: SecurityKey, *, reason: str, actor: str | None = None
) -> bool:
    """Take a key out of use for good, with its sessions, and tell its holder.

    Args:
        provider: of the key.
        db: an open writing session.
        key: which one.
        reason: `holder`, `administrator`, or of its holder `struck-off`, `gone`.
        actor: who removes it, where it is not the holder.

    Returns:
        False when it was removed already.
    """
    now = provider.clock.now()
    if not store.remove_key(db, key.credential_id, reason=reason, now=now):
        return False
    end_sessions_of_key(provider, db, key.credential_id, reason="key-removed")
    holder = _holder_of(key)
    who = trace(holder) | ({"actor": actor} if actor else {})
    known = key.credential_id
    record(db, Event.SECURITY_KEY_REMOVED, now=now, **who, credential_id=known, reason=reason)
    tell(provider, db, holder, "key-removed", key=key.name)
    return True


def remove_all(
    provider: Provider, db: Session, holder: Holder, *, reason: str, actor: str | None = None
) -> int:
    """Take every key of a holder out of use, active or suspended; gives their number."""
    held = list_keys(db, holder)
    return sum(remove(provider, db, key, reason=reason, actor=actor) for key in held)


def suspend(provider: Provider, db: Session, key: SecurityKey, *, reason: str) -> bool:
    """Stop a key that may not be in its holder's hands, with its sessions, and tell its holder.

    ``reason``: `COPIED`, `CARD_OPPOSED`, `PHONE_LOST` or `PHONE_SUSPENDED`. A suspended key can
    only be removed. Of an operator every session ends: none tells which key opened it. False when
    it was suspended or removed already.
    """
    if not store.suspend_key(db, key.credential_id, reason=reason):
        return False
    holder, now = _holder_of(key), provider.clock.now()
    end_sessions_of_key(provider, db, key.credential_id, reason="key-suspended")
    if holder.kind == OPERATOR:
        end_sessions_of(db, holder.id, now=now)
    record(
        db,
        Event.SECURITY_KEY_SUSPENDED,
        now=now,
        success=False,
        **trace(holder),
        credential_id=key.credential_id,
        reason=reason,
    )
    notice = "key-copied" if reason == COPIED else "key-unvouched"
    tell(provider, db, holder, notice, key=key.name)
    return True


def suspend_keys_of_card(
    provider: Provider, db: Session, national_id: str, card_number: str, *, since: datetime
) -> int:
    """Stop the keys that a lost card vouched for, since it was lost (decision 32)."""
    vouched = [
        key
        for key in list_keys(db, Holder(PERSON, national_id))
        if key.vouched_by.get("card_number") == card_number and key.created_at >= since
    ]
    return sum(suspend(provider, db, key, reason=CARD_OPPOSED) for key in vouched)


def suspend_keys_of_phone(
    provider: Provider, db: Session, national_id: str, device_id: str, *, reason: str
) -> int:
    """Stop the keys that a phone vouched for which was lost, or had a copy (decision 32).

    All of them: nobody knows since when it was in other hands.
    """
    vouched = [
        key
        for key in list_keys(db, Holder(PERSON, national_id))
        if key.vouched_by.get("device_id") == device_id
    ]
    return sum(suspend(provider, db, key, reason=reason) for key in vouched)


def _holder_of(key: SecurityKey) -> Holder:
    return Holder(key.holder_kind, key.holder)
