"""Numbers without gaps: one is taken in the transaction of the document that bears it."""

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relying_services.billing.store.models import CounterRow


def next_number(db: Session, name: str) -> int:
    """The number that the next document would bear."""
    last = db.scalar(select(CounterRow.last).where(CounterRow.name == name))
    return (last or 0) + 1


def take(db: Session, name: str, number: int) -> bool:
    """Take a number if it is still the next; gives whether it was."""
    if number == 1:
        return _begin(db, name)
    taken = db.execute(
        update(CounterRow)
        .where(CounterRow.name == name, CounterRow.last == number - 1)
        .values(last=number)
        .returning(CounterRow.last)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


def _begin(db: Session, name: str) -> bool:
    try:
        with db.begin_nested():
            db.execute(insert(CounterRow).values(name=name, last=1))
    except IntegrityError:
        return False
    return True
