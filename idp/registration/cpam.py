"""Step 2, the CPAM: what an activity that the Order declared bills under (CP-02, CP-04)."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.directory.identifiers import luhn_key
from idp.directory.people import find_person
from idp.provider import Provider
from idp.registration.details import billing_prefix, bills
from idp.registration.steps import Reason, Step, refuse
from idp.registration.terms import RecordedTerms, Terms, terms_of
from idp.store.models import PracticeActivity
from idp.store.registration import NumberTaken, find_activity, record_activity_row

_LENGTH = 9
_DRAWS = 50
"""Of a million numbers a département; one taken is drawn again."""


@dataclass(frozen=True)
class Recorded:
    """An activity that the CPAM knows, and when its card is to be expected."""

    activity: PracticeActivity
    expected_at: datetime
    """On average: information, no guarantee (CP-05)."""


def record_activity(
    provider: Provider,
    db: Session,
    activity_id: str,
    *,
    terms: Terms = Terms(),  # noqa: B008 - immutable
    actor: str | None = None,
) -> Recorded:
    """Record a declared activity with its billing number, and ask the ANS to carry it.

    The number has nine digits, the first ones the département's, and belongs to this activity for
    good. Convention and tariff zone stand beside it (CSS R161-53). An activity that bills nothing
    of its own has none of them.

    Args:
        provider: of the directory.
        db: an open writing session. A refusal is recorded in it: commit it.
        activity_id: as the Order named it.
        terms: convention and tariff zone, where they are not those of most.
        actor: who records it.

    Raises:
        DetailsInvalid: `terms` are none, or not of an activity that bills nothing of its own.
        StepRefused: not declared by the Order, recorded already, or its practitioner is not, or
            no more, registered.
    """
    activity = find_activity(db, activity_id)
    if activity is None or activity.state == "ended":
        raise refuse(provider, db, Step.RECORD, Reason.NOT_DECLARED, activity_id=activity_id)
    person = find_person(db, activity.national_id)
    reason = None
    if person is None:
        reason = Reason.NOT_REGISTERED
    elif person.closed:
        reason = Reason.STRUCK_OFF
    elif activity.state != "declared":
        reason = Reason.ALREADY_RECORDED
    if reason is not None:
        raise refuse(provider, db, Step.RECORD, reason, person=activity.national_id)
    agreed = terms_of(activity, terms)
    now = provider.clock.now()
    recorded = _record_under_free_number(provider, db, activity, agreed, now)
    record(
        db,
        Event.ACTIVITY_RECORDED,
        now=now,
        person=recorded.national_id,
        actor=actor,
        activity_id=activity_id,
        department=recorded.department,
    )
    return Recorded(recorded, now + provider.settings.card_delivery)


def _record_under_free_number(
    provider: Provider,
    db: Session,
    activity: PracticeActivity,
    agreed: RecordedTerms,
    now: datetime,
) -> PracticeActivity:
    for _ in range(_DRAWS):
        number = _draw(activity.department) if bills(activity.details) else None
        try:
            recorded = record_activity_row(
                db,
                activity.activity_id,
                number=number,
                convention=agreed.convention,
                tariff_zone=agreed.tariff_zone,
                now=now,
            )
        except NumberTaken:
            continue
        if recorded is None:
            reason = Reason.ALREADY_RECORDED
            raise refuse(provider, db, Step.RECORD, reason, person=activity.national_id)
        return recorded
    reason = Reason.BILLING_NUMBERS_USED_UP
    raise refuse(provider, db, Step.RECORD, reason, person=activity.national_id)


def _draw(department: str) -> str:
    prefix = billing_prefix(department)
    length = _LENGTH - 1 - len(prefix)
    stem = f"{prefix}{secrets.randbelow(10**length):0{length}}"
    return stem + luhn_key(stem)
