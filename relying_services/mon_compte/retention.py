"""What the account does not keep: orders that were not confirmed, codes that nobody used."""

from datetime import datetime

from sqlalchemy.orm import Session

from relying_services.mon_compte.store import credentials, orders


def forget_drafts(db: Session, now: datetime, before: datetime) -> None:
    """Forget orders drawn up before an instant and never confirmed, and codes that are over."""
    orders.purge_drafts(db, before)
    credentials.purge_letters(db, now)
