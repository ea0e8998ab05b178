"""What EspacePro does not keep: whatever was drawn up and never had any effect."""

from datetime import datetime

from sqlalchemy.orm import Session

from relying_services.espacepro.store import acts, delegations


def forget_drafts(db: Session, _now: datetime, before: datetime) -> None:
    """Forget acts and delegations drawn up before an instant and never sent; the trace stays.

    An act of a delegate that waits for its holder's validation is none of them.
    """
    acts.purge_unsent(db, before)
    delegations.purge_drafts(db, before)
