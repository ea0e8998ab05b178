"""Snapshots of a simulation: keeping how everything stands, and going back to it.

Beside the layers, as the movable clock: a snapshot holds people, clients, phones, sessions, keys,
messages, the journal and the clock, whatever part of the provider they belong to.
"""

from idp.audit.events import Event
from idp.audit.journal import record
from idp.keys.keyring import SEAL
from idp.keys.sealing import SealBroken
from idp.provider import Provider
from idp.store.keys import all_keys
from idp.store.snapshots import (
    drop_snapshot,
    find_content,
    keep_snapshot,
    list_snapshots,
    read_content,
    write_content,
)

START = "start"
"""How the simulation stood when its server was made ready; `POST /dev/v1/reset` goes back there."""


class SnapshotUnknown(LookupError):
    """There is no snapshot of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no snapshot {name!r}: `GET /dev/v1/snapshots` lists them")


class SnapshotsFull(Exception):
    """As many snapshots are kept as the setting `dev_snapshots` allows."""

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} snapshots are kept (setting dev_snapshots): forget one first")


class SnapshotSealedOtherwise(Exception):
    """Its secrets were sealed under another master key than the one in use."""

    def __init__(self) -> None:
        super().__init__("its keys are sealed under another master key: take the snapshot anew")


def take_snapshot(provider: Provider, name: str) -> bool:
    """Keep how everything stands, in place of what has this name; True where nothing had it.

    Raises:
        SnapshotsFull: nothing has it, and there is no place for another.
    """
    most = provider.settings.dev_snapshots
    with provider.store.begin() as db:
        known = {line.name for line in list_snapshots(db)}
        if name not in known and len(known) >= most:
            raise SnapshotsFull(most)
        keep_snapshot(db, name, read_content(db), now=provider.clock.now())
    return name not in known


def take_start(provider: Provider) -> None:
    """Keep how a simulation stands as its server becomes ready, for tests to go back to."""
    with provider.store.begin() as db:
        provider.synchronise_clock(db)
        keep_snapshot(db, START, read_content(db), now=provider.clock.now())


def restore_snapshot(provider: Provider, name: str) -> None:
    """Bring everything back to a snapshot, in one transaction, the clock and the keys included.

    It is the last thing in the journal, which stands otherwise where it stood. Every process
    notices at its next request or job (`Provider.synchronise_clock`). Snapshots stay.

    Raises:
        SnapshotUnknown: there is none of this name.
        OtherSchema: it was taken under another version of the schema.
        SnapshotSealedOtherwise: another master key was in use; nothing was changed.
    """
    with provider.store.begin() as db:
        content = find_content(db, name)
        if content is None:
            raise SnapshotUnknown(name)
        write_content(db, content)
        try:
            for key in all_keys(db):
                provider.sealer.open(key.private_sealed, purpose=SEAL)
        except SealBroken as error:
            raise SnapshotSealedOtherwise from error
        provider.synchronise_clock(db)
        record(db, Event.SNAPSHOT_RESTORED, now=provider.clock.now(), snapshot=name)
    provider.keyring.forget()
    provider.outbox_filled.set()


def forget_snapshot(provider: Provider, name: str) -> None:
    """Forget a snapshot; raises SnapshotUnknown where there is none of this name."""
    with provider.store.begin() as db:
        if not drop_snapshot(db, name):
            raise SnapshotUnknown(name)
