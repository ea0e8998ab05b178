"""For whom somebody acts: chosen among the delegations that EspacePro tells (EP-05).

What is kept of the choice is the delegation and what the banner says; whether it counts is asked of
EspacePro at each request.
"""

from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l

from relying_services.mon_compte.access import ACTING, DELEGATED, espacepro
from relying_services.mon_compte.espacepro_api import Received
from relying_services.service.errors import NotYours
from relying_services.service.service import who
from relying_services.service.store.models import SessionRow

STATUSES = {
    "remplacant": _l("remplaçant"),
    "assistant_medical": _l("assistant médical"),
    "comptable": _l("comptable"),
}
"""Of a delegate, as they are written (domain, 8.1)."""


def init_app(app: Flask) -> None:
    """Tell every page for whom the person acts."""
    app.context_processor(_told_to_pages)


def received(row: SessionRow) -> list[Received]:
    """The delegations of somebody that are in force and reach a tab of this account.

    Raises:
        EspaceProUnreachable: EspacePro does not tell.
    """
    found = espacepro().delegations(row.actor)
    return [each for each in found if each.services & DELEGATED]


def chosen(row: SessionRow, delegation_id: str) -> Received:
    """One of them.

    Raises:
        NotYours: it is none of them: unknown, another's, or not in force.
        EspaceProUnreachable: EspacePro does not tell.
    """
    found = next((each for each in received(row) if each.id == delegation_id), None)
    if found is None:
        raise NotYours
    return found


def kept_of(delegation: Received) -> dict[str, Any]:
    """What is kept of a choice."""
    return {
        "id": delegation.id,
        "delegator_name": delegation.delegator_name,
        "status": delegation.status,
    }


def _told_to_pages() -> dict[str, Any]:
    row = who()
    acting = row.kept.get(ACTING) if row is not None else None
    return {"acting": acting, "delegate_statuses": STATUSES}
