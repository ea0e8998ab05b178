"""What is done to a replacement session, each act signed by a card (SV-03 to SV-13)."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from relying_services.billing import mailbox_access
from relying_services.billing import situation as situations
from relying_services.billing.authority import Authority
from relying_services.billing.chip import Chip
from relying_services.billing.desk import Signed
from relying_services.billing.errors import (
    AnotherSubstitute,
    NoPreparedSession,
    NotActive,
    SessionSuspended,
    WrongState,
)
from relying_services.billing.memorised import Memorised, Wish, memorised_of
from relying_services.billing.states import Act, State, follow
from relying_services.billing.store import replacements as store
from relying_services.billing.store.models import ReplacementRow
from relying_services.service.errors import NotYours
from relying_services.service.store.models import SessionRow

_VERSION = 1
MAILBOX_OPENED = "mailbox"
"""What the replaced doctor's card signs besides transitions (SV-05)."""


def new_id() -> str:
    """A name for a session that nobody can guess."""
    return f"R-{secrets.token_hex(8)}"


def act_document(act: str, row: ReplacementRow, chip: Chip, now: datetime) -> dict[str, Any]:
    """What a card signs for any other act: one of `Act`, or `MAILBOX_OPENED`."""
    return {
        "v": _VERSION,
        "type": f"replacement-{act}",
        "replacement": row.id,
        "actor": chip.national_id,
        "card_number": chip.number,
        "at": now.isoformat(),
    }


def prepare(db: Session, replacement_id: str, wish: Wish, signed: Signed) -> None:
    """Keep a prepared session, and give access to the mailbox as is wished (SV-05)."""
    chip, now = signed.chip, signed.at
    row = ReplacementRow(
        id=replacement_id,
        replaced=chip.national_id,
        replaced_name=chip.name,
        substitute=wish.substitute,
        substitute_name=wish.substitute_name,
        kind=wish.kind,
        state=State.PREPAREE,
        starts_on=wish.starts_on,
        ends_on=wish.ends_on,
        prepared_at=now,
        text=signed.text,
        signed=signed.signed,
        situation=None,
        held_by=None,
        invoices=0,
    )
    db.add(row)
    db.flush()
    mailbox_access.give(db, row, wish, now)
    _keep(db, row, Act.PREPARE, signed)


def prepare_again(db: Session, row: ReplacementRow, wish: Wish, signed: Signed) -> None:
    """Take a closed session up again: what was memorised stays, the dates are new (SV-12).

    Raises:
        WrongState: it is not closed, or not any more.
    """
    _move(
        db,
        row,
        Act.PREPARE,
        starts_on=wish.starts_on,
        ends_on=wish.ends_on,
        text=signed.text,
        signed=signed.signed,
        prepared_at=signed.at,
        situation=None,
        held_by=None,
        invoices=0,
    )
    mailbox_access.give(db, row, wish, signed.at)
    _keep(db, row, Act.PREPARE, signed)


def of_replaced(db: Session, replacement_id: str, national_id: str) -> ReplacementRow:
    """A session of the doctor who is replaced in it.

    Raises:
        NotYours: it is somebody else's, or there is none.
    """
    row = store.find(db, replacement_id)
    if row is None or row.replaced != national_id:
        raise NotYours
    return row


def of_substitute(db: Session, replacement_id: str, national_id: str) -> ReplacementRow:
    """A session that was prepared for a substitute.

    Raises:
        NoPreparedSession: there is none of this name.
        AnotherSubstitute: it was prepared for somebody else (SV-07).
        SessionSuspended: the replaced doctor suspended it.
    """
    row = store.find(db, replacement_id)
    if row is None or row.state == State.DESACTIVEE:
        raise NoPreparedSession
    if row.substitute != national_id:
        raise AnotherSubstitute
    if row.state == State.SUSPENDUE:
        raise SessionSuspended
    return row


def check_activation(
    row: ReplacementRow,
    memorised: Memorised,
    chip: Chip,
    *,
    presented: str,
    replaced: str,
    now: datetime,
) -> None:
    """Whether a substitute may begin, before the card signs it (SV-06, SV-07).

    Args:
        row: the session.
        memorised: what it memorises.
        chip: the substitute's card.
        presented: the situation chosen on the card.
        replaced: the situation memorised that is to be replaced.
        now: the present instant.

    Raises:
        WrongState: it cannot be activated now.
        OutsideDates: the replacement has not begun, or is over.
        SituationDiffers: with what differs.
        NotYours: no such situation, on the card or memorised.
    """
    follow(State(row.state), Act.ACTIVATE)
    memorised.check_day(now)
    on_card, wanted = chip.situation(presented), memorised.situations.get(replaced)
    if on_card is None or wanted is None:
        raise NotYours
    situations.check(wanted, on_card)


def activate(
    db: Session, row: ReplacementRow, session: SessionRow, signed: Signed, *, replaced: str
) -> None:
    """Begin: this sign-in, and no other, bills from now on.

    Raises:
        WrongState: its state changed meanwhile.
    """
    _move(db, row, Act.ACTIVATE, situation=replaced, held_by=session.handle)
    store.release_others(db, row, session.handle)
    _keep(db, row, Act.ACTIVATE, signed)


def change(db: Session, row: ReplacementRow, act: Act, signed: Signed) -> None:
    """Suspend, resume or close a session, by the replaced doctor's card.

    Raises:
        WrongState: its state does not allow it, or changed meanwhile.
    """
    if act is Act.DEACTIVATE:
        _move(db, row, act, held_by=None)
        mailbox_access.end(db, row, signed.at)
    else:
        _move(db, row, act)
    _keep(db, row, act, signed)


def confirm_mailbox(db: Session, row: ReplacementRow, signed: Signed) -> None:
    """Open the mailbox to the substitute, since its provider did (SV-05).

    Raises:
        MailboxNotAsked: nothing was asked of the provider, or it is open already.
    """
    mailbox_access.confirm(db, row, signed.at)
    _keep(db, row, MAILBOX_OPENED, signed)


def purge(db: Session, row: ReplacementRow) -> None:
    """Delete all that was memorised; invoices that were issued stay (SV-12).

    Raises:
        WrongState: the session is not closed.
    """
    follow(State(row.state), Act.PURGE)
    if not store.remove(db, row):
        raise WrongState


def held(
    db: Session, session: SessionRow, authority: Authority, now: datetime
) -> tuple[ReplacementRow, Memorised]:
    """The session in which a substitute bills at this request (SV-11).

    Raises:
        NotActive: none is active in this sign-in.
        SnapshotAltered: what was memorised was changed.
        OutsideDates: the replacement is over.
    """
    row = store.held_by(db, session.handle)
    if row is None or row.substitute != session.actor:
        raise NotActive
    memorised = memorised_of(row, authority)
    memorised.check_day(now)
    return row, memorised


def _move(db: Session, row: ReplacementRow, act: Act, **values: Any) -> None:
    after = follow(State(row.state), act)
    if not store.move(db, row, after, **values):
        raise WrongState


def _keep(db: Session, row: ReplacementRow, act: str, signed: Signed) -> None:
    store.add_act(
        db,
        row,
        act=act,
        at=signed.at,
        actor=signed.chip.national_id,
        card_number=signed.chip.number,
        text=signed.text,
        signed=signed.signed,
    )
