"""The two codes of a waiting device: the long one it keeps, the short one its person carries.

The long one is stored as a digest; the short one, which could be guessed from a digest, under a
keyed hash (RFC 8628, 5.1 and 5.2).
"""

import secrets

from sqlalchemy.orm import Session

from idp.keys.sealing import sha256
from idp.oauth.rules.user_code import new_user_code, shown
from idp.provider import Provider
from idp.store.device_authorizations import (
    PENDING,
    add_device_authorization,
    find_waiting_device,
)
from idp.store.models import Client, DeviceAuthorization

_PURPOSE = "user-code"
_DEVICE_CODE_BYTES = 32


def keep_device(
    provider: Provider, db: Session, *, client_id: str, scope: str, resources: list[str]
) -> tuple[str, str]:
    """Let a device wait; gives its `device_code` and its `user_code`, which are kept nowhere."""
    device_code = secrets.token_urlsafe(_DEVICE_CODE_BYTES)
    now, settings = provider.clock.now(), provider.settings
    while True:
        user_code = new_user_code()
        row = DeviceAuthorization(
            device_code_hash=sha256(device_code),
            user_code_hash=user_code_hash(provider, user_code),
            client_id=client_id,
            scope=scope,
            resources=resources,
            state=PENDING,
            grant_id=None,
            interval=settings.device_poll_interval,
            polled_at=None,
            created_at=now,
            expires_at=now + settings.device_code_lifetime,
            redeemed_at=None,
        )
        if add_device_authorization(db, row):
            return device_code, shown(user_code)


def waiting_device(
    provider: Provider, db: Session, user_code: str
) -> tuple[DeviceAuthorization, Client] | None:
    """The device that shows a code and waits, with its client; nothing for any other code."""
    digest = user_code_hash(provider, user_code)
    found = find_waiting_device(db, digest, now=provider.clock.now())
    return None if found is None or found[1].disabled_at is not None else found


def user_code_hash(provider: Provider, user_code: str) -> bytes:
    """How a user code is kept."""
    return provider.sealer.keyed_hash(user_code.encode(), purpose=_PURPOSE)
