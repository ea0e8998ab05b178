"""Phones: activated by the real journey, and answering by themselves, by a script."""

from http import HTTPStatus
from typing import Any

from pydantic import Field

from wallet_sim.actions import describe
from wallet_sim.behaviours.line import Condition
from wallet_sim.behaviours.script import Script
from wallet_sim.control_server.desk import Desk
from wallet_sim.control_server.operations import Members, NationalId, Operations
from wallet_sim.harness.phones import HeldPhone
from wallet_sim.harness.psc import DEFAULT_PIN

operations = Operations()

_UNKNOWN = {HTTPStatus.NOT_FOUND: "No phone of this name is here."}
_PROTOCOL = {HTTPStatus.CONFLICT: "The phone or the provider refused it; `code` says why."}


class NewPhone(Members):
    """Whose phone is to be activated."""

    national_id: NationalId
    """Of the person, who must have a declared mobile and e-mail."""
    phone_id: str = Field("", pattern=r"^[A-Za-z0-9._-]{0,64}$")
    """What to call it here; drawn from the identifier where it is left out."""
    pin: str = DEFAULT_PIN
    """Digits that the provider's policy allows."""


class PhoneTold(Members):
    """A phone, and what it is about to do."""

    phone_id: str
    national_id: str
    device_id: str
    pin: str
    revocation_code: str
    script: list[dict[str, Any]]
    """What it does with the next requests, one each."""
    then: dict[str, Any]
    """What it does with all that follow."""
    next_due: float | None
    """When an answer that waits is due, by the provider's clock (seconds since 1970)."""


class PhonesTold(Members):
    """All phones."""

    phones: list[PhoneTold]


class ScriptGiven(Members):
    """What to do with the requests that come: behaviours of `GET /behaviours`."""

    steps: list[dict[str, Any]] = Field([])
    """One for each request, such as `{"do": "wrong_pin", "times": 2}`."""
    then: dict[str, Any] = Field({"do": "approve"})
    """What is done with all that follow."""
    seed: int | str = 0
    """Of what the behaviour `random` draws."""


class AnswersTold(Members):
    """What a phone did, oldest first."""

    answers: list[dict[str, Any]]
    """Each `{challenge_id, behaviour, outcome, tries, error, afterwards}`."""


class PendingTold(Members):
    """The requests that wait on a phone, newest first, as signed and as shown to its holder."""

    challenges: list[dict[str, Any]]


class NetworkGiven(Members):
    """The state of a phone's network."""

    condition: Condition


class PostureGiven(Members):
    """What the phone declares of itself; what is left out stays."""

    rooted: bool | None = None
    official_store: bool | None = None
    sim: str | None = None


class PinGiven(Members):
    """A change of the PIN."""

    old: str
    new: str


class CloneGiven(Members):
    """What the copy of a phone is called."""

    phone_id: str = Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")


class Patience(Members):
    """How long to wait."""

    timeout: float = Field(10.0, gt=0, le=60)
    """Seconds of real time."""


@operations.add("GET", "/phones", answer=PhonesTold)
def list_phones(desk: Desk) -> PhonesTold:
    """Every phone here."""
    return PhonesTold(phones=[_told(name, held) for name, held in desk.phones])


@operations.add(
    "POST", "/phones", body=NewPhone, answer=PhoneTold, status=HTTPStatus.CREATED,
    refusals=_PROTOCOL | {HTTPStatus.NOT_FOUND: "Nobody has this identifier."},
)  # fmt: skip
def activate_phone(desk: Desk, body: NewPhone) -> PhoneTold:
    """Activate an e-CPS by the real journey: identifier, mailed QR, SMS code, PIN.

    It then approves every request, until it is given a script.
    """
    person = desk.psc.people.find(body.national_id)
    with desk.changing:
        name = body.phone_id or _free_name(desk, person.national_id)
        desk.phones.require_free(name)
        held = desk.phones.put(name, desk.psc.phones.enrol(person, body.pin))
    return _told(name, held)


@operations.add("GET", "/phones/<phone_id>", answer=PhoneTold, refusals=_UNKNOWN)
def show_phone(desk: Desk, phone_id: str) -> PhoneTold:
    """One phone."""
    return _told(phone_id, desk.phones.get(phone_id))


