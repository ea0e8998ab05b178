"""Issuers made on demand below `/r/<name>` of a `--dev` server (docs/testing/isolation.md).

Each is a whole application with people, clients, keys, clock and sessions of its own (decision 5),
so that tests that run at once share a server and nothing else.
"""

import base64
import threading
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask

from idp.keys.sealing import Sealer
from idp.provider import (
    EXTENSION,
    Provider,
    initialise,
    initialise_copy,
    open_provider,
    open_sealer,
)
from idp.serving.mounts import is_mount_name, mount_path, settings_of_realm
from idp.serving.preparation import fill_simulation, make_ready
from idp.serving.realm_homes import home_of
from idp.settings import Settings
from idp.store.database import Store
from idp.worker.shared import SharedWorker

REALMS = "ecps-realms"
"""The extension of the first issuer's application that holds them."""
LONGEST_NAME = 57
"""Letters of a name: with what stands before it, it is the name of a schema of PostgreSQL."""
_MASTER_KEY = "realm-master-key"


class RealmRefused(Exception):
    """An issuer is not made; the message says why, and what to do."""


class RealmNameMalformed(RealmRefused):
    """No issuer can stand under that name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} names no issuer: lower-case letters, digits and hyphens, "
            f"at most {LONGEST_NAME}, the first no hyphen"
        )


class RealmTaken(RealmRefused):
    """An issuer of the configuration stands there."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{mount_path(name)} is an issuer of the setting `mounts`: choose another")


class TooManyRealms(RealmRefused):
    """There are as many as there may be."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"there are {most} issuers below /r/ already: drop some by "
            "DELETE /dev/v1/realms/<name>, or raise the setting dev_realms"
        )


@dataclass(frozen=True)
class Realm:
    """An issuer that this process serves."""

    mark: str
    app: Flask

    @property
    def provider(self) -> Provider:
        """What it owns."""
        found: Provider = self.app.extensions[EXTENSION]
        return found


class Realms:
    """Those of one server, as one of its processes serves them.

    Args:
        first: settings of the issuer at the root.
        new_app: makes the application of an issuer that is opened.
        mounted: paths at which issuers of the configuration stand.
        is_open: whether they are made on first use; else by a development address alone.
    """

    def __init__(
        self,
        first: Settings,
        new_app: Callable[[Provider], Flask],
        mounted: frozenset[str],
        *,
        is_open: bool,
    ) -> None:
        self.is_open = is_open
        self.first = first
        self._new_app = new_app
        self._mounted = mounted
        self._home = home_of(first)
        self._opened: dict[str, Realm] = {}
        self._opening = threading.Lock()
        self._worker = SharedWorker(first.dev_realm_lanes) if first.embedded_worker else None

    def is_mounted(self, name: str) -> bool:
        """Whether an issuer of the configuration has that name, and wins."""
        return mount_path(name) in self._mounted

    def check_name(self, name: str) -> None:
        """One may be made under that name.

        Raises:
            RealmNameMalformed: that is no name.
            RealmTaken: an issuer of the configuration has it.
        """
        if not is_mount_name(name) or len(name) > LONGEST_NAME:
            raise RealmNameMalformed(name)
        if self.is_mounted(name):
            raise RealmTaken(name)

    def names(self) -> list[str]:
        """Of all that there are, in order."""
        return self._home.names()

    def find(self, name: str) -> Flask | None:
        """The application of one that is there, ready to be asked; the name was checked."""
        mark = self._home.mark(name)
        realm = self._opened.get(name)
        if realm is None or realm.mark != mark:
            realm = self._open(name)
        if realm is not None and self._worker is not None:
            self._worker.stir(name)
        return realm.app if realm is not None else None

    def make(self, name: str) -> bool:
        """Make one; false where it is there already. Simultaneous callers wait for each other.

        Raises:
            RealmNameMalformed: that is no name.
            RealmTaken: an issuer of the configuration has it.
            TooManyRealms: the setting `dev_realms` allows no more.
        """
        self.check_name(name)
        with self._home.hold():
            if self._home.mark(name) is not None:
                return False
            if len(self._home.names()) >= self.first.dev_realms:
                raise TooManyRealms(self.first.dev_realms)
            self._home.begin(name)
            self._fill(self.settings_of(name))
            self._home.complete(name)
        return True

    def drop(self, name: str) -> bool:
        """Drop one with all that is in it; false where there is none. The name was checked."""
        with self._home.hold():
            if self._home.mark(name) is None:
                return False
            self._home.drop(name)
        self._open(name)
        return True

    def settings_of(self, name: str) -> Settings:
        """The settings of one: the first issuer's, at a place of its own."""
        sealer = open_sealer(self.first, kind="simulation")
        return settings_of_realm(
            self.first,
            name,
            database_url=self._home.url(name),
            master_key=_master_key(sealer, name),
        )

    def _fill(self, settings: Settings) -> None:
        store = Store(settings.database_url, kept=0)
        try:
            if store.is_sqlite:
                initialise_copy(settings)
            else:
                initialise(settings, kind="simulation")
                fill_simulation(open_provider(settings, store))
            make_ready(open_provider(settings, store))
        finally:
            store.close()

    def _open(self, name: str) -> Realm | None:
        """Serve the one that has this name now, and no more the one that had it."""
        with self._opening:
            mark = self._home.mark(name)
            known = self._opened.get(name)
            if known is not None and known.mark == mark:
                return known
            if known is not None:
                self._close(name, known)
            if mark is None:
                return None
            settings = self.settings_of(name)
            store = Store(settings.database_url, kept=0)
            realm = Realm(mark, self._new_app(open_provider(settings, store)))
            self._opened[name] = realm
            if self._worker is not None:
                self._worker.add(name, realm.provider)
            return realm

    def _close(self, name: str, realm: Realm) -> None:
        if self._worker is not None:
            self._worker.remove(name)
        del self._opened[name]
        realm.provider.store.close()


def _master_key(sealer: Sealer, name: str) -> str:
    """Of the first issuer's, so that no further file holds one, and one that opens nothing else."""
    return base64.urlsafe_b64encode(sealer.keyed_hash(name.encode(), purpose=_MASTER_KEY)).decode()
