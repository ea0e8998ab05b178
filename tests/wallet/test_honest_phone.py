"""What befalls an honest phone never makes it look like a copy, nor leaves it stuck."""

from pathlib import Path

import httpx
import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from idp import create_app
from idp.challenges import answer as answering
from idp.outbox.expiry import delete_expired
from idp.provider import Provider
from tests.conftest import BASE_URL, fill, make_settings, provider_of
from tests.wallet.helpers import (
    PERSON,
    PIN,
    Network,
    advance,
    ask_signin,
    mailed_qr,
    new_phone,
    sms_code,
)
from wallet_sim.errors import NoAnswer, QrRefused
from wallet_sim.phone import Phone
from wallet_sim.qr import parse_activation


class SlowClock:
    """A phone's own clock, off by some seconds."""

    def __init__(self, provider: Provider, off: int) -> None:
        self._provider, self._off = provider, off

    def timestamp(self) -> int:
        return self._provider.clock.timestamp() + self._off


def test_an_answer_lost_for_a_long_time_is_no_copy(
    app: Flask, phone: Phone, network: Network
) -> None:
    """Decision 21: a phone out of reach for an hour finds its rolling token again."""
    asked = ask_signin(app)
    with network.cut("/answer", request_lost=False), pytest.raises(NoAnswer):
        phone.approve(PIN, asked.number)
    advance(provider_of(app), 3600)
    delete_expired(provider_of(app))
    asked = ask_signin(app)
    assert phone.approve(PIN, asked.number).challenge_id == asked.challenge_id
    assert phone.status().provider["state"] == "active"


def test_a_provider_that_fails_while_it_looks_at_the_pin_leaves_no_copy(
    app: Flask, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 21: the try and the rolling token are taken already when the database goes away."""
    asked = ask_signin(app)

    def away(*_: object, **__: object) -> bool:
        raise OperationalError("UPDATE", {}, Exception("the database is away"))

    with monkeypatch.context() as outage:
        outage.setattr(answering, "decide", away)
        with pytest.raises(NoAnswer):
            phone.approve(PIN, asked.number)
    asked = ask_signin(app)
    assert phone.approve(PIN, asked.number).challenge_id == asked.challenge_id
    assert phone.status().provider["state"] == "active"


def test_a_request_that_has_just_expired_hides_no_other(
    app: Flask, phone: Phone, tmp_path: Path
) -> None:
    ask_signin(app)
    advance(provider_of(app), 45)
    asked = ask_signin(app)
    ahead = Phone(
        phone.file.path.parent,
        transport=httpx.WSGITransport(app=app),
        clock=SlowClock(provider_of(app), 20),
    )
    assert [shown.challenge_id for shown in ahead.pending()] == [asked.challenge_id]
    del tmp_path


@pytest.mark.parametrize("off", [-7200, 7200, -200_000, 200_000])
def test_a_phone_whose_clock_is_wrong_can_be_enrolled_and_used(
    app: Flask, tmp_path: Path, off: int
) -> None:
    """Decision 5: the clock of a simulation moves, the machine's does not."""
    clock = SlowClock(provider_of(app), off)

    def restarted() -> Phone:
        return Phone(tmp_path / "off", transport=httpx.WSGITransport(app=app), clock=clock)

    restarted().start_enrolment(BASE_URL, PERSON)
    restarted().scan(mailed_qr(app, PERSON))
    restarted().enter_sms_code(sms_code(app, PERSON))
    restarted().choose_pin(PIN)
    restarted().change_pin(PIN, "1379")
    asked = ask_signin(app)
    assert restarted().approve("1379", asked.number).challenge_id == asked.challenge_id


@pytest.mark.parametrize(
    "text",
    [
        "ecps://[",
        "ecps://enrol?" + "&".join(f"m{n}=1" for n in range(12)),
        "ecps://enrol?v=1&u=%zz",
    ],
)
def test_a_qr_made_to_confuse_is_refused_in_words(text: str) -> None:
    with pytest.raises(QrRefused):
        parse_activation(text, base_url=BASE_URL, now=0)


def test_an_e_cps_of_a_provider_that_began_anew_can_be_deleted(
    phone: Phone, tmp_path: Path, master_key: str
) -> None:
    """Its keys are unknown to the phone, and the phone is unknown to it."""
    settings = make_settings(f"sqlite:///{tmp_path / 'anew.db'}", master_key)
    fill(settings)
    anew = create_app(settings)
    left = new_phone(anew, phone.file.path.parent)
    left.delete()
    assert left.stage() == "empty"
    provider_of(anew).store.close()
