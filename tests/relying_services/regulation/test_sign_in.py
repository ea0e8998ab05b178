"""Signing in to the regulation platform, against a real provider, by the code flow."""

import pytest

from tests.relying_services.registered import registered
from tests.relying_services.regulation.conftest import Made
from wallet_sim.harness.psc import Psc


@pytest.fixture(autouse=True)
def standing_time() -> None:
    """The provider runs in a process of its own, in real time."""


def test_a_doctor_signs_in_by_phone_and_a_nurse_does_not_regulate(psc: Psc, make: Made) -> None:
    """EC-08, CP-08: the profession is that of the activity, as userinfo tells it."""
    app = make(**registered(psc, "regulation"))
    for profession, status in (("10", 200), ("60", 403)):
        person = psc.person(profession=profession)
        psc.phone(person)
        login = psc.login(app.test_client(), person, at="/")
        assert login.status == status, login.text
        assert ("Appels à réguler" in login.text) is (status == 200)
