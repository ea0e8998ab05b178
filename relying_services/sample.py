"""Invented data of every service, so that a demonstration has something to show."""

from collections.abc import Callable
from pathlib import Path

from relying_services import espacepro, mon_compte, regulation
from relying_services.clock import Clock
from relying_services.espacepro.sample import import_sample
from relying_services.mon_compte.sample import invent_sample
from relying_services.regulation.invented import invented_calls
from relying_services.regulation.store.calls import add_calls, has_calls
from relying_services.service.service import Kind
from relying_services.service.store.database import Store

_CALLS = 6
_FILLED: tuple[tuple[Kind, Callable[[Store, Clock], object]], ...]


def database_in(folder: Path, kind: Kind) -> str:
    """The address of a service's own database, where all of them stand in one folder."""
    return f"sqlite:///{folder / f'{kind.name}.db'}"


def fill(folder: Path) -> None:
    """Invent what each service has of its own; what is there already stays as it is."""
    clock = Clock()
    for kind, invent in _FILLED:
        store = Store(database_in(folder, kind), kind.tables)
        store.upgrade()
        invent(store, clock)
        store.close()


def _invent_calls(store: Store, clock: Clock) -> None:
    with store.begin() as db:
        if not has_calls(db):
            add_calls(db, invented_calls(_CALLS, 1, clock.now()))


_FILLED = (
    (espacepro.KIND, import_sample),
    (mon_compte.KIND, invent_sample),
    (regulation.KIND, _invent_calls),
)