@operations.add("DELETE", "/phones/<phone_id>", refusals=_UNKNOWN | _PROTOCOL)
def give_up_phone(desk: Desk, phone_id: str) -> None:
    """Give the e-CPS up, as its holder does in the app, and put the phone away."""
    with desk.changing:
        desk.psc.phones.give_up(desk.phones.get(phone_id))
        desk.phones.take(phone_id)


@operations.add(
    "PUT", "/phones/<phone_id>/script", body=ScriptGiven, answer=PhoneTold, refusals=_UNKNOWN
)
def give_script(desk: Desk, phone_id: str, body: ScriptGiven) -> PhoneTold:
    """Say what the phone does with the requests that come; what was said before is forgotten."""
    held = desk.phones.get(phone_id)
    held.acting.script = Script(body.steps, body.then, body.seed)
    return _told(phone_id, held)


@operations.add("GET", "/phones/<phone_id>/answers", answer=AnswersTold, refusals=_UNKNOWN)
def list_answers(desk: Desk, phone_id: str) -> AnswersTold:
    """What the phone did until now."""
    held = desk.phones.get(phone_id)
    return AnswersTold(answers=[acted.as_json() for acted in held.acted])


@operations.add(
    "GET", "/phones/<phone_id>/pending", answer=PendingTold, refusals=_UNKNOWN | _PROTOCOL
)
def list_pending(desk: Desk, phone_id: str) -> PendingTold:
    """The requests that wait on the phone, asked of the provider."""
    phone = desk.phones.get(phone_id).acting.phone
    return PendingTold(challenges=[describe(each, phone) for each in phone.pending()])


@operations.add("PUT", "/phones/<phone_id>/network", body=NetworkGiven, refusals=_UNKNOWN)
def change_network(desk: Desk, phone_id: str, body: NetworkGiven) -> None:
    """Change the phone's network, until it is changed again."""
    desk.phones.get(phone_id).network(body.condition)


@operations.add("PUT", "/phones/<phone_id>/posture", body=PostureGiven, refusals=_UNKNOWN)
def change_posture(desk: Desk, phone_id: str, body: PostureGiven) -> None:
    """Change what the phone declares of itself from now on: rooted, foreign store, another SIM."""
    held = desk.phones.get(phone_id)
    held.set_posture(rooted=body.rooted, official_store=body.official_store, sim=body.sim)


@operations.add("PUT", "/phones/<phone_id>/pin", body=PinGiven, refusals=_UNKNOWN | _PROTOCOL)
def change_phone_pin(desk: Desk, phone_id: str, body: PinGiven) -> None:
    """Change the PIN, as its holder does in the app."""
    desk.phones.get(phone_id).change_pin(body.old, body.new)


@operations.add(
    "POST", "/phones/<phone_id>/clones", body=CloneGiven, answer=PhoneTold,
    status=HTTPStatus.CREATED,
    refusals=_UNKNOWN | {HTTPStatus.CONFLICT: "Another phone is called so."},
)  # fmt: skip
def clone_phone(desk: Desk, phone_id: str, body: CloneGiven) -> PhoneTold:
    """Copy the phone's file to another phone, as a thief who knows the PIN does."""
    with desk.changing:
        desk.phones.require_free(body.phone_id)
        clone = desk.psc.phones.clone(desk.phones.get(phone_id))
        held = desk.phones.put(body.phone_id, clone)
    return _told(body.phone_id, held)


@operations.add(
    "POST", "/settlement", body=Patience,
    refusals={HTTPStatus.CONFLICT: "The phones were still busy when the time was over."},
)  # fmt: skip
def settle(desk: Desk, body: Patience) -> None:
    """Wait until no phone has anything left to do now.

    What is due later by the provider's clock is not waited for: move the clock first.
    """
    desk.psc.phones.settle(body.timeout)


def _told(name: str, held: HeldPhone) -> PhoneTold:
    script = held.acting.script
    return PhoneTold(
        phone_id=name,
        national_id=held.person.national_id,
        device_id=held.device_id,
        pin=held.pin,
        revocation_code=held.revocation_code,
        script=[step.as_json() for step in script.steps],
        then=script.then.as_json(),
        next_due=held.acting.next_due(),
    )


def _free_name(desk: Desk, national_id: str) -> str:
    taken = {name for name, _ in desk.phones}
    names = (national_id, *(f"{national_id}-{count}" for count in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)
