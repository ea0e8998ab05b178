"""Signing in to EspacePro with real phones and cards, against a real provider."""

from pathlib import Path

import pytest

from relying_services.clock import Clock
from tests.relying_services.espacepro.conftest import Made
from tests.relying_services.espacepro.pages import session_of
from tests.relying_services.registered import registered
from wallet_sim.harness.psc import Psc


@pytest.fixture(autouse=True)
def standing_time() -> None:
    """The provider runs in a process of its own, in real time."""


def test_a_phone_is_stepped_up_to_create_a_delegation_and_a_second_card_is_flagged(
    psc: Psc, made: Made, clock: Clock, tmp_path: Path
) -> None:
    """EP-01, EP-15, decision 7: the place is kept; the holder reads of the other session."""
    clock.move(-clock.offset)
    person = psc.person(family_name="DUPONT", card=True)
    psc.phone(person)
    psc.card(person)
    app = made(**registered(psc, "espacepro"), database_url=f"sqlite:///{tmp_path / 'real.db'}")
    client = app.test_client()
    phone = psc.login(client, person, at="/mon-compte/delegations/new")
    assert (phone.status, "means=CARD" in phone.text) == (403, True)
    card = psc.login(client, person, at="/login?means=CARD", means="card", browser=phone.browser)
    assert card.url.endswith("/mon-compte/delegations/new")
    assert "Nouvelle délégation" in card.text
    row = session_of(app, client)
    assert (row.actor, row.means) == (person.national_id, "CARD")
    assert "Usage simultané" not in client.get("/mon-compte/traces").text, "one browser alone"
    elsewhere = psc.login(
        app.test_client(), person, at="/mon-compte/traces", means="card", browser=card.browser
    )
    assert "Usage simultané à vérifier" in elsewhere.text
