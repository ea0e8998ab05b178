"""Who may see whose account at this request: every page of the tabs begins here (MA-10).

Somebody sees their own, or that of the professional for whom they act; the latter is asked of
EspacePro each time, so that a delegation that was revoked is refused at the next request (EP-17).
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import cast

from flask_babel import lazy_gettext as _l

from relying_services.mon_compte.espacepro_api import EXTENSION, EspacePro, Level
from relying_services.service import trace
from relying_services.service.errors import ServiceError
from relying_services.service.refusals import note_refusal, refuse
from relying_services.service.service import signed_in, this_service
from relying_services.service.store.models import SessionRow

__all__ = ["Access", "Level", "access"]

ACTING = "acting"
"""In what is kept of a session: the delegation under which somebody acts, and its banner."""

DELEGATED = frozenset({"paiements", "imprimes", "contact"})
"""The tabs that can be delegated (domain, 6); the others are their owner's alone."""


class OwnerAlone(ServiceError):
    """A tab that nobody sees for another."""

    code = "owner_alone"
    meaning = _l(
        "Cet onglet n’est visible que de son titulaire. Pour voir le vôtre, cessez d’agir pour un "
        "autre."
    )


class NobodyChosen(ServiceError):
    """Who has no account at the health insurance must say for whom they act."""

    code = "nobody_chosen"
    status = HTTPStatus.CONFLICT
    title = _l("Choisissez pour qui vous agissez")
    meaning = _l("Ouvrez « Agir pour un professionnel » et choisissez une délégation.")


@dataclass(frozen=True)
class Access:
    """What was granted for this request."""

    owner: str
    """Whose rows are read: a national identifier."""
    level: Level
    actor: trace.Actor
    """Who acts, as the trace names them."""


def access(service_code: str, action: str, obj: str = "") -> Access:
    """Who may see whose data at this request.

    Args:
        service_code: `informations`, `paiements`, `activite`, `imprimes` or `contact`.
        action: what is done, `subject:verb`.
        obj: `kind:identifier` of what it is done to.

    Raises:
        NotSignedIn: nobody is signed in.
        NobodyChosen: the person has no account here, and acts for nobody.
        OwnerAlone: the tab is not for delegates.
        DelegationRefused: EspacePro does not authorise the act.
        EspaceProUnreachable: nor does its silence.
    """
    row = signed_in()
    delegation_id = row.kept.get(ACTING, {}).get("id")
    if delegation_id is None:
        return _own(row, action, obj)
    return _delegated(row, delegation_id, service_code, action, obj)


def espacepro() -> EspacePro:
    """EspacePro as this service reaches it."""
    return cast("EspacePro", this_service().more[EXTENSION])


def _own(row: SessionRow, action: str, obj: str) -> Access:
    actor = trace.Actor.of(row)
    if row.actor.startswith(trace.OWN_ACCOUNT):
        refuse(action, obj, NobodyChosen, by=actor)
    return Access(owner=row.actor, level="full", actor=actor)


def _delegated(
    row: SessionRow, delegation_id: str, service_code: str, action: str, obj: str
) -> Access:
    asking = trace.Actor.of(row, delegation_id=delegation_id)
    if service_code not in DELEGATED:
        refuse(action, obj, OwnerAlone, by=asking)
    try:
        granted = espacepro().act(asking, service_code, action, obj)
    except ServiceError as error:
        note_refusal(asking, action, obj, error)
        raise
    actor = trace.Actor.of(row, on_behalf_of=granted.delegator, delegation_id=delegation_id)
    return Access(owner=granted.delegator, level=granted.level, actor=actor)
