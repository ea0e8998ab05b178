"""Each behaviour of the catalogue: what the provider makes of it, and what the service sees."""

from dataclasses import dataclass

import pytest

from tests.wallet.behaviours.helpers import Scene
from wallet_sim.behaviours import CATALOGUE, parse_behaviour
from wallet_sim.behaviours.script import Given

WAITS = "authorization_pending"
SUSPENDED = "devices:device:suspended"
APPROVED = "challenges:challenge:approved"
STARTED = "challenges:challenge:started"
PIN_REFUSED = "devices:pin:refused"


@dataclass(frozen=True)
class Outcome:
    """What one behaviour comes to."""

    behaviour: Given
    phone: str
    """What the phone made of it."""
    service: str
    challenge: str
    """Its state at the provider."""
    tries: int = 1
    """PINs that were typed."""
    afterwards: str | None = None
    device: str = "active"
    wrong_pins: int = 0
    """In a row, as the provider counts them."""
    lifetime: int = 0
    events: tuple[str, ...] = ()
    """All that the journal holds of it, in order."""
    mail: str = ""
    """End of the subject of what the registered contacts are told."""


OUTCOMES = (
    Outcome(
        "refuse",
        "refused",
        "access_denied",
        "refused",
        tries=0,
        events=("challenges:challenge:refused",),
    ),
    Outcome(
        "not_me",
        "not_me",
        "access_denied",
        "not_me",
        tries=0,
        events=("challenges:challenge:disowned",),
    ),
    Outcome("ignore", "ignored", WAITS, "pending", tries=0),
    Outcome(
        {"do": "wrong_pin", "times": 3},
        "wrong_pin",
        "access_denied",
        "locked",
        tries=3,
        wrong_pins=3,
        lifetime=3,
        events=(PIN_REFUSED, PIN_REFUSED, "devices:pin:locked"),
    ),
    Outcome(
        "wrong_number",
        "wrong_number",
        "access_denied",
        "wrong_number",
        events=("challenges:number:mismatched",),
        mail="une connexion a été refusée",
    ),
    Outcome("approve_after_expiry", "challenge_closed", "expired_token", "pending"),
    Outcome("tamper", "not_recognised", WAITS, "pending"),
    Outcome("rooted", "posture_refused", WAITS, "pending"),
    Outcome("sim_changed", "posture_refused", WAITS, "pending"),
    Outcome(
        "clone",
        "clone_suspected",
        "access_denied",
        "cancelled",
        tries=2,
        device="suspended",
        wrong_pins=1,
        lifetime=1,
        events=(PIN_REFUSED, SUSPENDED),
        mail="votre e-CPS est suspendue",
    ),
    Outcome(
        "restore_old_file",
        "clone_suspected",
        "access_denied",
        "cancelled",
        tries=2,
        device="suspended",
        wrong_pins=1,
        lifetime=1,
        events=(PIN_REFUSED, SUSPENDED),
        mail="votre e-CPS est suspendue",
    ),
    Outcome("network_down", "no_answer", WAITS, "pending"),
    Outcome(
        {"do": "slow", "seconds": 61},
        "not_recognised",
        WAITS,
        "pending",
        afterwards="never_arrived",
    ),
    Outcome({"do": "delay", "seconds": 121}, "challenge_closed", "expired_token", "pending"),
    Outcome("approve", "approved", "tokens", "approved", events=(APPROVED,)),
    Outcome("delay", "approved", "tokens", "approved", events=(APPROVED,)),
    Outcome(
        "wrong_pin",
        "approved",
        "tokens",
        "approved",
        tries=2,
        lifetime=1,
        events=(PIN_REFUSED, APPROVED),
    ),
    Outcome(
        {"do": "wrong_pin", "times": 2},
        "approved",
        "tokens",
        "approved",
        tries=3,
        lifetime=2,
        events=(PIN_REFUSED, PIN_REFUSED, APPROVED),
    ),
    Outcome(
        "answer_twice",
        "approved",
        "tokens",
        "approved",
        tries=2,
        afterwards="challenge_closed",
        events=(APPROVED,),
    ),
    Outcome("replay", "approved", "tokens", "approved", afterwards="approved", events=(APPROVED,)),
    Outcome(
        {"do": "network_down", "seconds": 30},
        "approved",
        "tokens",
        "approved",
        tries=2,
        events=(APPROVED,),
    ),
    Outcome(
        {"do": "slow", "seconds": 59},
        "approved",
        "tokens",
        "approved",
        afterwards="approved",
        events=(APPROVED,),
    ),
    Outcome("lose_answer", "approved", "tokens", "approved", events=(APPROVED,)),
    Outcome(
        "reorder",
        "approved",
        "tokens",
        "approved",
        tries=2,
        afterwards="request_id_reused",
        events=(APPROVED,),
    ),
    Outcome(
        {"do": "random", "weights": {"refuse": 1}},
        "refused",
        "access_denied",
        "refused",
        tries=0,
        events=("challenges:challenge:refused",),
    ),
)


@pytest.mark.parametrize("expected", OUTCOMES, ids=lambda o: str(o.behaviour).replace(" ", ""))
def test_what_a_behaviour_comes_to(scene: Scene, expected: Outcome) -> None:
    """Decisions 18 to 21 and 24; EC-28."""
    mails = scene.mails()
    acted, asked = scene.meet(expected.behaviour)
    assert (acted.outcome, acted.tries, acted.afterwards) == (
        expected.phone,
        expected.tries,
        expected.afterwards,
    )
    assert acted.challenge_id == scene.challenge.challenge_id
    assert scene.challenge.state == expected.challenge
    told = scene.told
    assert told["state"] == expected.device
    assert told["wrong_pins"] == expected.wrong_pins
    assert told["lifetime_wrong_pins"] == expected.lifetime
    assert (told["locked_until"] is not None) == (expected.wrong_pins >= 3)
    journal = scene.journal()
    assert tuple(journal[journal.index(STARTED) + 1 :]) == expected.events
    assert [each.rpartition(" : ")[2] for each in scene.mails()[len(mails) :]] == (
        [expected.mail] if expected.mail else []
    )
    assert scene.answer_to(asked) == expected.service


def test_every_behaviour_is_held_to_its_outcome() -> None:
    held = {parse_behaviour(outcome.behaviour).name for outcome in OUTCOMES}
    assert held == set(CATALOGUE)
