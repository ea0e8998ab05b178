"""Forms that were done, each once."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from relying_services.service.store.models import FormRow
from relying_services.service.store.statements import insert_or

_KEPT = timedelta(days=1)
"""A page that stays open longer was cut from its session long before."""


def take(db: Session, form: str, now: datetime) -> bool:
    """Use a form up; False where it was used before. Who sends it meanwhile waits for the first."""
    db.execute(delete(FormRow).where(FormRow.used_at <= now - _KEPT))
    taken = (
        insert_or(db, FormRow)
        .values(form=form, used_at=now, led_to="")
        .on_conflict_do_nothing()
        .returning(FormRow.form)
    )
    return db.scalar(taken) is not None


def note_led_to(db: Session, form: str, address: str) -> None:
    """What was done with it is told on this page."""
    db.execute(update(FormRow).where(FormRow.form == form).values(led_to=address))


def led_to(db: Session, form: str) -> str:
    """Where a form that was used up led."""
    return db.scalars(select(FormRow.led_to).where(FormRow.form == form)).one()
