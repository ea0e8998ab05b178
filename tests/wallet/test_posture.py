"""What a phone declares of itself (EC-28)."""

from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import BASE_URL
from tests.wallet.helpers import (
    PERSON,
    PIN,
    ask_signin,
    enrol,
    mailed_qr,
    new_phone,
    sms_code,
)
from wallet_sim.errors import PostureRefused


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"rooted": True, "official_store": True}, "rooted"),
        ({"rooted": False, "official_store": False}, "store"),
    ],
)
def test_a_phone_that_is_not_sound_is_given_no_ecps(
    app: Flask, tmp_path: Path, changes: dict[str, bool], reason: str
) -> None:
    """EC-28."""
    phone = new_phone(app, tmp_path / "phone")
    phone.start_enrolment(BASE_URL, PERSON)
    phone.scan(mailed_qr(app, PERSON))
    phone.enter_sms_code(sms_code(app, PERSON))
    phone.set_posture(rooted=changes["rooted"], official_store=changes["official_store"])
    with pytest.raises(PostureRefused) as refused:
        phone.choose_pin(PIN)
    assert refused.value.members["reason"] == reason
    phone.set_posture(rooted=False, official_store=True)
    phone.choose_pin(PIN)


def test_another_sim_is_refused_until_the_first_is_back(app: Flask, tmp_path: Path) -> None:
    """EC-28: a request is refused before its PIN is looked at."""
    phone = enrol(app, tmp_path / "phone")
    challenge = ask_signin(app)
    before = phone.set_posture().sim
    phone.set_posture(sim="another")
    with pytest.raises(PostureRefused):
        phone.pending()
    phone.set_posture(sim=before)
    phone.approve(PIN, number=challenge.number)
    assert phone.status().provider["failures_since_success"] == 0


def test_a_new_activation_binds_the_new_sim(app: Flask, tmp_path: Path) -> None:
    """EC-28: change of SIM, then activate again."""
    phone = enrol(app, tmp_path / "phone")
    phone.set_posture(sim="another")
    phone.delete()
    again = enrol(app, tmp_path / "phone")
    challenge = ask_signin(app)
    again.approve(PIN, number=challenge.number)


def test_an_ecps_whose_phone_was_rooted_since_is_refused(app: Flask, tmp_path: Path) -> None:
    """EC-28."""
    phone = enrol(app, tmp_path / "phone")
    ask_signin(app)
    phone.set_posture(rooted=True)
    with pytest.raises(PostureRefused):
        phone.pending()
