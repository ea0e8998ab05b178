"""The one door by which the console changes anything."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.console.acts.act import Act
from idp.console.entry.visitors import ProofNeeded, RoleTooLow, Visitor
from idp.provider import Provider
from idp.store.models import PendingAct
from idp.store.pending_acts import PENDING, SEAL, add_act

REASON_LENGTH = 300
_ID_BYTES = 12


class ReasonNeeded(ValueError):
    """Whoever is to agree must read why; the message says it to the person."""

    def __init__(self) -> None:
        super().__init__(_("Dites pourquoi, en quelques mots : un autre opérateur doit le lire."))


@dataclass(frozen=True)
class Done:
    """It is carried out."""

    result: dict[str, str] | None
    """Shown once, by name: a new secret."""


@dataclass(frozen=True)
class Waiting:
    """Another operator must agree first."""

    act_id: str


def ask(
    provider: Provider,
    db: Session,
    visitor: Visitor,
    act: Act,
    subject: str,
    *,
    arguments: Mapping[str, Any],
    reason: str = "",
) -> Done | Waiting:
    """Carry out an act, or leave it for a second operator where it is one of weight.

    Raises:
        RoleTooLow: the operator has not the act's role; the journal is told by the application.
        ProofNeeded: they proved who they are too long ago.
        ReasonNeeded: another operator must agree, and would read no reason.
        ActImpossible: it cannot be done as things stand.
    """
    check(provider, visitor, act)
    if act.second and not visitor.is_development:
        return _leave(provider, db, visitor, act, subject, arguments=arguments, reason=reason)
    result = act.carry_out(provider, db, subject, arguments)
    now = provider.clock.now()
    record(db, Event.ACT_DONE, now=now, act=act.name, subject=subject, reason=reason)
    return Done(result)


def check(provider: Provider, visitor: Visitor, act: Act) -> None:
    """Whether an operator may ask for an act, or agree to it, now.

    Raises:
        RoleTooLow, ProofNeeded: as :func:`ask`.
    """
    if not visitor.holds(act.role):
        raise RoleTooLow(act.role)
    if not visitor.proved_recently(provider):
        raise ProofNeeded


def needs_second(visitor: Visitor, act: Act) -> bool:
    """Whether another operator will have to agree: the form asks for a reason then."""
    return act.second and not visitor.is_development


def arguments_of(provider: Provider, pending: PendingAct) -> dict[str, Any]:
    """What was asked for."""
    opened: dict[str, Any] = json.loads(
        provider.sealer.open(pending.arguments_sealed, purpose=SEAL)
    )
    return opened


def _leave(
    provider: Provider,
    db: Session,
    visitor: Visitor,
    act: Act,
    subject: str,
    *,
    arguments: Mapping[str, Any],
    reason: str,
) -> Waiting:
    if not reason.strip():
        raise ReasonNeeded
    now = provider.clock.now()
    pending = PendingAct(
        act_id=secrets.token_urlsafe(_ID_BYTES),
        kind=act.name,
        subject=subject,
        arguments_sealed=provider.sealer.seal(json.dumps(arguments).encode(), purpose=SEAL),
        asked_by=visitor.name,
        reason=reason.strip()[:REASON_LENGTH],
        state=PENDING,
        created_at=now,
        expires_at=now + provider.settings.pending_act_lifetime,
    )
    add_act(db, pending)
    record(
        db,
        Event.ACT_ASKED,
        now=now,
        act=act.name,
        subject=subject,
        act_id=pending.act_id,
        reason=pending.reason,
    )
    return Waiting(pending.act_id)
