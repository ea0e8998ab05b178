"""What one person may do within a day is not exceeded by requests that are sent at once.

On PostgreSQL, where two transactions count beside each other; on SQLite one waits for the other
before it begins.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaits
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from relying_services import espacepro, messaging, mon_compte, regulation
from relying_services.espacepro.store.act_models import ActRow
from relying_services.espacepro.store.acts import drawn_since
from relying_services.espacepro.store.delegations import sent_since
from relying_services.espacepro.store.models import DelegationRow
from relying_services.messaging.store.letters import has_sent
from relying_services.messaging.store.models import LetterRow, MailboxRow
from relying_services.mon_compte.store.models import QuestionRow
from relying_services.mon_compte.store.questions import asked_since
from relying_services.regulation.store import calls
from relying_services.regulation.store.models import CallRow
from relying_services.service.service import Kind
from relying_services.service.store.database import Store

WHO, ANOTHER = "899700990015", "899700990023"
NOW = datetime.now(UTC)
SINCE = NOW - timedelta(days=1)
LONG_ENOUGH = 0.2
"""Seconds in which who does not wait is done."""

Counts = Callable[[Session, str], Any]


def question(db: Session, who: str) -> int:
    """Count the messages of a day, and send one."""
    found = asked_since(db, who, SINCE)
    told = {"owner": who, "asked_by": who, "asked_by_name": "", "subject": "autre", "text": ""}
    db.add(QuestionRow(**told, asked_at=NOW, answer="", answered_by="", answered_at=None))
    db.flush()
    return found


def act(db: Session, who: str) -> int:
    """Count the consultations of a day, and make one."""
    found = drawn_since(db, who, "remboursements", SINCE)
    told = {"owner": who, "owner_name": "", "author": who, "author_name": "", "author_means": ""}
    told |= {"author_activity": "", "state": "sent", "id": f"A-{who}-{found}"}
    db.add(ActRow(**told, service="remboursements", contents={}, drawn_at=NOW, settled_at=NOW))
    db.flush()
    return found


def invitation(db: Session, who: str) -> int:
    """Count the invitations of a day, and send one."""
    found = sent_since(db, who, SINCE)
    told = {"delegator": who, "delegator_name": "", "delegator_email": "", "email": ""}
    told |= {"delegate_name": "", "status": "remplacant", "state": "pending", "created_by": who}
    days = {"starts_on": NOW.date(), "ends_on": NOW.date(), "created_at": NOW, "expires_at": NOW}
    db.add(DelegationRow(id=f"D-{who}-{found}", **told, **days, services=[]))
    db.flush()
    return found


def letter(db: Session, who: str) -> int:
    """Tell whether one letter was sent within a day, and send one."""
    found = int(has_sent(db, who, 1, SINCE))
    if db.get(MailboxRow, who) is None:
        db.add(MailboxRow(owner=who, address=who, name="", sorted_name="", opened_at=NOW))
        db.flush()
    told = {"sender": who, "recipient": who, "subject": "", "text": "", "activity": ""}
    db.add(LetterRow(**told, sent_at=NOW, read_at=None))
    db.flush()
    return found


def call(db: Session, who: str) -> int:
    """Take a call of one's own choice, where none is in hand; tell whether that was refused."""
    told = {"urgency": "P1", "reason": "", "place": "", "phone": "", "outcome": "", "note": ""}
    row = CallRow(**told, received_at=NOW, state="waiting")
    calls.add_calls(db, [row])
    return int(not calls.take(db, row.id, regulator=who, name="", most=1, now=NOW))


@pytest.mark.parametrize("either_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        (mon_compte.KIND, question),
        (espacepro.KIND, act),
        (espacepro.KIND, invitation),
        (messaging.KIND, letter),
        (regulation.KIND, call),
    ],
    ids=["questions_a_day", "consultations_a_day", "invitations_a_day", "letters_a_day", "taken"],
)
def test_attack_requests_sent_at_once_count_each_other(
    either_url: str, kind: Kind, counts: Counts
) -> None:
    """The second waits for the first, and counts what it did; another person waits for nobody."""
    store = Store(either_url, kind.tables)
    store.upgrade()

    def at_once(who: str) -> Any:
        with store.begin() as db:
            return counts(db, who)

    with ThreadPoolExecutor(1) as pool:
        with store.begin() as db:
            assert counts(db, WHO) == 0
            assert pool.submit(at_once, ANOTHER).result(10) == 0
            second: Future[Any] = pool.submit(at_once, WHO)
            with pytest.raises(StillWaits):
                second.result(LONG_ENOUGH)
        assert second.result(10) == 1
    store.close()
