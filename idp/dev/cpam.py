"""The CPAM, played by a test (docs/cards.md 6)."""

from flask import Blueprint

from idp.dev.chain import taken
from idp.dev.operations import OptionalBody, Text, operation
from idp.dev.registers import REFUSED, Moment, ToldActivity
from idp.provider import current_provider
from idp.registration.cpam import record_activity
from idp.registration.terms import Terms
from idp.registration.wording import described_activity

bp = Blueprint("dev_cpam", __name__, url_prefix="/cpam")


class Recording(OptionalBody):
    """The terms of an activity, where they are not those of most."""

    convention: Text = ""
    """`1`, `2` or `3`; 1 by default."""
    tariff_zone: Text = ""
    """`10`, `20` or `40`; that of the département by default."""


class RecordedActivity(ToldActivity):
    """An activity with its billing number."""

    expected_at: Moment
    """When its card is to be expected, on average (CP-05)."""


@bp.post("/activities/<activity_id>")
@operation(RecordedActivity, body=Recording, refusals=REFUSED)
def record_practice(activity_id: str, body: Recording) -> RecordedActivity:
    """Record an activity; the answer says when the card is to be expected (CP-05)."""
    terms = Terms(**body.model_dump())
    recorded = taken(lambda db: record_activity(current_provider(), db, activity_id, terms=terms))
    return RecordedActivity(
        **described_activity(recorded.activity), expected_at=recorded.expected_at.isoformat()
    )
