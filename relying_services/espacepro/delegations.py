"""Delegations, from the draft to the end: who may do what, and when (EP-02 to EP-13, EP-17).

Every step is one conditional update: of two who act at once, one is refused. What is done is
traced by the caller, in the same transaction.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from relying_services.espacepro import notices
from relying_services.espacepro.accounts import settle
from relying_services.espacepro.authorisation import Authorised, authorise, hold_to_directory
from relying_services.espacepro.checks import CPAM, check
from relying_services.espacepro.errors import (
    DelegateDiffers,
    DelegationRefused,
    DraftOver,
    InvitationOver,
    InvitationUnknown,
    NotRevocable,
    TooManyInvitations,
    WishRefused,
)
from relying_services.espacepro.lookup import (
    MOST_LISTED,
    created_by_cpam,
    current_of_delegate,
    drawn_up_by,
    made_by,
    of_delegate,
    of_delegator,
    own,
)
from relying_services.espacepro.settings import EspaceProSettings
from relying_services.espacepro.store import delegations as store
from relying_services.espacepro.store.models import DelegationRow as Delegation
from relying_services.espacepro.wishes import Party, Wish
from relying_services.paris import day_of
from relying_services.service.digest import digest
from relying_services.service.errors import NotYours

__all__ = [
    "Authorised",
    "Delegate",
    "DelegateDiffers",
    "Delegation",
    "DelegationRefused",
    "InvitationOver",
    "InvitationUnknown",
    "Party",
    "Wish",
    "WishRefused",
    "accept",
    "authorise",
    "by_invitation",
    "created_by_cpam",
    "current_of_delegate",
    "draft",
    "drawn_up_by",
    "lapse",
    "made_by",
    "of_delegate",
    "of_delegator",
    "own",
    "refuse",
    "revoke",
    "send",
]

_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Delegate:
    """Who answers an invitation, as the sign-in tells."""

    id: str
    """A national identifier, or `account:<id>` of an accountant."""
    name: str


def draft(
    db: Session,
    now: datetime,
    settings: EspaceProSettings,
    *,
    delegator: Party,
    wish: Wish,
    created_by: str,
) -> Delegation:
    """Draw a delegation up: it has no effect and nobody is told, until it is sent.

    Args:
        db: a transaction.
        now: the present instant.
        settings: of EspacePro.
        delegator: whose services.
        wish: what is asked for.
        created_by: the delegator's identifier, or `cpam:` and the agent's (EP-13).

    Raises:
        CreatorRefused: neither the delegator nor an agent of the CPAM asks.
        WishRefused: with one error by field (EP-02).
    """
    checked = check(db, now, settings, delegator=delegator, wish=wish, created_by=created_by)
    made = Delegation(
        id=f"D-{secrets.token_hex(8)}",
        delegator=delegator.id,
        delegator_name=delegator.name,
        delegator_email=delegator.email,
        email=wish.address,
        delegate_id=checked.delegate_id,
        delegate_name=checked.delegate_name,
        status=wish.status,
        services=sorted(set(wish.services)),
        starts_on=checked.starts_on,
        ends_on=checked.ends_on,
        state="draft",
        created_by=created_by,
        created_at=now,
    )
    store.add_draft(db, made)
    return made


def send(db: Session, now: datetime, settings: EspaceProSettings, delegation: Delegation) -> str:
    """Send what was drawn up; gives the secret of the invitation, of which only a digest is kept.

    Raises:
        DraftOver: it was sent already, or drawn up too long ago.
        TooManyInvitations: the author sent as many as a day allows.
    """
    if store.sent_since(db, delegation.created_by, now - _A_DAY) >= settings.invitations_a_day:
        raise TooManyInvitations
    secret = secrets.token_urlsafe(32)
    is_sent = store.lead_within(
        db,
        delegation,
        "send",
        drawn_since=now - timedelta(hours=settings.draft_hours),
        invitation=digest(secret),
        expires_at=now + timedelta(days=settings.invitation_days),
    )
    if not is_sent:
        raise DraftOver
    notices.invite(db, now, delegation, f"{settings.base_url}/invitations/{secret}")
    if delegation.created_by.startswith(CPAM):
        notices.tell_created_by_cpam(db, now, delegation)
    return secret


def by_invitation(db: Session, now: datetime, secret: str) -> Delegation:
    """The delegation that an invitation is about.

    Raises:
        InvitationUnknown: no invitation has this secret.
        InvitationOver: it was answered or withdrawn, or it waited too long.
    """
    found = store.invited(db, digest(secret))
    if found is None:
        raise InvitationUnknown
    if found.state != "pending" or not _is_open(found, now):
        raise InvitationOver
    return found


def accept(db: Session, now: datetime, delegation: Delegation, delegate: Delegate) -> None:
    """From now on the delegation has effect on its days (EP-10); the account is opened (EP-07).

    Raises:
        DelegateDiffers: another is awaited, or at another address (EP-08, EP-09).
        DelegationRefused: one of them is not active any more, or may not substitute (domain, 6).
        InvitationOver: it was answered or withdrawn meanwhile, or it waited too long.
    """
    _hold_to_awaited(delegation, delegate)
    hold_to_directory(db, now, delegation, delegate.id)
    settle(db, now, email=delegation.email, delegate_id=delegate.id, name=delegate.name)
    values = {"delegate_id": delegate.id, "delegate_name": delegate.name}
    if not store.answer(db, delegation, "accept", now=now, today=day_of(now), **values):
        raise InvitationOver
    notices.tell_accepted(db, now, delegation)


def refuse(db: Session, now: datetime, delegation: Delegation, delegate: Delegate) -> None:
    """The delegate does not want it: it never has effect (EP-10).

    Raises:
        DelegateDiffers: another is awaited (EP-09).
        InvitationOver: it was answered or withdrawn meanwhile, or it waited too long.
    """
    _hold_to_awaited(delegation, delegate)
    if not store.answer(db, delegation, "refuse", now=now, today=day_of(now)):
        raise InvitationOver
    notices.tell_refused(db, now, delegation)


def revoke(db: Session, now: datetime, delegation: Delegation, by: str) -> None:
    """End a delegation; the very next act by it is refused (EP-17).

    Args:
        db: a transaction.
        now: the present instant.
        delegation: sent or accepted.
        by: the delegator; or `cpam:` and an agent, for what the CPAM created.

    Raises:
        NotYours: anybody else asks.
        NotRevocable: it was refused, revoked or left without an answer before.
    """
    by_cpam = by.startswith(CPAM)
    is_theirs = delegation.created_by.startswith(CPAM) if by_cpam else by == delegation.delegator
    if not is_theirs:
        raise NotYours
    if not store.lead(db, delegation, "revoke", revoked_at=now):
        raise NotRevocable
    notices.tell_revoked(db, now, delegation, by_cpam=by_cpam)


def lapse(db: Session, now: datetime, limit: int = MOST_LISTED) -> list[Delegation]:
    """Close invitations whose time went by and tell their delegators; gives those closed.

    They have no effect before either: who accepts too late is refused by the date.
    """
    closed = [
        each for each in store.unanswered(db, now, limit=limit) if store.lead(db, each, "lapse")
    ]
    for each in closed:
        notices.tell_lapsed(db, now, each)
    return closed


def _hold_to_awaited(delegation: Delegation, delegate: Delegate) -> None:
    is_awaited = delegation.delegate_id in (None, delegate.id)
    if not is_awaited or delegate.id in ("", delegation.delegator):
        raise DelegateDiffers


def _is_open(delegation: Delegation, now: datetime) -> bool:
    is_in_time = delegation.expires_at is not None and delegation.expires_at > now
    return is_in_time and delegation.ends_on >= day_of(now)
