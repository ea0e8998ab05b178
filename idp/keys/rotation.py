"""Making keys, and rotating them with overlap (`ecps-idp key rotate`)."""

import json
from datetime import datetime

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy.orm import Session

from idp.keys.keyring import SEAL, Key, LoadedKey, open_private
from idp.keys.purposes import ENCRYPTION, PURPOSES, SIGNING
from idp.keys.sealing import Sealer
from idp.settings import Settings
from idp.store.keys import add_key, all_keys, delete_key, set_key_state
from idp.store.models import SigningKey

_RSA = {"RS256", "PS256", "RSA-OAEP-256"}
_KEPT = {"journal", "phone"}
"""Old heads stay verifiable; a phone that slept through several rotations follows them all."""


def missing_purposes(db: Session) -> list[str]:
    """Purposes that no key serves: all in a new database, some after an upgrade."""
    served = {row.purpose for row in all_keys(db)}
    return [purpose for purpose in PURPOSES if purpose not in served]


def make_missing_keys(db: Session, sealer: Sealer, now: datetime) -> None:
    """One active key for each purpose that has none.

    The caller holds the world, so that of simultaneous callers one alone makes them.

    Raises:
        SealBroken: the keys that are there were sealed under another master key.
    """
    for row in all_keys(db)[:1]:
        open_private(sealer, row)
    for purpose in missing_purposes(db):
        add_key(db, _new_key(purpose, sealer, now=now, activates_at=now, endorsement=None))


def rotate(
    db: Session, sealer: Sealer, settings: Settings, now: datetime, *, current: LoadedKey
) -> SigningKey:
    """Publish a successor of ``current``; it is used after the overlap, and the old one lapses.

    What the old key signed stays verifiable for another overlap after the switch; tokens as long
    as a session may live, for until then an ID token is a logout hint. What was encrypted to it
    is opened for that other overlap, while it is published no more. A successor is endorsed by
    its predecessor (decision 23), where that one signs.
    """
    switch = now + settings.key_overlap
    kept = settings.key_overlap
    if current.row.purpose in SIGNING.values():
        kept = max(kept, settings.session_lifetime)
    fresh = _new_key(current.row.purpose, sealer, now=now, activates_at=switch, endorsement=None)
    if current.alg not in ENCRYPTION:
        fresh.endorsement = _endorse(current, fresh)
    add_key(db, fresh)
    for row in all_keys(db):
        if row.purpose == current.row.purpose and row.kid != fresh.kid and row.retires_at is None:
            set_key_state(db, row.kid, "active", retires_at=switch + kept)
        elif row.retires_at is not None and row.retires_at <= now and row.purpose not in _KEPT:
            delete_key(db, row.kid)
    return fresh


def _new_key(
    purpose: str,
    sealer: Sealer,
    *,
    now: datetime,
    activates_at: datetime,
    endorsement: str | None,
) -> SigningKey:
    alg = PURPOSES[purpose]
    key: Key = RSAKey.generate_key(2048) if alg in _RSA else ECKey.generate_key("P-256")
    private = json.dumps(key.as_dict(private=True)).encode()
    kid = key.thumbprint()
    use = "enc" if alg in ENCRYPTION else "sig"
    public = key.as_dict(private=False) | {"kid": kid, "use": use, "alg": alg}
    return SigningKey(
        kid=kid,
        purpose=purpose,
        alg=alg,
        state="active" if activates_at <= now else "next",
        public_jwk=public,
        private_sealed=sealer.seal(private, purpose=SEAL),
        endorsement=endorsement,
        created_at=now,
        activates_at=activates_at,
    )


def _endorse(current: LoadedKey, fresh: SigningKey) -> str:
    header = {"alg": current.alg, "kid": current.kid, "typ": "ecps-key-succession+jws"}
    payload = json.dumps(fresh.public_jwk, sort_keys=True).encode()
    return jws.serialize_compact(header, payload, current.key, [current.alg])
