"""How a question to the token endpoint was answered, and ways for a person to answer."""

from collections.abc import Callable
from typing import Any

import pytest

from idp.provider import Provider
from idp.store.models import BackchannelRequest, Challenge
from idp.store.people import write_correction
from tests.ciba.helpers import NUMBER, CibaService, approve
from tests.oauth.helpers import PERSON, advance
from tests.wallet.helpers import PIN
from wallet_sim.errors import Locked, WrongNumber, WrongPin
from wallet_sim.phone import Phone

WRONG_PIN = "8520"


def refused(answer: Any) -> tuple[int, str]:
    """Status and error of an answer, which no cache keeps."""
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, answer.json["error"]


def begin_and_approve(client: CibaService, phone: Phone, **changes: Any) -> str:
    """A request that its person has just approved."""
    auth_req_id: str = client.begin(**changes)["auth_req_id"]
    approve(phone)
    return auth_req_id


def signed_in(client: CibaService, phone: Phone, **changes: Any) -> dict[str, Any]:
    """The answer that holds the tokens of a whole sign-in."""
    answer = client.poll(begin_and_approve(client, phone, **changes))
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def wrong_number(phone: Phone) -> None:
    """The person picks a number that the screen does not show."""
    matching = phone.pending()[0].number
    assert matching is not None
    other = next(option for option in matching.options if option != NUMBER)
    with pytest.raises(WrongNumber):
        phone.approve(PIN, other)


def three_wrong_pins(phone: Phone) -> None:
    """The sign-in ends, and the phone waits."""
    for _ in range(2):
        with pytest.raises(WrongPin):
            phone.approve(WRONG_PIN, NUMBER)
    with pytest.raises((WrongPin, Locked)):
        phone.approve(WRONG_PIN, NUMBER)


REFUSALS: dict[str, Callable[[Phone], None]] = {
    "refused": lambda phone: phone.refuse(),
    "not me": lambda phone: phone.refuse("unknown_trigger"),
    "wrong number": wrong_number,
    "three wrong PINs": three_wrong_pins,
}
"""Each way in which a person says no, or is not the person."""


def strike_off(provider: Provider, national_id: str = PERSON) -> None:
    with provider.store.begin() as db:
        write_correction(
            db,
            national_id=national_id,
            struck_off=True,
            civil_identity=None,
            now=provider.clock.now(),
        )


def row_of(provider: Provider) -> BackchannelRequest:
    """The one request there is."""
    with provider.store.read() as db:
        return db.query(BackchannelRequest).one()


def challenge_of(provider: Provider) -> Challenge:
    """The one question there is."""
    with provider.store.read() as db:
        return db.query(Challenge).filter(Challenge.purpose != "pin-change").one()


def wait_and_poll(client: CibaService, auth_req_id: str, seconds: float) -> Any:
    advance(client.provider, seconds)
    return client.poll(auth_req_id)
