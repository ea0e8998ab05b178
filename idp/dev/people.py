"""People: invented by the real chain of registration, found, closed; and what they hold."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest, Conflict

from idp.dev.chain import canonical, taken
from idp.dev.finding import find_people
from idp.dev.operations import operation
from idp.dev.people_messages import (
    DevicesOfPerson,
    FoundPeople,
    MadePeople,
    MadePerson,
    NewPeople,
    NewPerson,
    PeopleSearch,
    ToldDevice,
    ToldPerson,
)
from idp.directory.contacts import PersonUnknown
from idp.directory.people import Person, find_contact, find_person
from idp.holders import Closing, close_person
from idp.provider import current_provider
from idp.registration.invention import invented_practice, invented_registrant
from idp.registration.order import IdentifierTaken, NumbersUsedUp
from idp.registration.population import make_population
from idp.registration.test_identity import TestIdentity, make_test_identity
from idp.store.holders import identifiers_of
from idp.store.holdings import phones_of_holders
from idp.store.models import Device

bp = Blueprint("dev_people", __name__, url_prefix="/people")

_ACTOR = "development"
_UNKNOWN = {404: "Nobody of the directory has this identifier."}


@bp.post("")
@operation(
    ToldPerson,
    status=HTTPStatus.CREATED,
    body=NewPerson,
    refusals={409: "The identifier is not free, or the chain of registration refused a step."},
)
def make_person(body: NewPerson) -> ToldPerson:
    """Make a test identity by the Order, the CPAM and the ANS in one step (EC-31)."""
    wanted = _wanted(body)
    provider = current_provider()
    try:
        national_id = taken(lambda db: make_test_identity(provider, db, wanted, actor=_ACTOR))
    except IdentifierTaken as error:
        raise Conflict(str(error)) from error
    return _told_of(national_id)


@bp.post("/bulk")
@operation(
    MadePeople,
    status=HTTPStatus.CREATED,
    body=NewPeople,
    refusals={409: "The range of invented RPPS numbers is used up."},
)
def make_people(body: NewPeople) -> MadePeople:
    """Make many people at once, each with contacts of their own and no card, all or none."""
    provider = current_provider()
    most = provider.settings.dev_people_at_once
    if body.count > most:
        raise BadRequest(f"count: at most {most} people a request (setting dev_people_at_once)")
    try:
        with provider.store.begin() as db:
            made = make_population(provider, db, body.count, profession=body.profession)
    except NumbersUsedUp as error:
        raise Conflict("no RPPS number is left: go back to a snapshot") from error
    return MadePeople(
        people=[
            MadePerson(national_id=one.national_id, email=one.email, mobile=one.mobile)
            for one in made
        ]
    )


@bp.get("")
@operation(FoundPeople, query=PeopleSearch)
def list_people(query: PeopleSearch) -> FoundPeople:
    """People by the beginning of a family name or of an identifier, or all of them."""
    provider = current_provider()
    limit = min(query.limit, provider.settings.dev_page)
    with provider.store.read() as db:
        found = find_people(db, query.text, after=query.after, limit=limit)
        people = [_told(db, one) for one in found]
    cursor = people[-1].national_id if len(people) == limit else ""
    return FoundPeople(people=people, cursor=cursor)


@bp.get("/<holder:national_id>")
@operation(ToldPerson, refusals=_UNKNOWN)
def show_person(national_id: str) -> ToldPerson:
    """Somebody, by their national identifier or a former one."""
    return _told_of(canonical(national_id))


@bp.delete("/<holder:national_id>")
@operation(refusals=_UNKNOWN)
def close_somebody(national_id: str) -> None:
    """End what somebody holds: phones, cards, sessions, keys; they sign in no more (EC-01).

    As `ecps-idp person close` does. The directory keeps them, as closed.
    """
    provider, identifier = current_provider(), canonical(national_id)
    with provider.store.begin() as db:
        close_person(provider, db, identifier, Closing.CESSATION, actor=_ACTOR)


@bp.get("/<holder:national_id>/devices")
@operation(DevicesOfPerson, refusals=_UNKNOWN)
def list_devices(national_id: str) -> DevicesOfPerson:
    """What the provider holds of somebody's phones: states, wrong PINs, locks."""
    identifier = canonical(national_id)
    with current_provider().store.read() as db:
        person = find_person(db, identifier)
        if person is None:
            raise PersonUnknown(identifier)
        phones = phones_of_holders(db, identifiers_of(db, person.national_id))
    return DevicesOfPerson(devices=[_device(phone) for phone in phones])


def _told_of(national_id: str) -> ToldPerson:
    """Somebody of a canonical identifier; raises PersonUnknown for nobody."""
    with current_provider().store.read() as db:
        person = find_person(db, national_id)
        if person is None:
            raise PersonUnknown(national_id)
        return _told(db, person)


def _wanted(body: NewPerson) -> TestIdentity:
    registrant = invented_registrant(
        **body.model_dump(
            exclude={"national_id", "activities", "email", "mobile", "card"}, exclude_none=True
        )
    )
    return TestIdentity(
        registrant=registrant,
        activities=[invented_practice()] if body.activities is None else body.activities,
        mobile=body.mobile,
        email=body.email,
        has_card=body.card,
        national_id=None if body.national_id is None else canonical(body.national_id),
    )


def _told(db: Session, person: Person) -> ToldPerson:
    contact = find_contact(db, person.national_id)
    first: dict[str, Any] = person.exercices[0] if person.exercices else {}
    return ToldPerson(
        national_id=person.national_id,
        family_name=person.family_name,
        given_name=person.given_name,
        profession=first.get("codeProfession", ""),
        savoir_faire=first.get("codeSavoirFaire", ""),
        email=contact.email if contact else "",
        mobile=contact.mobile if contact else "",
        closed=person.closed,
        activities=[
            {name: value for name, value in activity.items() if value}
            for exercice in person.exercices
            for activity in exercice["activities"]
        ],
    )


def _device(phone: Device) -> ToldDevice:
    return ToldDevice(
        device_id=phone.device_id,
        state=phone.state,
        state_reason=phone.state_reason,
        name=phone.name,
        activated_at=phone.created_at,
        expires_at=phone.expires_at,
        ended_at=phone.ended_at,
        last_seen_at=phone.last_seen_at,
        wrong_pins=phone.failures,
        lifetime_wrong_pins=phone.lifetime_failures,
        locked_until=phone.locked_until,
        blocked=phone.state == "blocked",
        has_push=phone.push is not None,
        paired_card=phone.paired_card,
    )
