"""The CPAM, played by a test (docs/cards.md 6)."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from idp.dev.bodies import read_nothing
from idp.dev.chain import handle_refusals, taken
from idp.provider import current_provider
from idp.registration.cpam import record_activity
from idp.registration.wording import described_activity

bp = Blueprint("dev_cpam", __name__, url_prefix="/cpam")
handle_refusals(bp)


@bp.post("/activities/<activity_id>")
def record(activity_id: str) -> ResponseReturnValue:
    """Record an activity; the answer says when the card is to be expected (CP-05)."""
    read_nothing()
    recorded = taken(lambda db: record_activity(current_provider(), db, activity_id))
    return jsonify(
        described_activity(recorded.activity) | {"expected_at": recorded.expected_at.isoformat()}
    )
