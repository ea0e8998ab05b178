"""A simulation made once and copied for each issuer: its tables and its people.

It never has keys: each copy gets a stamp, keys and a clock of its own (`initialise_copy`).
"""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from idp.clock import Clock
from idp.keys.keyring import Keyring
from idp.keys.sealing import Sealer
from idp.provider import Provider
from idp.serving.preparation import fill_simulation
from idp.settings import Settings
from idp.store.database import Store
from idp.store.migrate import upgrade
from idp.store.world import stamp_world

_NO_KEY = bytes(32)
"""Nothing of the sample is sealed."""


def made_simulation(settings: Settings) -> bytes:
    """The bytes of an SQLite database."""
    with tempfile.TemporaryDirectory(prefix="ecps-template-") as folder:
        file = Path(folder) / "template.db"
        store = Store(f"sqlite:///{file}")
        try:
            upgrade(store)
            sealer, clock = Sealer(_NO_KEY), Clock()
            provider = Provider(
                settings, store, clock, sealer, Keyring(store, sealer, clock), "simulation"
            )
            with store.begin() as db:
                stamp_world(
                    db,
                    kind=provider.kind,
                    profile=settings.profile,
                    issuer=settings.issuer,
                    now=clock.now(),
                )
            fill_simulation(provider)
        finally:
            store.close()
        with closing(sqlite3.connect(file)) as connection:
            return connection.serialize()
