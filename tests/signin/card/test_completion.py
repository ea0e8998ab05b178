"""A card that was accepted is finished in the browser that began, once."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from idp.cards.opposition import oppose
from idp.cards.states import CardState
from idp.provider import Provider
from idp.store.models import Card, CardApproval, DirectoryPerson
from tests.cards.helpers import HOLDER, IssuedCard
from tests.signin.card.helpers import back, journal, show
from tests.signin.helpers import (
    add_client,
    all_of,
    begin,
    live_sessions,
    returned,
    wait,
)


def test_another_browser_finishes_nothing(
    browser: FlaskClient,
    other_browser: FlaskClient,
    provider: Provider,
    reader: FlaskClient,
    card: IssuedCard,
) -> None:
    """Decision 25, attack 31: a link sent to the holder of a card signs nobody else in."""
    target = back(show(reader, begin(browser), card.der))
    assert other_browser.get(target).status_code == 403
    assert live_sessions(provider) == []
    assert returned(browser.get(target))["code"]


def test_the_secret_of_one_sign_in_finishes_no_other(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard
) -> None:
    first, second = begin(browser), begin(browser)
    completion = back(show(reader, first, card.der)).partition("?")[2]
    assert browser.get(f"{second}/card?{completion}").status_code == 403
    assert live_sessions(provider) == []


def test_the_secret_is_worth_nothing_twice(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard
) -> None:
    add_client(provider, "asks", means=["CARD"])
    page = begin(browser, client_id="asks", prompt="consent")
    target = back(show(reader, page, card.der))
    assert browser.get(target).headers["Location"] == page  # a confirmation is asked first
    again = browser.get(target)
    assert again.status_code == 403
    assert "a expiré ou a déjà servi" in again.text
    assert len(live_sessions(provider)) == 1


def test_an_accepted_card_waits_a_minute_and_no_longer(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard
) -> None:
    target = back(show(reader, begin(browser), card.der))
    wait(provider, seconds=61)
    assert browser.get(target).status_code == 403
    assert live_sessions(provider) == []


@pytest.mark.parametrize("completion", ["", "x" * 43, "%00", "%F0%9F%92%A9"])
def test_a_made_up_secret_finishes_nothing(
    browser: FlaskClient, provider: Provider, completion: str
) -> None:
    assert browser.get(f"{begin(browser)}/card?completion={completion}").status_code in {400, 403}
    assert live_sessions(provider) == []


def test_a_card_opposed_meanwhile_opens_no_session(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard
) -> None:
    """CP-13, decision 32: between the card and the browser lies a minute."""
    target = back(show(reader, begin(browser), card.der))
    with provider.store.begin() as db:
        oppose(provider, db, card.card_number, reason="vol")
    assert browser.get(target).status_code == 403
    assert live_sessions(provider) == []


def test_a_card_blocked_meanwhile_opens_no_session_and_says_why(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard
) -> None:
    target = back(show(reader, begin(browser), card.der))
    with provider.store.begin() as db:
        db.execute(update(Card).values(state=CardState.BLOQUEE))
    told = browser.get(target)
    assert told.status_code == 403
    assert "bloquée" in told.text
    assert journal(provider, "cards:signin:refused")[-1].data["reason"] == "card_blocked"
    assert all_of(provider, CardApproval) == []


def test_a_holder_struck_off_meanwhile_opens_no_session(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard
) -> None:
    """EC-01."""
    target = back(show(reader, begin(browser), card.der))
    with provider.store.begin() as db:
        holder = DirectoryPerson.national_id == HOLDER
        db.execute(update(DirectoryPerson).where(holder).values(closed=True))
    assert browser.get(target).status_code == 403
    assert live_sessions(provider) == []
