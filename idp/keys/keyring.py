"""The keys in use, loaded once a process and looked at again after a rotation."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from idp.clock import Clock, monotonic
from idp.keys.sealing import SealBroken, Sealer
from idp.store.database import Store
from idp.store.keys import all_keys
from idp.store.models import SigningKey

SEAL = "signing-key"
_RELOAD_SECONDS = 5.0

Key = RSAKey | ECKey


class NoActiveKey(Exception):
    """The database holds no active key for a purpose: it was not initialised."""


@dataclass(frozen=True)
class LoadedKey:
    """A key of ours as it is kept, and ready for use."""

    row: SigningKey
    imported: Callable[[SigningKey], Key]

    @property
    def key(self) -> Key:
        """The private key.

        Raises:
            SealBroken: it was sealed under another master key, or altered.
        """
        return self.imported(self.row)

    @property
    def kid(self) -> str:
        """The `kid` published with the key."""
        return self.row.kid

    @property
    def alg(self) -> str:
        """The one algorithm it is used with."""
        return self.row.alg


def is_own(sealer: Sealer, row: SigningKey) -> bool:
    """Whether this provider made the key: under its master key lies the private half of its `kid`.

    A key that somebody else wrote into the database is none of ours.
    """
    try:
        private = open_private(sealer, row)
    except SealBroken:
        return False
    return private.thumbprint() == row.kid


def open_private(sealer: Sealer, row: SigningKey) -> Key:
    """The private key of a row.

    Raises:
        SealBroken: it was sealed under another master key, or altered.
    """
    jwk: dict[str, Any] = json.loads(sealer.open(row.private_sealed, purpose=SEAL))
    jwk["kid"] = row.kid
    return RSAKey.import_key(jwk) if jwk["kty"] == "RSA" else ECKey.import_key(jwk)


class Keyring:
    """Gives the active key of a purpose, and all public keys that are still valid."""

    def __init__(self, store: Store, sealer: Sealer, clock: Clock) -> None:
        self._store = store
        self._sealer = sealer
        self._clock = clock
        self._loaded: list[LoadedKey] = []
        self._imported: dict[str, Key] = {}
        self._looked_at = float("-inf")
        self._changes = 0
        """How often something was said to have changed."""
        self._changes_seen = 0

    def active(self, purpose: str) -> LoadedKey:
        """The key that signs now: the newest whose time to sign has come.

        Raises:
            NoActiveKey: none was made yet.
            SealBroken: it was sealed under another master key, or altered.
        """
        now = self._clock.now()
        usable = [
            k for k in self._keys(purpose) if k.row.activates_at <= now and k.row.state != "retired"
        ]
        if not usable:
            raise NoActiveKey(purpose)
        newest = max(usable, key=lambda k: k.row.activates_at)
        self._import(newest.row)  # under another master key nothing is begun
        return newest

    def published(self, purpose: str) -> list[LoadedKey]:
        """The keys whose signatures are accepted: next, active, and retired in overlap."""
        now = self._clock.now()
        return [
            k for k in self._keys(purpose) if k.row.retires_at is None or k.row.retires_at > now
        ]

    def endorsements(self, purpose: str) -> list[str]:
        """The succession of every key since the first, also of those published no more."""
        return [k.row.endorsement for k in self._keys(purpose) if k.row.endorsement]

    def offered(self, purpose: str) -> list[LoadedKey]:
        """The keys that others may still encrypt to: those that no active key has replaced."""
        published, now = self.published(purpose), self._clock.now()
        begun = [k.row.activates_at for k in published if k.row.activates_at <= now]
        return [k for k in published if not begun or k.row.activates_at >= max(begun)]

    def find(self, purposes: Iterable[str], kid: str) -> LoadedKey | None:
        """The published key of that `kid`, looking again once where it is unknown."""
        for _ in range(2):
            for purpose in purposes:
                for key in self.published(purpose):
                    if key.kid == kid:
                        return key
            self.forget()
        return None

    def forget(self) -> None:
        """Look at the database again at next use: a rotation has just happened."""
        self._changes += 1

    def _keys(self, purpose: str) -> list[LoadedKey]:
        is_stale = monotonic() - self._looked_at > _RELOAD_SECONDS
        if is_stale or self._changes_seen != self._changes:
            self._reload()
        return [k for k in self._loaded if k.row.purpose == purpose]

    def _reload(self) -> None:
        changes = self._changes  # those told of while we read may not be in what was read
        with self._store.read() as db:
            rows = all_keys(db)
        self._loaded = [LoadedKey(row, self._import) for row in rows]
        self._looked_at, self._changes_seen = monotonic(), changes

    def _import(self, row: SigningKey) -> Key:
        """Importing an RSA key costs 36 ms: it is done once a process, at first use."""
        key = self._imported.get(row.kid)
        if key is None:
            key = self._imported[row.kid] = open_private(self._sealer, row)
        return key
