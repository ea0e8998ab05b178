"""Signing in with the card: shown at the listener's address, finished where it began."""

import pytest
from flask.testing import FlaskClient

from idp.provider import Provider
from idp.store.models import Grant
from tests.cards.helpers import HOLDER, IssuedCard
from tests.signin.card.helpers import JSON, back, journal, show, sign_in_by_card
from tests.signin.helpers import (
    all_of,
    begin,
    events,
    live_sessions,
    returned,
)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_person_signs_in_with_their_card(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard, method: str
) -> None:
    """CP-14, EP-16: the session remembers the card, its family and the means."""
    page = begin(browser)
    told = returned(browser.get(back(show(reader, page, card.der, method=method))))
    assert told["code"]
    (session,) = live_sessions(provider)
    assert (session.national_id, session.card_number) == (HOLDER, card.card_number)
    assert (session.card_family, set(session.means)) == ("CPS", {"CARD"})
    (grant,) = all_of(provider, Grant)
    assert grant.means == "CARD"
    assert "cards:signin:accepted" in events(provider)


def test_a_program_is_told_where_to_send_the_browser(
    browser: FlaskClient, reader: FlaskClient, card: IssuedCard
) -> None:
    page = begin(browser)
    told = show(reader, page, card.der, headers=JSON)
    assert told.get_json()["service"] == "Logiciel service"
    redirect = told.get_json()["redirect"]
    assert redirect.startswith(f"http://localhost:8000{page}/card?completion=")
    assert returned(browser.get(redirect))["code"]


def test_a_card_that_is_lent_leaves_a_trace(
    browser: FlaskClient,
    other_browser: FlaskClient,
    provider: Provider,
    reader: FlaskClient,
    card: IssuedCard,
) -> None:
    """EP-15: its holder has another live session meanwhile."""
    sign_in_by_card(browser, reader, card)
    sign_in_by_card(other_browser, reader, card)
    opened = journal(provider, "signin:session:opened")
    assert [event.data["other_sessions"] for event in opened] == [0, 1]
