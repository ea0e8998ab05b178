"""Signing in to the messaging, against a real provider: the card and nothing else (EP-16)."""

import pytest

from relying_services.service.app import service_of
from relying_services.service.settings import MEANS
from relying_services.service.store.trace import entries
from tests.relying_services.messaging.conftest import Made
from tests.relying_services.registered import registered
from wallet_sim.harness.errors import LoginFailed
from wallet_sim.harness.people import Person
from wallet_sim.harness.psc import Psc


@pytest.fixture(autouse=True)
def standing_time() -> None:
    """The provider runs in a process of its own, in real time."""


@pytest.fixture
def person(psc: Psc) -> Person:
    made = psc.person(family_name="DUPONT", card=True)
    psc.phone(made)
    return made


def test_a_phone_session_is_stepped_up_to_the_card(psc: Psc, make: Made, person: Person) -> None:
    """EP-16, decision 7: signed in elsewhere by phone, the card is asked for here."""
    psc.card(person)
    elsewhere = make(**registered(psc, "regulation"), means=frozenset({"MOBILE"}))
    at_regulation = psc.login(elsewhere.test_client(), person)
    messaging = make(**registered(psc, "messaging"))
    with pytest.raises(LoginFailed):
        psc.login(messaging.test_client(), person, browser=at_regulation.browser, patience=2)
    login = psc.login(messaging.test_client(), person, means="card", browser=at_regulation.browser)
    assert login.ok, login.text
    assert "@messagerie.simulation.test" in login.text
    with service_of(messaging).store.read() as db:
        opened = [e for e in entries(db) if e.action == "session:opened"]
    assert {(e.means, e.client_id) for e in opened if e.client_id == "messaging"} == {
        ("CARD", "messaging")
    }


def test_attack_a_registration_that_lets_phones_in_opens_nothing(
    psc: Psc, make: Made, person: Person
) -> None:
    """EP-16: the service holds to its own means, whatever the provider was told."""
    lax = make(
        **registered(psc, "messaging", means=list(MEANS)), means=frozenset({"CARD", "WEBAUTHN"})
    )
    login = psc.login(lax.test_client(), person)
    assert (login.status, "means_refused" in login.text) == (403, True)
    with service_of(lax).store.read() as db:
        [entry] = entries(db)
    assert (entry.actor, entry.action, entry.reason) == (
        person.national_id,
        "session:opened",
        "means_refused",
    )
