"""One provider: one issuer, one database, one clock, one key set (decision 5)."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from flask import current_app
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.clock import Clock
from idp.keys.keyring import Keyring
from idp.keys.rotation import make_missing_keys, missing_purposes
from idp.keys.sealing import MasterKeyMissing, Sealer, decode_master_key, read_or_make_key_file
from idp.settings import Settings
from idp.store.database import Store
from idp.store.migrate import is_current, upgrade
from idp.store.models import World
from idp.store.world import (
    clock_offset,
    find_world,
    hold_world,
    stamp_copy,
    stamp_world,
    standing,
)

EXTENSION = "ecps"
_REAL_KDF_LOG2_COST = 14

LeavingCall = Callable[[str, str, bytes], bytes]


def _as_composed(_client_id: str, _content_type: str, content: bytes) -> bytes:
    return content


class ProviderNotReady(Exception):
    """The database cannot be served; the message says what to do."""


@dataclass
class Provider:
    """Everything that one issuer owns, handed to every rule."""

    settings: Settings
    store: Store
    clock: Clock
    sealer: Sealer
    keyring: Keyring
    kind: str
    """`simulation` or `real`: the stamp of the database (decision 1)."""
    outbox_filled: threading.Event = field(default_factory=threading.Event)
    """Set after a commit that queued a message, so that the embedded worker wakes up."""
    leaving_call: LeavingCall = _as_composed
    """What is posted to a client, as it leaves: its identifier, the media type and the body give
    the body. A simulation under test may misbehave here."""
    restorations: int = 0
    """How often the simulation had come back to a snapshot when this process last looked."""

    @property
    def is_simulation(self) -> bool:
        """Whether the banner shows, and simulation features may exist."""
        return self.kind == "simulation"

    def synchronise_clock(self, db: Session) -> None:
        """Follow the movable clock of a development database (decision 5).

        Where the database has come back to a snapshot since, its keys are read anew.
        """
        if not self.settings.dev:
            return
        offset, restorations = standing(db)
        self.clock.synchronise(offset)
        if restorations != self.restorations:
            self.keyring.forget()
            self.restorations = restorations


def open_provider(settings: Settings, store: Store | None = None) -> Provider:
    """Open the database that the settings name, by a store of the caller's where one is given.

    Raises:
        ProviderNotReady: it was never initialised, or contradicts the settings.
    """
    store = store or Store(settings.database_url)
    if not is_current(store):
        raise ProviderNotReady(
            "the database is not initialised or not up to date: run `ecps-idp db upgrade`"
        )
    with store.read() as db:
        world = find_world(db)
    if world is None:
        raise ProviderNotReady("the database has no stamp yet: run `ecps-idp db init`")
    if world.kind == "real":
        _require_real(settings)
        _require_stamp(settings, world)
    sealer = open_sealer(settings, kind=world.kind)
    clock = Clock()
    return Provider(settings, store, clock, sealer, Keyring(store, sealer, clock), world.kind)


def bring_up_to_date(settings: Settings) -> None:
    """Migrate the database and, where it was initialised before, make the keys that it lacks.

    Simultaneous callers wait for each other.

    Raises:
        MasterKeyMissing: keys are to be made, and nothing to seal them with is configured.
        SealBroken: another master key than that of the keys that are there is configured.
    """
    store = Store(settings.database_url)
    try:
        upgrade(store)
        with store.begin() as db:
            world = hold_world(db)
            if world is not None and missing_purposes(db):
                clock = Clock()
                clock.synchronise(clock_offset(db))
                make_missing_keys(db, open_sealer(settings, kind=world.kind), clock.now())
    finally:
        store.close()


def initialise(settings: Settings, *, kind: str) -> None:
    """Migrate the database and, when it is new, stamp it and make its keys.

    Raises:
        ProviderNotReady: the database already has another stamp, or a real one lacks a choice.
    """
    if kind == "real":
        _require_real(settings)
    store = Store(settings.database_url)
    upgrade(store)
    sealer = open_sealer(settings, kind=kind)
    with store.begin() as db:
        world = find_world(db)
        if world is not None and world.kind != kind:
            raise ProviderNotReady(f"this database was born {world.kind} and stays so")
        if world is None:
            now = Clock().now()
            stamp_world(db, kind=kind, profile=settings.profile, issuer=settings.issuer, now=now)
            make_missing_keys(db, sealer, now)
            record(db, Event.WORLD_CREATED, now=now, kind=kind, profile=settings.profile)
    store.close()


def initialise_copy(settings: Settings) -> None:
    """Make the copy of a simulation without keys an issuer of its own: its stamp, and its keys."""
    store = Store(settings.database_url)
    sealer = open_sealer(settings, kind="simulation")
    with store.begin() as db:
        now = Clock().now()
        stamp_copy(db, issuer=settings.issuer, now=now)
        make_missing_keys(db, sealer, now)
        record(db, Event.WORLD_CREATED, now=now, kind="simulation", profile=settings.profile)
    store.close()


def open_sealer(settings: Settings, *, kind: str) -> Sealer:
    """The sealer of the configured key source; a simulation may make its own (decision 1)."""
    text = settings.master_key.get_secret_value()
    if text:
        return Sealer(decode_master_key(text))
    if settings.master_key_file:
        return Sealer(read_or_make_key_file(Path(settings.master_key_file)))
    if kind == "real":
        raise MasterKeyMissing("a real database needs ECPS_MASTER_KEY or ECPS_MASTER_KEY_FILE")
    database = Store(settings.database_url).url.database or "ecps"
    return Sealer(read_or_make_key_file(Path(f"{database}.key")))


def _require_stamp(settings: Settings, world: World) -> None:
    """Subjects, keys and policy were made for one issuer and profile (decision 1)."""
    for name, born in (("issuer", world.issuer), ("profile", world.profile)):
        if getattr(settings, name) != born:
            raise ProviderNotReady(f"this database was born with {name} {born} and stays so")


def _require_real(settings: Settings) -> None:
    missing = {"profile", "base_url"} - settings.model_fields_set
    if missing:
        raise ProviderNotReady(f"a real database needs explicit settings: {sorted(missing)}")
    if settings.dev:
        raise ProviderNotReady("--dev refuses a real database (decision 2)")
    for address in (settings.base_url, settings.wallet_base_url):
        if not address.startswith("https://"):
            raise ProviderNotReady(f"a real database is served over https, not at {address}")
    if settings.open_registration:
        raise ProviderNotReady("open_registration is for simulation databases only")
    if settings.sms_only_enrolment:
        raise ProviderNotReady("sms_only_enrolment is for simulation databases only")
    for cost in ("kdf_log2_cost", "operator_password_cost"):
        if getattr(settings, cost) < _REAL_KDF_LOG2_COST:
            raise ProviderNotReady(
                f"{cost} below {_REAL_KDF_LOG2_COST} is for simulation databases only (decision 22)"
            )
    if not settings.is_of_an_api:  # an API's issuer writes to nobody
        _require_carriers(settings)


def _require_carriers(settings: Settings) -> None:
    carriers = {
        "smtp_url": settings.smtp_url.get_secret_value(),
        "sms_url": settings.sms_url,
    }
    absent = sorted(name for name, address in carriers.items() if not address)
    if absent:
        raise ProviderNotReady(
            f"a real database needs somebody to carry its messages: set {' and '.join(absent)}"
        )


def current_provider() -> Provider:
    """The provider of the running application."""
    return cast("Provider", current_app.extensions[EXTENSION])
