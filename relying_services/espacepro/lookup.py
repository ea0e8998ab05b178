"""Finding delegations: each reader finds what is theirs, and is not told what else there is."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from relying_services.espacepro.checks import CPAM
from relying_services.espacepro.store import delegations as store
from relying_services.espacepro.store.models import DelegationRow as Delegation
from relying_services.paris import day_of
from relying_services.service.errors import NotYours

MOST_LISTED = 200
"""Delegations of one list, the newest first."""


def own(db: Session, national_id: str, delegation_id: str) -> Delegation:
    """A delegation that this delegator gave, or the CPAM for them; no draft.

    Raises:
        NotYours: it is another's, or there is none: nobody is told which.
    """
    found = store.delegation(db, delegation_id)
    if found is None or found.delegator != national_id or found.state == "draft":
        raise NotYours
    return found


def drawn_up_by(db: Session, created_by: str, delegation_id: str) -> Delegation:
    """What this author drew up, to be sent.

    Raises:
        NotYours: it is another's, or there is none: nobody is told which.
    """
    found = store.delegation(db, delegation_id)
    if found is None or found.created_by != created_by:
        raise NotYours
    return found


def created_by_cpam(db: Session, delegation_id: str) -> Delegation:
    """What any agent of the CPAM created and sent (EP-13).

    Raises:
        NotYours: a delegator created it, or there is none: nobody is told which.
    """
    found = store.delegation(db, delegation_id)
    if found is None or not found.created_by.startswith(CPAM) or found.state == "draft":
        raise NotYours
    return found


def made_by(db: Session, created_by: str) -> Sequence[Delegation]:
    """What one author sent, newest first: for an agent of the CPAM (EP-13)."""
    return store.made_by(db, created_by, limit=MOST_LISTED)


def of_delegator(db: Session, national_id: str) -> Sequence[Delegation]:
    """What somebody delegated, newest first; without drafts."""
    return store.delegated_by(db, national_id, limit=MOST_LISTED)


def of_delegate(db: Session, delegate_id: str) -> Sequence[Delegation]:
    """What was delegated to somebody, newest first, invitations too; without drafts."""
    return store.delegated_to(db, delegate_id, limit=MOST_LISTED)


def current_of_delegate(db: Session, now: datetime, delegate_id: str) -> Sequence[Delegation]:
    """What somebody accepted and may do today (EP-11), oldest first."""
    return store.accepted_on(db, delegate_id, day_of(now))
