"""The trace of a service: each act, by whom, for whom, on what, and how it ended (domain, 7).

An entry carries the `sid` of the provider's session, the `client_id` of this service and the id of
the request: by the first two it is joined to the provider's journal, by the last to this service's
log. Entries are added and read, never changed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g, has_request_context, request
from sqlalchemy.orm import Session

from relying_services.service.store.models import SessionRow, TraceRow

OWN_ACCOUNT = "account:"
"""How the identifier begins of who has a password alone, and no national identifier."""

_LONGEST_OBJECT = 128
"""Characters. Objects are named in addresses too: whoever makes one up writes no text into it."""


@dataclass(frozen=True)
class Actor:
    """Who acts, and as what."""

    id: str
    """A national identifier, or `account:<id>`."""
    means: str
    activity: str = ""
    sid: str | None = None
    on_behalf_of: str | None = None
    delegation_id: str | None = None

    @classmethod
    def of(
        cls,
        row: SessionRow,
        *,
        on_behalf_of: str | None = None,
        delegation_id: str | None = None,
    ) -> "Actor":
        """Who is signed in."""
        return cls(row.actor, row.means, structure_of(row), row.sid, on_behalf_of, delegation_id)


def structure_of(row: SessionRow) -> str:
    """The structure of the activity that was chosen, as it is written in the trace."""
    activity = row.activity or {}
    found = activity.get("identifiantTechniqueDeLaStructure") or activity.get("raisonSocialeSite")
    return str(found or "")


def note(
    db: Session,
    now: datetime,
    client_id: str,
    actor: Actor,
    action: str,
    *,
    object: str = "",  # noqa: A002 - the word of the record (domain, 7)
    refused: str = "",
    **details: Any,
) -> None:
    """Write one act down.

    Args:
        db: the transaction of the act.
        now: the present instant.
        client_id: of this service.
        actor: who acts.
        action: what was done, `subject:verb`.
        object: `kind:identifier` of what it was done to; cut where it is longer than any is.
        refused: why it was refused, as a code; done where it is empty.
        details: what else is to be known; no secret, and no patient's data.
    """
    has_request = has_request_context()
    db.add(
        TraceRow(
            at=now,
            actor=actor.id,
            means=actor.means,
            activity=actor.activity,
            on_behalf_of=actor.on_behalf_of,
            delegation_id=actor.delegation_id,
            action=action,
            object=object[:_LONGEST_OBJECT],
            outcome="refused" if refused else "done",
            reason=refused,
            sid=actor.sid,
            client_id=client_id,
            request_id=g.get("request_id", "") if has_request else "",
            address=(request.remote_addr or "") if has_request else "",
            details=details,
        )
    )
