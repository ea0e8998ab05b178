"""The one path of every act by delegation (EP-04, EP-10, EP-11, EP-17)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from relying_services.espacepro.directory import is_active
from relying_services.espacepro.errors import DelegationRefused, Reason
from relying_services.espacepro.matrix import MATRIX, REMPLACANT, Level
from relying_services.espacepro.settings import EspaceProSettings
from relying_services.espacepro.states import Shown, shown
from relying_services.espacepro.store.delegations import held
from relying_services.espacepro.store.models import DelegationRow
from relying_services.espacepro.substitutes import hold
from relying_services.paris import day_of

_REFUSED: dict[Shown, Reason] = {
    "draft": "unknown",
    "pending": "not_accepted",
    "refused": "not_accepted",
    "lapsed": "not_accepted",
    "revoked": "revoked",
    "coming": "not_yet",
    "over": "over",
}
"""Why a delegation carries nothing; what is not here is current."""


@dataclass(frozen=True)
class Authorised:
    """An act that a delegation carries."""

    level: Level
    """How far: `full`, `prepare`, `masked`."""
    delegation: DelegationRow


def authorise(
    db: Session,
    now: datetime,
    settings: EspaceProSettings,
    *,
    delegation_id: str,
    delegate_id: str,
    service: str,
    means: str,
) -> Authorised:
    """Whether a delegate may act in a service, now: asked at every request, never remembered.

    Args:
        db: a transaction.
        now: the present instant.
        settings: of EspacePro.
        delegation_id: under which the act is to be done.
        delegate_id: who acts, as the sign-in tells.
        service: code of `matrix.SERVICES`.
        means: by which the delegate signed in.

    Raises:
        DelegationRefused: with the reason; a delegation of somebody else is `unknown`.
    """
    found = held(db, delegation_id)
    if found is None or found.delegate_id != delegate_id:
        raise DelegationRefused("unknown")
    reason = _REFUSED.get(shown_now(found, now))
    if reason is not None:
        raise DelegationRefused(reason)
    level = MATRIX[found.status].get(service) if service in found.services else None
    if level is None:
        raise DelegationRefused("service_outside")
    if means not in settings.delegate_means[found.status]:
        raise DelegationRefused("means_refused")
    hold_to_directory(db, now, found, delegate_id)
    return Authorised(level, found)


def hold_to_directory(db: Session, now: datetime, row: DelegationRow, delegate_id: str) -> None:
    """Hold both people to the directory, and a substitute to profession and licence (EP-07).

    Before the first day of a delegation, it is held to that day.

    Raises:
        DelegationRefused: one of them is not active, or may not substitute (domain, 6).
    """
    if not is_active(db, row.delegator):
        raise DelegationRefused("delegator_inactive")
    if not is_active(db, delegate_id):
        raise DelegationRefused("delegate_inactive")
    if row.status == REMPLACANT:
        day = max(day_of(now), row.starts_on)
        hold(db, day, replaced_id=row.delegator, delegate_id=delegate_id)


def shown_now(row: DelegationRow, now: datetime) -> Shown:
    """The state of a delegation that people read at an instant."""
    return shown(
        row.state,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        expires_at=row.expires_at,
        now=now,
    )
