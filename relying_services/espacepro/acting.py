"""In whose name somebody acts at this request, and whether they may: asked anew each time.

A session remembers the number of a delegation and nothing that follows from it. Who acts stays who
signed in: their own identifier, means, activity and `sid` (EP-05). What a delegation carries is
looked up within the transaction of each act, so that a revocation counts at once (EP-17).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from flask import Flask
from sqlalchemy.orm import Session

from relying_services.espacepro.delegations import authorise
from relying_services.espacepro.directory import person
from relying_services.espacepro.errors import (
    AccountNotDelegated,
    CardNeeded,
    DelegationRefused,
    NotPractising,
)
from relying_services.espacepro.matrix import Level
from relying_services.espacepro.settings import EspaceProSettings
from relying_services.espacepro.store.acts import Scope
from relying_services.espacepro.store.delegations import delegation
from relying_services.espacepro.store.models import DelegationRow
from relying_services.espacepro.teleservices import CARD_ALONE, TELESERVICES
from relying_services.service import trace
from relying_services.service.errors import NotYours, ServiceError
from relying_services.service.service import signed_in, this_service, who
from relying_services.service.store.models import SessionRow
from relying_services.service.store.sessions import keep

ACTING = "acting"
"""In what a session keeps: the number of the delegation under which the person acts."""

_DOCTOR = "10"
"""`codeProfession` of those whose teleservices these are."""


@dataclass(frozen=True)
class Granted:
    """What was granted for this request."""

    owner: str
    """In whose name: a national identifier."""
    owner_name: str
    level: Level
    actor: trace.Actor
    """Who acts, as the trace names them."""
    scope: Scope
    """Which acts may be read."""
    status: str | None
    """Of the delegate; none where somebody acts for themselves."""


def settings() -> EspaceProSettings:
    """Of the service that answers this request."""
    return cast("EspaceProSettings", this_service().settings)


def init_app(app: Flask) -> None:
    """Tell every page for whom the person acts: it says so at its top."""
    app.context_processor(_told_to_pages)


@contextmanager
def granted(service: str, action: str, obj: str = "") -> Iterator[tuple[Session, Granted]]:
    """A transaction in which somebody does one thing at a teleservice, if they may.

    What is refused, here or within, is rolled back and traced in a transaction of its own.

    Args:
        service: the teleservice.
        action: what is done, `subject:verb`.
        obj: `kind:identifier` of what it is done to.

    Raises:
        NotSignedIn: nobody is signed in.
        NotYours: there is no such teleservice.
        DelegationRefused: the delegation does not carry it.
        CardNeeded: the teleservice takes a card alone (EP-16).
        NotPractising: it is for doctors.
    """
    row = signed_in()
    with traced(action, obj), this_service().store.begin() as db:
        yield db, _grant(db, row, service)


@contextmanager
def traced(action: str, obj: str = "") -> Iterator[None]:
    """Trace a refusal.

    A delegation that was revoked stays chosen until the person ceases to act: else a second try
    would be done in their own name, unnoticed. One that is not theirs at all is put down.
    """
    try:
        yield
    except ServiceError as error:
        row, service = signed_in(), this_service()
        with service.store.begin() as db:
            service.note(db, actor_of(db, row), action, object=obj, refused=error.code)
            if isinstance(error, DelegationRefused) and error.reason == "unknown":
                keep(db, row, **{ACTING: None})
        raise


def own(action: str, obj: str = "") -> SessionRow:
    """Who is signed in, on a page of their own account.

    Raises:
        NotSignedIn: nobody is.
        AccountNotDelegated: they act for another.
    """
    row = signed_in()
    with traced(action, obj):
        if ACTING in row.kept:
            raise AccountNotDelegated
    return row


def own_by_card(action: str, obj: str = "") -> SessionRow:
    """As `own`, with a card.

    Raises:
        CardNeeded: the person came by another means (EP-01).
    """
    row = own(action, obj)
    with traced(action, obj):
        hold_to_means(row, CARD_ALONE)
    return row


def hold_to_means(row: SessionRow, means: frozenset[str]) -> None:
    """Let somebody on who signed in by one of these means.

    Raises:
        CardNeeded: they came by another.
    """
    if row.means not in means:
        raise CardNeeded


def standing(db: Session, row: SessionRow, delegation_id: str) -> DelegationRow:
    """A delegation under which somebody may act now, at one service at least.

    Raises:
        DelegationRefused: they may not.
    """
    found = delegation(db, delegation_id)
    authorised = authorise(
        db,
        this_service().clock.now(),
        settings(),
        delegation_id=delegation_id,
        delegate_id=row.actor,
        service=found.services[0] if found else "",
        means=row.means,
    )
    return authorised.delegation


def acting_for(db: Session, row: SessionRow) -> DelegationRow | None:
    """The delegation that a session remembers, whether it still stands or not."""
    delegation_id = row.kept.get(ACTING)
    found = delegation(db, delegation_id) if delegation_id else None
    return found if found and found.delegate_id == row.actor else None


def actor_of(db: Session, row: SessionRow) -> trace.Actor:
    """Who is signed in, as the trace names them: with the delegation that the session remembers."""
    found = acting_for(db, row)
    if found is None:
        return trace.Actor.of(row)
    return trace.Actor.of(row, on_behalf_of=found.delegator, delegation_id=found.id)


def practises(db: Session, row: SessionRow) -> bool:
    """Whether the directory knows the person as a doctor, whose the teleservices are."""
    known = person(db, row.actor)
    return known is not None and _DOCTOR in known.practised


def _grant(db: Session, row: SessionRow, service: str) -> Granted:
    if service not in TELESERVICES:
        raise NotYours
    delegation_id = row.kept.get(ACTING)
    if delegation_id is None:
        return _own(db, row, service)
    authorised = authorise(
        db,
        this_service().clock.now(),
        settings(),
        delegation_id=delegation_id,
        delegate_id=row.actor,
        service=service,
        means=row.means,
    )
    found = authorised.delegation
    return Granted(
        owner=found.delegator,
        owner_name=found.delegator_name,
        level=authorised.level,
        actor=trace.Actor.of(row, on_behalf_of=found.delegator, delegation_id=found.id),
        scope=Scope(row.actor, found.id),
        status=found.status,
    )


def _own(db: Session, row: SessionRow, service: str) -> Granted:
    hold_to_means(row, TELESERVICES[service].means)
    if not practises(db, row):
        raise NotPractising
    return Granted(row.actor, row.name, "full", trace.Actor.of(row), Scope(row.actor), None)


def _told_to_pages() -> dict[str, Any]:
    row = who()
    if row is None:
        return {"acting": None, "is_agent": False}
    is_agent = row.actor in settings().cpam_agents
    if ACTING not in row.kept:
        return {"acting": None, "is_agent": is_agent}
    with this_service().store.read() as db:
        return {"acting": acting_for(db, row), "is_agent": is_agent}
