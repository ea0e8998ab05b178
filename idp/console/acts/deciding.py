"""Acts that wait: agreed to, refused, withdrawn, and their result shown once.

Of two operators who decide at once, one does; nobody decides of what they asked for themselves.
"""

import json
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.console.acts.act import ActImpossible
from idp.console.acts.asking import arguments_of, check
from idp.console.acts.table import ACTS
from idp.console.entry.visitors import Visitor
from idp.provider import Provider
from idp.store.models import PendingAct
from idp.store.operators import ACTIVE, find_operator
from idp.store.pending_acts import SEAL, decide, find_act, keep_result, take_result, withdraw


class DecisionRefused(Exception):
    """This operator decides nothing of this act."""

    text: Any
    """Why, for the person."""


class ActGone(DecisionRefused):
    """Nothing waits here any more."""

    text = _("Cette demande n’attend plus : elle est décidée, retirée ou expirée.")


class OwnAct(DecisionRefused):
    """Whoever asked does not agree with themselves."""

    text = _("Vous avez fait cette demande : un autre opérateur doit la décider.")


def approve(provider: Provider, db: Session, visitor: Visitor, act_id: str) -> None:
    """Carry out what another operator asked for, once.

    Raises:
        DecisionRefused: it does not wait, or is one's own.
        RoleTooLow, ProofNeeded: see `asking.check`.
        ActImpossible: it cannot be done any more; the caller rolls back and calls `give_up`.
    """
    _check_deciding(provider, db, visitor, act_id)
    pending = _decide(provider, db, visitor, act_id, "done")
    _check_asker(db, pending)
    act = ACTS[pending.kind]
    result = act.carry_out(provider, db, pending.subject, arguments_of(provider, pending))
    if result is not None:
        keep_result(db, act_id, provider.sealer.seal(json.dumps(result).encode(), purpose=SEAL))
    _record(provider, db, Event.ACT_DONE, pending, asked_by=pending.asked_by)


def decline(provider: Provider, db: Session, visitor: Visitor, act_id: str) -> None:
    """Refuse what another operator asked for.

    Raises:
        DecisionRefused, RoleTooLow, ProofNeeded: as :func:`approve`.
    """
    _check_deciding(provider, db, visitor, act_id)
    pending = _decide(provider, db, visitor, act_id, "refused")
    _record(provider, db, Event.ACT_DECLINED, pending, asked_by=pending.asked_by)


def give_up(provider: Provider, db: Session, visitor: Visitor, act_id: str) -> None:
    """Note that an act which was agreed to could not be carried out.

    Raises:
        ActGone: somebody decided otherwise meanwhile.
    """
    pending = _decide(provider, db, visitor, act_id, "failed")
    _record(provider, db, Event.ACT_FAILED, pending, success=False, asked_by=pending.asked_by)


def take_back(provider: Provider, db: Session, visitor: Visitor, act_id: str) -> None:
    """Withdraw what one asked for oneself.

    Raises:
        ActGone: it does not wait any more.
    """
    pending = withdraw(db, act_id, asked_by=visitor.name, now=provider.clock.now())
    if pending is None:
        raise ActGone
    _record(provider, db, Event.ACT_WITHDRAWN, pending)


def collect(
    provider: Provider, db: Session, visitor: Visitor, act_id: str
) -> dict[str, str] | None:
    """What the act gave, once, to whoever asked for it; nothing where it was seen.

    Raises:
        RoleTooLow, ProofNeeded: they may not ask for it any more.
    """
    pending = find_act(db, act_id)
    if pending is None or pending.result_sealed is None or pending.kind not in ACTS:
        return None
    check(provider, visitor, ACTS[pending.kind])
    sealed = pending.result_sealed
    if not take_result(db, act_id, asked_by=visitor.name, result_sealed=sealed):
        return None
    _record(provider, db, Event.ACT_RESULT_SHOWN, pending)
    result: dict[str, str] = json.loads(provider.sealer.open(sealed, purpose=SEAL))
    return result


def _check_deciding(provider: Provider, db: Session, visitor: Visitor, act_id: str) -> None:
    pending = find_act(db, act_id)
    if pending is None or pending.kind not in ACTS:
        raise ActGone
    check(provider, visitor, ACTS[pending.kind])
    if pending.asked_by == visitor.name:
        raise OwnAct


def _decide(
    provider: Provider, db: Session, visitor: Visitor, act_id: str, state: str
) -> PendingAct:
    now = provider.clock.now()
    pending = decide(db, act_id, state=state, decided_by=visitor.name, now=now)
    if pending is None:
        raise ActGone
    return pending


def _check_asker(db: Session, pending: PendingAct) -> None:
    """Whoever asked may still ask: not disabled, nor without the role since."""
    asker, role = find_operator(db, pending.asked_by), ACTS[pending.kind].role
    if asker is None or asker.state != ACTIVE or role not in asker.roles:
        raise ActImpossible(_("Qui l’a demandé n’en a plus le droit."))


def _record(
    provider: Provider,
    db: Session,
    event: Event,
    pending: PendingAct,
    *,
    success: bool = True,
    **more: str,
) -> None:
    record(
        db,
        event,
        now=provider.clock.now(),
        success=success,
        act=pending.kind,
        subject=pending.subject,
        act_id=pending.act_id,
        **more,
    )
