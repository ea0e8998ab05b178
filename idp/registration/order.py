"""Step 1, the Order: an RPPS number for life, and the activities under it (CP-01)."""

import itertools
import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.directory.activities import activity_id_of
from idp.directory.exercices import key_of
from idp.directory.identifiers import RPPS, luhn_key
from idp.directory.local_entries import registered_person
from idp.directory.people import Person, find_person
from idp.directory.practice import holds
from idp.provider import Provider
from idp.registration.ans import follow_move, withdraw_activity
from idp.registration.details import Registrant, check_details, check_members
from idp.registration.steps import DetailsInvalid, Reason, Step, refuse
from idp.store.models import OrderRegistration, PracticeActivity
from idp.store.registration import (
    add_directory_person,
    add_registration,
    change_activity,
    declare_activity_row,
    find_activity,
    last_registered,
    lock_directory,
    lock_generation,
    read_exercices,
)

_RANGE = f"{RPPS}997"
"""Identifiers of the simulation: RPPS numbers of the range for tests (domain 2)."""
_FIRST = 9_000_000
"""Sequences below are left to the sample and to other simulations."""
_LAST = 9_999_999
_TEST = "ANS"
_TEST_FORM = "%Y%m%d%H%M%S"
"""Of a test identity's identifier: when it was made (EC-31)."""
_KNOWN_TO_ORDER = (RPPS, _TEST)
_UNDER_WAY = ("declared", "recorded", "carried")


class NumbersUsedUp(Exception):
    """Every RPPS number of the simulation's range was given."""


class IdentifierTaken(Exception):
    """Somebody has this identifier already, or the Order will give it; the message says which."""


def register(
    provider: Provider, db: Session, registrant: Registrant, *, actor: str | None = None
) -> str:
    """Enter a practitioner on the Order's table and in the directory; gives the identifier.

    The number is theirs for life: rows of the table are never deleted, and a number is drawn
    above all those that were ever given.

    Raises:
        DetailsInvalid: a member has not the form of the directory.
        NumbersUsedUp: no number is left.
    """
    return _enter(provider, db, registrant, free_numbers, actor=actor)


def register_test_identity(
    provider: Provider,
    db: Session,
    registrant: Registrant,
    *,
    national_id: str | None = None,
    actor: str | None = None,
) -> str:
    """Make a test identity as the sandbox of Pro Santé Connect does; gives its `ANS…` (EC-31).

    It is registered as anybody else, so that it survives the imports of the directory. A test that
    needs a certain identifier names it: canonical, an RPPS number or that of a test identity.

    Raises:
        DetailsInvalid: a member has not the form of the directory.
        IdentifierTaken: the identifier named is not free.
    """
    if national_id is None:
        return _enter(provider, db, registrant, _test_identifiers, actor=actor)
    _check_registrable(national_id)
    named = national_id
    return _enter(provider, db, registrant, lambda _db, _now: _that_alone(named), actor=actor)


def free_numbers(db: Session, _now: datetime) -> Iterator[str]:
    """RPPS numbers never given, the next one first; the directory must be locked.

    Raises:
        NumbersUsedUp: no further number is left.
    """
    last = last_registered(db, _RANGE)
    sequence = _FIRST if last is None else int(last[len(_RANGE) : -1]) + 1
    for number in range(sequence, _LAST + 1):
        stem = f"{_RANGE}{number}"
        yield stem + luhn_key(stem.removeprefix(RPPS))
    raise NumbersUsedUp


def _enter(
    provider: Provider,
    db: Session,
    registrant: Registrant,
    identifiers: Callable[[Session, datetime], Iterator[str]],
    *,
    actor: str | None,
) -> str:
    now = provider.clock.now()
    registrant.check(now.date())
    generation = lock_generation(db, now)
    free = (one for one in identifiers(db, now) if read_exercices(db, generation, one) is None)
    registration = OrderRegistration(
        national_id=next(free),
        profession=key_of(registrant.exercice()),
        entry=registrant.entry(),
        birth_date=registrant.birth_date,
        registered_at=now,
        held_by_directory=False,
    )
    while not add_registration(db, registration):
        registration.national_id = next(free)
    add_directory_person(db, registered_person(generation, registration))
    record(
        db,
        Event.PERSON_REGISTERED,
        now=now,
        person=registration.national_id,
        actor=actor,
        profession=registration.profession,
    )
    return registration.national_id


