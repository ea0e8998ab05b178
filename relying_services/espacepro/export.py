"""The trace as a file to take away: CSV for a spreadsheet, JSON for programs (EP-06).

Every member is named here, one by one. Network addresses are left out: they belong to whoever
investigates, and tell where a delegate was.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from relying_services.service.spreadsheet import MARK, inert, line
from relying_services.service.store.models import TraceRow

MEMBERS = (
    "at",
    "actor",
    "actor_name",
    "means",
    "activity",
    "on_behalf_of",
    "delegation_id",
    "action",
    "object",
    "service",
    "outcome",
    "reason",
    "simultaneous",
    "sid",
    "client_id",
    "request_id",
)
"""Of one entry, in this order."""


def told(entry: TraceRow, names: Mapping[str, str]) -> dict[str, str]:
    """One entry; instants are UTC (RFC 3339).

    Args:
        entry: of the trace.
        names: of those who may occur, by identifier.
    """
    details = entry.details
    return {
        "at": entry.at.isoformat(timespec="milliseconds"),
        "actor": entry.actor,
        "actor_name": names.get(entry.actor, ""),
        "means": entry.means,
        "activity": entry.activity,
        "on_behalf_of": entry.on_behalf_of or "",
        "delegation_id": entry.delegation_id or "",
        "action": entry.action,
        "object": entry.object,
        "service": str(details.get("service", "")),
        "outcome": entry.outcome,
        "reason": entry.reason,
        "simultaneous": "yes" if details.get("simultaneous") else "",
        "sid": entry.sid or "",
        "client_id": entry.client_id,
        "request_id": entry.request_id,
    }


def as_csv(rows: Iterable[TraceRow], names: Mapping[str, str]) -> Iterator[str]:
    """A table, piece by piece; no cell is a formula to a spreadsheet."""
    yield MARK + line(MEMBERS)
    for row in rows:
        yield line([inert(cell) for cell in told(row, names).values()])


def as_json(
    rows: Iterable[TraceRow], names: Mapping[str, str], *, person: str, now: datetime
) -> Iterator[str]:
    """One JSON document, piece by piece."""
    head = {"exported_at": now.isoformat(timespec="seconds"), "person": person}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "entries": ['
    between = "\n"
    for row in rows:
        yield between + json.dumps(told(row, names), ensure_ascii=False)
        between = ",\n"
    yield "\n]}\n"
