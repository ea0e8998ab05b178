"""Snapshots: how everything stands, kept under a name; and going back there."""

import re
from datetime import datetime
from http import HTTPStatus

from flask import Blueprint
from werkzeug.exceptions import BadRequest, Conflict, NotFound

from idp.dev.operations import Answered, Message, operation
from idp.provider import current_provider
from idp.snapshots import (
    START,
    SnapshotSealedOtherwise,
    SnapshotsFull,
    SnapshotUnknown,
    forget_snapshot,
    restore_snapshot,
    take_snapshot,
)
from idp.store.snapshots import OtherSchema, list_snapshots

bp = Blueprint("dev_snapshots", __name__)

_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
_UNKNOWN = {404: "There is no snapshot of this name."}
_UNFIT = {409: "It was taken under another version of the schema, or another master key."}


class ToldSnapshot(Message):
    """A snapshot."""

    name: str
    created_at: datetime
    """By the clock of the simulation."""
    size: int
    """Bytes that it takes in the database."""


class ToldSnapshots(Message):
    """Every snapshot, by name."""

    snapshots: list[ToldSnapshot]


class Restored(Message):
    """Where the simulation stands now."""

    name: str
    now: datetime
    """The clock, which came back too."""


@bp.put("/snapshots/<name>")
@operation(
    ToldSnapshot,
    other_status=HTTPStatus.CREATED,
    refusals={409: "It is `start`, which the server takes, or no further one may be kept."},
)
def keep(name: str) -> ToldSnapshot | Answered:
    """Keep how everything stands under a name, in place of what has it (then 200, else 201).

    People, clients, phones, cards, sessions, keys, messages, the journal, the clock, faults and
    what was recorded: all but the snapshots themselves.
    """
    if not _NAME.fullmatch(name):
        raise BadRequest("name: 1 to 100 letters without accents, digits, dots, dashes, underlines")
    if name == START:
        raise Conflict(f"{START} is how the server began: take another name")
    try:
        is_new = take_snapshot(current_provider(), name)
    except SnapshotsFull as error:
        raise Conflict(str(error)) from error
    [told] = [one for one in _all() if one.name == name]
    return Answered(told) if is_new else told


@bp.get("/snapshots")
@operation(ToldSnapshots)
def list_them() -> ToldSnapshots:
    """Every snapshot; `start` is how the simulation stood when its server was made ready."""
    return ToldSnapshots(snapshots=_all())


@bp.post("/snapshots/<name>/restoration")
@operation(Restored, refusals=_UNKNOWN | _UNFIT)
def go_back(name: str) -> Restored:
    """Bring everything back to a snapshot, at once or not at all.

    Cursors of the outbox and the journal from after it are void, and so are the files of phones
    and cards that were used since: the provider takes them for copies.
    """
    return _restored(name)


@bp.delete("/snapshots/<name>")
@operation(refusals=_UNKNOWN | {409: "It is `start`, which `POST /reset` needs."})
def forget(name: str) -> None:
    """Forget a snapshot."""
    if name == START:
        raise Conflict(f"{START} stays: POST /reset goes back there")
    try:
        forget_snapshot(current_provider(), name)
    except SnapshotUnknown as error:
        raise NotFound(str(error)) from error


@bp.post("/reset")
@operation(Restored, refusals=_UNKNOWN | _UNFIT)
def reset() -> Restored:
    """Bring everything back to how the server began: the snapshot `start`. Others stay."""
    return _restored(START)


def _restored(name: str) -> Restored:
    provider = current_provider()
    try:
        restore_snapshot(provider, name)
    except SnapshotUnknown as error:
        raise NotFound(str(error)) from error
    except (OtherSchema, SnapshotSealedOtherwise) as error:
        raise Conflict(f"the snapshot {name!r} cannot come back: {error}") from error
    return Restored(name=name, now=provider.clock.now())


def _all() -> list[ToldSnapshot]:
    with current_provider().store.read() as db:
        lines = list_snapshots(db)
    return [
        ToldSnapshot(name=line.name, created_at=line.created_at, size=line.size) for line in lines
    ]
