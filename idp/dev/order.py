"""The Order, played by a test: registrations, activities, contacts (docs/cards.md 6)."""

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, NotFound

from idp.dev.bodies import read_nothing, read_object, read_text, read_texts
from idp.dev.chain import canonical, handle_refusals, taken
from idp.directory.contacts import ContactInvalid, PersonUnknown, declare_contact
from idp.directory.people import find_person
from idp.provider import current_provider
from idp.registration.details import Registrant
from idp.registration.order import declare_activity, end_activity, move_activity, register
from idp.registration.wording import described_activity
from idp.store.registration import practice_of_person

bp = Blueprint("dev_order", __name__, url_prefix="/order")
handle_refusals(bp)

_REQUIRED = ("family_name", "given_name", "civilite", "birth_date", "profession", "category")
_OPTIONAL = ("title", "savoir_faire_type", "savoir_faire")


@bp.post("/registrations")
def register_practitioner() -> ResponseReturnValue:
    """Register a practitioner; the answer is the identifier for life (CP-01)."""
    members = read_texts(read_object(), required=_REQUIRED, optional=_OPTIONAL)
    registrant = Registrant(**members)
    national_id = taken(lambda db: register(current_provider(), db, registrant))
    return jsonify(national_id=national_id), 201


@bp.get("/activities")
def list_activities() -> ResponseReturnValue:
    """Every activity of `?national_id=` that the Order knows, ended ones included."""
    national_id = canonical(request.args.get("national_id", ""))
    with current_provider().store.read() as db:
        person = find_person(db, national_id)
        found = practice_of_person(db, person.national_id if person else national_id)
    return jsonify(activities=[described_activity(activity) for activity in found])


@bp.post("/activities")
def declare() -> ResponseReturnValue:
    """Declare ``{"national_id", "profession", "details": {…}}``."""
    body = read_object()
    details = _details(body.pop("details", None))
    members = read_texts(body, required=("national_id", "profession"))
    national_id = canonical(members["national_id"])
    activity = taken(
        lambda db: declare_activity(
            current_provider(),
            db,
            national_id,
            profession=members["profession"],
            details=details,
        )
    )
    return jsonify(described_activity(activity)), 201


@bp.patch("/activities/<activity_id>")
def move(activity_id: str) -> ResponseReturnValue:
    """Change ``{"details": {…}}`` of an activity: a move (CP-12)."""
    body = read_object()
    details = _details(body.pop("details", None))
    read_texts(body)
    activity = taken(lambda db: move_activity(current_provider(), db, activity_id, details))
    return jsonify(described_activity(activity))


@bp.delete("/activities/<activity_id>")
def end(activity_id: str) -> ResponseReturnValue:
    """End an activity (CP-12)."""
    read_nothing()
    activity = taken(lambda db: end_activity(current_provider(), db, activity_id))
    return jsonify(described_activity(activity))


@bp.put("/contacts/<national_id>")
def declare_contacts(national_id: str) -> ResponseReturnValue:
    """Declare ``{"mobile", "email"}`` (EC-02): absent keeps, the empty text removes.

    No profile to edit: a change tells the old contacts, and in a real database is held.
    """
    given = read_texts(read_object(), optional=("mobile", "email"))
    holder, provider = canonical(national_id), current_provider()
    try:
        with provider.store.begin() as db:
            contact = declare_contact(provider, db, holder, given.get("mobile"), given.get("email"))
    except PersonUnknown as error:
        raise NotFound from error
    except ContactInvalid as error:
        raise BadRequest(str(error)) from error
    return jsonify(
        mobile=contact.mobile,
        email=contact.email,
        held_until=contact.held_until and contact.held_until.isoformat(),
    )


def _details(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise BadRequest("details must be an object of texts")
    return {name: read_text(text, name) for name, text in value.items()}
