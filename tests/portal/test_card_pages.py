"""Help with a lost card, my cards, and opposition by their holder."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.cards.states import CardState
from idp.portal.card_pages import expected_reception
from idp.provider import Provider
from idp.store.directory_import import StagedAlias, write_aliases
from idp.store.models import Card, PracticeActivity
from idp.web.dates import day
from tests.cards.helpers import IssuedCard, card_row, issued_card, order_card
from tests.portal.helpers import CARDS, PERSON, SOMEBODY_ELSE, Visit, sessions, sign_in_by_phone, to
from tests.signin.helpers import post, token_in

FORMER = "0992800276"
"""The ADELI identifier of a person of the sample."""


def opposition(card_number: str) -> str:
    return f"{CARDS}/{card_number}/opposition"


def oppose(browser: FlaskClient, card_number: str, **fields: str) -> TestResponse:
    return post(browser, opposition(card_number), **fields)


def text_of(page: TestResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def test_the_help_page_shows_both_numbers_and_their_hours(browser: FlaskClient) -> None:
    """CP-17."""
    text = text_of(browser.get("/portail/aide"))
    assert "0 806 800 213" in text
    assert "24 h/24, 7 j/7" in text
    assert "36 08" in text
    assert "du lundi au vendredi, de 8 h 30 à 17 h 30" in text


def test_the_help_page_says_what_to_do(browser: FlaskClient) -> None:
    """CP-13: loss, theft, malfunction."""
    text = text_of(browser.get("/portail/aide"))
    for word in ("Perte ou vol", "en opposition", "Dysfonctionnement", "nouvelle carte"):
        assert word in text


def test_the_front_page_leads_everywhere(browser: FlaskClient) -> None:
    page = browser.get("/portail").text
    for address in ("/portail/e-cps", "/portail/cartes", "/portail/aide"):
        assert f'href="{address}"' in page
    assert "/portail" in browser.get("/").text


def test_cards_are_shown_to_their_holder_alone(
    visit: Visit, provider: Provider, browser: FlaskClient
) -> None:
    others = issued_card(provider, SOMEBODY_ELSE)
    assert to(browser.get(CARDS)) == "/portail/connexion?pour=cartes"
    page = visit.sign_in(CARDS)
    assert visit.card.card_number in page.text
    assert others.card_number not in page.text


def test_a_card_on_its_way_shows_when_it_should_arrive(visit: Visit, provider: Provider) -> None:
    """CP-05: two weeks on average, by the simulated clock."""
    ordered = card_row(provider, order_card(provider, PERSON))
    page = visit.sign_in(CARDS).text
    expected = expected_reception(ordered, [], timedelta(days=14))
    assert expected == ordered.ordered_at + timedelta(days=14)
    with visit.browser.application.test_request_context():
        assert day(expected) in page
    assert "à titre indicatif" in page


def test_a_date_reads_the_day_first_in_english_too(visit: Visit) -> None:
    visit.sign_in(CARDS)
    page = visit.browser.get(f"{CARDS}?lang=en").text
    assert re.search(r"from \d{1,2} [A-Z][a-z]+ \d{4} to \d{1,2} [A-Z][a-z]+ \d{4}", page)


def test_the_delay_runs_from_the_cpams_step(provider: Provider) -> None:
    """CP-05; a renewal has no such step, and a card in hand no such date."""
    card = card_row(provider, order_card(provider, PERSON))
    recorded_at = card.ordered_at - timedelta(days=3)
    step = PracticeActivity(activity_id=card.activities[0], recorded_at=recorded_at)
    delay = timedelta(days=14)
    assert expected_reception(card, [step], delay) == recorded_at + delay
    renewal = Card(state="commandee", renews="1", ordered_at=card.ordered_at, activities=[])
    assert expected_reception(renewal, [step], delay) == card.ordered_at + delay
    arrived = Card(state="active", ordered_at=card.ordered_at, activities=[], renews=None)
    assert expected_reception(arrived, [step], delay) is None


def test_nobody_opposes_somebody_elses_card(visit: Visit, provider: Provider) -> None:
    others = issued_card(provider, SOMEBODY_ELSE)
    visit.sign_in(CARDS)
    own_page = visit.browser.get(opposition(visit.card.card_number))
    fields = {"csrf_token": token_in(own_page), "reason": "vol", "confirmed": "1"}
    assert to(visit.browser.post(opposition(others.card_number), data=fields)) == CARDS
    assert card_row(provider, others.card_number).state == CardState.ACTIVE


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"confirmed": "1"}, "reason"),
        ({"reason": "deces", "confirmed": "1"}, "reason"),
        ({"reason": "vol"}, "confirmed"),
        ({"reason": "vol", "confirmed": "1", "lost_since": "demain"}, "lost_since"),
        ({"reason": "vol", "confirmed": "1", "lost_since": "2999-01-01T00:00"}, "lost_since"),
        ({"reason": "vol", "confirmed": "1", "lost_since": "0001-01-01T00:00"}, "lost_since"),
    ],
)
def test_opposition_wants_a_reason_and_a_confirmation(
    visit: Visit, provider: Provider, fields: dict[str, str], field: str
) -> None:
    """RGAA 11.10 and 11.12: what lacks is told beside its field, nothing is done."""
    visit.sign_in(CARDS)
    page = oppose(visit.browser, visit.card.card_number, **fields)
    assert page.status_code == 400
    assert f'id="{field}-error"' in page.text
    assert card_row(provider, visit.card.card_number).state == CardState.ACTIVE


def test_a_card_ordered_under_a_former_identifier_is_the_persons_own(
    visit: Visit, provider: Provider
) -> None:
    """CP-13, decision 36: whoever was an ADELI person can still oppose that card."""
    former = issued_card(provider, FORMER)
    with provider.store.begin() as db:
        write_aliases(db, 1, [StagedAlias(FORMER, PERSON)])
    assert former.card_number in visit.sign_in(CARDS).text
    page = oppose(visit.browser, former.card_number, reason="perte", confirmed="1")
    assert "refusée partout" in page.text
    assert card_row(provider, former.card_number).state == CardState.OPPOSEE


def test_a_holder_opposes_the_lost_card_by_phone(
    browser: FlaskClient, provider: Provider, card: IssuedCard
) -> None:
    """CP-13: by any means of the session; effective at once."""
    sign_in_by_phone(browser, provider, card)
    given = {"reason": "perte", "lost_since": "2020-01-02T08:30", "confirmed": "1"}
    page = oppose(browser, card.card_number, **given)
    assert page.status_code == 200
    assert "refusée partout" in page.text
    row = card_row(provider, card.card_number)
    assert (row.state, row.opposition_reason) == (CardState.OPPOSEE, "perte")
    assert row.lost_since is not None
    assert row.lost_since.isoformat() == "2020-01-02T07:30:00+00:00"
    assert to(browser.get(opposition(card.card_number))) == CARDS


def test_opposing_the_card_that_opened_the_session_ends_it(
    visit: Visit, provider: Provider
) -> None:
    """CP-13, decision 32."""
    visit.sign_in(CARDS)
    page = oppose(visit.browser, visit.card.card_number, reason="vol", confirmed="1")
    assert "refusée partout" in page.text
    assert sessions(provider)[-1].ended_at is not None
    assert to(visit.browser.get(CARDS)) == "/portail/connexion?pour=cartes"
