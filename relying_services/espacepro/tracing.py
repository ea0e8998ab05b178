"""The trace that a person may read: what they did, and what others did for them (EP-06)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import Literal

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from relying_services.espacepro.store.delegations import delegated_by, delegated_to
from relying_services.service.store.database import Store
from relying_services.service.store.models import TraceRow
from relying_services.service.store.trace import entries

View = Literal["tout", "delegation", "moi"]
VIEWS: Mapping[View, LazyString] = {
    "tout": _l("Tout"),
    "delegation": _l("Ce que d’autres ont fait pour vous"),
    "moi": _l("Ce que vous avez fait"),
}

_AT_ONCE = 500
_MOST_NAMES = 500


@dataclass(frozen=True)
class Asked:
    """Whose trace, and which part of it."""

    person: str
    view: View


def page(db: Session, asked: Asked, *, before: int | None, limit: int) -> list[TraceRow]:
    """Entries that a person may read, newest first, older than a number.

    Nobody else's: what another did for a third one is neither done by nor for this person.
    """
    by, done_for = asked.view != "delegation", asked.view != "moi"
    mine = entries(db, actor=asked.person, before=before, limit=limit) if by else ()
    theirs = entries(db, on_behalf_of=asked.person, before=before, limit=limit) if done_for else ()
    found = {each.id: each for each in merge(mine, theirs, key=lambda each: -each.id)}
    return list(islice(found.values(), limit))


def every(store: Store, asked: Asked) -> Iterator[TraceRow]:
    """All entries that a person may read, some at a time: an export leaves nothing out."""
    before: int | None = None
    more = True
    while more:
        with store.read() as db:
            rows = page(db, asked, before=before, limit=_AT_ONCE)
        yield from rows
        more = len(rows) == _AT_ONCE
        before = rows[-1].id if rows else None


def names(db: Session, person: str) -> dict[str, str]:
    """The names of this person's delegates and of those who delegated to them, by identifier."""
    given = delegated_by(db, person, limit=_MOST_NAMES)
    received = delegated_to(db, person, limit=_MOST_NAMES)
    delegators = {each.delegator: each.delegator_name for each in received}
    delegates = {each.delegate_id: each.delegate_name for each in given if each.delegate_id}
    return delegators | delegates
