"""What a practitioner billed, month by month."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from relying_services.mon_compte.store.models import ActivityRow


def months_of(db: Session, owner: str, since: date) -> Sequence[ActivityRow]:
    """Months from the one of a day on, newest first."""
    query = (
        select(ActivityRow)
        .where(ActivityRow.owner == owner, ActivityRow.month >= since.replace(day=1))
        .order_by(ActivityRow.month.desc())
    )
    return db.scalars(query).all()
