"""The Order, played by a test: registrations, activities, contacts (docs/cards.md 6)."""

from http import HTTPStatus

from flask import Blueprint

from idp.dev.chain import canonical, taken
from idp.dev.operations import Message, Text, operation
from idp.dev.registers import REFUSED, Moment, OfPerson, ToldActivities, ToldActivity
from idp.directory.contacts import declare_contact
from idp.directory.people import find_person
from idp.provider import current_provider
from idp.registration.details import Registrant
from idp.registration.order import declare_activity, end_activity, move_activity, register
from idp.registration.wording import described_activity
from idp.store.registration import practice_of_person

bp = Blueprint("dev_order", __name__, url_prefix="/order")


class Registration(Message):
    """Whom the Order registers; every code is the directory's."""

    family_name: Text
    given_name: Text
    civilite: Text
    """`M` or `MME`."""
    birth_date: Text
    """dd/mm/yyyy."""
    profession: Text
    """TRE_G15."""
    category: Text
    """TRE_R09."""
    title: Text = ""
    savoir_faire_type: Text = ""
    savoir_faire: Text = ""


class Registered(Message):
    """The identifier for life."""

    national_id: str


class Declaration(Message):
    """An activity to declare."""

    national_id: Text
    profession: Text
    """Key of the exercise, `10C`."""
    details: dict[str, Text]
    """Members of an activity of the claims."""


class Move(Message):
    """What changes of an activity."""

    details: dict[str, Text]
    """Members of the claims; an empty one is removed."""


class ContactChange(Message):
    """Contacts to declare: a member that is absent stays as it is, the empty text removes it."""

    mobile: Text = ""
    email: Text = ""


class DeclaredContact(Message):
    """The contacts of somebody."""

    mobile: str
    email: str
    held_until: Moment | None
    """Until then a change carries no enrolment; never in a simulation (decision 26)."""


@bp.post("/registrations")
@operation(Registered, status=HTTPStatus.CREATED, body=Registration)
def register_practitioner(body: Registration) -> Registered:
    """Register a practitioner; the answer is the identifier for life (CP-01)."""
    registrant = Registrant(**body.model_dump())
    return Registered(national_id=taken(lambda db: register(current_provider(), db, registrant)))


@bp.get("/activities")
@operation(ToldActivities, query=OfPerson)
def list_activities(query: OfPerson) -> ToldActivities:
    """Every activity of somebody that the Order knows, ended ones included."""
    national_id = canonical(query.national_id)
    with current_provider().store.read() as db:
        person = find_person(db, national_id)
        found = practice_of_person(db, person.national_id if person else national_id)
    return ToldActivities(
        activities=[ToldActivity(**described_activity(activity)) for activity in found]
    )


@bp.post("/activities")
@operation(ToldActivity, status=HTTPStatus.CREATED, body=Declaration, refusals=REFUSED)
def declare(body: Declaration) -> ToldActivity:
    """Declare a new activity, for the CPAM to record."""
    national_id = canonical(body.national_id)
    activity = taken(
        lambda db: declare_activity(
            current_provider(),
            db,
            national_id,
            profession=body.profession,
            details=body.details,
        )
    )
    return ToldActivity(**described_activity(activity))


@bp.patch("/activities/<activity_id>")
@operation(ToldActivity, body=Move, refusals=REFUSED)
def move(activity_id: str, body: Move) -> ToldActivity:
    """Change details of an activity: a move (CP-12)."""
    activity = taken(lambda db: move_activity(current_provider(), db, activity_id, body.details))
    return ToldActivity(**described_activity(activity))


@bp.delete("/activities/<activity_id>")
@operation(ToldActivity, refusals=REFUSED)
def end(activity_id: str) -> ToldActivity:
    """End an activity (CP-12)."""
    activity = taken(lambda db: end_activity(current_provider(), db, activity_id))
    return ToldActivity(**described_activity(activity))


@bp.put("/contacts/<holder:national_id>")
@operation(
    DeclaredContact,
    body=ContactChange,
    refusals={404: "Nobody of the directory has this identifier."},
)
def declare_contacts(national_id: str, body: ContactChange) -> DeclaredContact:
    """Declare where notices and enrolments reach somebody (EC-02).

    No profile to edit: a change tells the old contacts, and in a real database is held.
    """
    holder, provider = canonical(national_id), current_provider()
    given = body.model_dump(exclude_unset=True)
    with provider.store.begin() as db:
        contact = declare_contact(provider, db, holder, given.get("mobile"), given.get("email"))
    return DeclaredContact(
        mobile=contact.mobile,
        email=contact.email,
        held_until=contact.held_until.isoformat() if contact.held_until else None,
    )