def declare_activity(
    provider: Provider,
    db: Session,
    national_id: str,
    *,
    profession: str,
    details: Mapping[str, str],
    actor: str | None = None,
) -> PracticeActivity:
    """Attach a new activity to an RPPS number, for the CPAM to record (CP-01).

    Args:
        provider: of the directory.
        db: an open writing session. A refusal is recorded in it: commit it.
        national_id: canonical; of somebody whom the Order or the directory knows by RPPS number,
            or of a test identity.
        profession: key of the exercise, `10C`.
        details: members of an activity of the claims. Without `identifiantTechniqueDeLaStructure`
            the practice is a new structure.
        actor: who declares it, where it is not the holder.

    Raises:
        DetailsInvalid: a member has not the form of the directory.
        StepRefused: not registered, struck off, another profession, or declared already.
    """
    kept = check_details(details)
    kept.setdefault("identifiantTechniqueDeLaStructure", _new_structure())
    person = find_person(db, national_id)
    if person is None or not person.national_id.startswith(_KNOWN_TO_ORDER):
        raise refuse(provider, db, Step.DECLARE, Reason.NOT_REGISTERED, person=national_id)
    activity_id = activity_id_of(person.national_id, profession, kept)
    if (reason := _against(person, profession, activity_id)) is not None:
        raise refuse(provider, db, Step.DECLARE, reason, person=person.national_id)
    now = provider.clock.now()
    activity = declare_activity_row(
        db,
        PracticeActivity(
            activity_id=activity_id,
            national_id=person.national_id,
            profession=profession,
            state="declared",
            details=kept,
            department=kept.get("codeDepartement", ""),
            billing_number=None,
            card_number=None,
            declared_at=now,
            recorded_at=None,
            carried_at=None,
            ended_at=None,
            held_by_directory=False,
        ),
    )
    if activity is None:
        reason = Reason.ALREADY_DECLARED
        raise refuse(provider, db, Step.DECLARE, reason, person=person.national_id)
    record(
        db,
        Event.ACTIVITY_DECLARED,
        now=now,
        person=person.national_id,
        actor=actor,
        activity_id=activity_id,
        profession=profession,
    )
    return activity


def move_activity(
    provider: Provider,
    db: Session,
    activity_id: str,
    details: Mapping[str, str],
    *,
    actor: str | None = None,
) -> PracticeActivity:
    """Change where an activity takes place; the directory and the card follow (CP-12).

    ``details`` are the members that change; an empty one is removed.

    Raises:
        DetailsInvalid: a member has not the form of the directory.
        StepRefused: no such activity, or it would become another one.
    """
    check_members(details)
    lock_directory(db)
    activity = find_activity(db, activity_id)
    if activity is None or activity.state not in _UNDER_WAY:
        raise refuse(provider, db, Step.MOVE, Reason.NOT_DECLARED, activity_id=activity_id)
    moved = check_details(activity.details | dict(details))
    reason = None
    if activity_id_of(activity.national_id, activity.profession, moved) != activity_id:
        reason = Reason.ANOTHER_ACTIVITY
    elif moved.get("codeDepartement", "") != activity.department:
        reason = Reason.DEPARTMENT_CHANGED
    if reason is not None:
        raise refuse(provider, db, Step.MOVE, reason, person=activity.national_id)
    changed = change_activity(db, activity_id, states=_UNDER_WAY, details=moved)
    if changed is None:
        raise refuse(provider, db, Step.MOVE, Reason.NOT_DECLARED, activity_id=activity_id)
    record(
        db,
        Event.ACTIVITY_DECLARED,
        now=provider.clock.now(),
        person=changed.national_id,
        actor=actor,
        activity_id=activity_id,
        profession=changed.profession,
        moved=True,
    )
    follow_move(provider, db, changed)
    return changed


def end_activity(
    provider: Provider, db: Session, activity_id: str, *, actor: str | None = None
) -> PracticeActivity:
    """End an activity wherever it stands in the chain; the directory and the card follow (CP-12).

    Raises:
        StepRefused: no such activity, or it has ended.
    """
    lock_directory(db)
    now = provider.clock.now()
    ended = change_activity(db, activity_id, states=_UNDER_WAY, state="ended", ended_at=now)
    if ended is None:
        raise refuse(provider, db, Step.END, Reason.NOT_DECLARED, activity_id=activity_id)
    record(
        db,
        Event.ACTIVITY_ENDED,
        now=now,
        person=ended.national_id,
        actor=actor,
        activity_id=activity_id,
    )
    withdraw_activity(provider, db, ended)
    return ended


def _against(person: Person, profession: str, activity_id: str) -> Reason | None:
    if person.closed:
        return Reason.STRUCK_OFF
    if profession not in map(key_of, person.exercices):
        return Reason.EXERCICE_UNKNOWN
    if holds(person.national_id, person.exercices, activity_id):
        return Reason.ALREADY_DECLARED
    return None


def _test_identifiers(_db: Session, now: datetime) -> Iterator[str]:
    """The identifier of this second, then of those that follow."""
    for seconds in itertools.count():
        yield f"{_TEST}{now + timedelta(seconds=seconds):{_TEST_FORM}}"


def _that_alone(national_id: str) -> Iterator[str]:
    yield national_id
    raise IdentifierTaken(f"{national_id} is somebody's already")


def _check_registrable(national_id: str) -> None:
    """Refuse identifiers of other registers, and numbers that the Order will give."""
    if not national_id.startswith(_KNOWN_TO_ORDER):
        raise DetailsInvalid(
            "national_id: an RPPS number (8 and 11 digits) or a test identity (ANS and 14 digits)"
        )
    if national_id.startswith(_RANGE) and int(national_id[len(_RANGE) : -1]) >= _FIRST:
        raise IdentifierTaken(
            f"{national_id} is of the numbers that the Order gives: name one below "
            f"{_RANGE}{_FIRST}, or none"
        )


def _new_structure() -> str:
    return f"R{secrets.randbelow(10**11):011}"
