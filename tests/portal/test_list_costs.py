"""A page of the account asks the database as often for many things as for few."""

import pytest
from flask import Flask

from idp.provider import Provider
from tests.cards.helpers import IssuedCard, order_card
from tests.portal.helpers import ACCOUNT, PERSON, Visit
from tests.signin.helpers import add_client, begin
from tests.statements import Statements


def cost_of(visit: Visit, provider: Provider, page: str) -> int:
    with Statements(provider) as seen:
        assert visit.browser.get(page).status_code == 200
    return len(seen)


@pytest.mark.parametrize("page", ["compte", "cartes", "sessions", "historique"])
def test_what_a_person_holds_may_grow(
    app: Flask, visit: Visit, card: IssuedCard, provider: Provider, page: str
) -> None:
    """Cards, sessions, services entered in them, events."""
    address = f"/portail/{page}"
    add_client(provider, "first")
    elsewhere = Visit(app.test_client(), card)
    elsewhere.present(begin(elsewhere.browser, client_id="first"))
    visit.sign_in(ACCOUNT)
    before, shown = cost_of(visit, provider, address), visit.browser.get(address).text
    for number in range(3):
        order_card(provider, PERSON)
        add_client(provider, f"service-{number}")
        elsewhere = Visit(app.test_client(), card)
        elsewhere.present(begin(elsewhere.browser, client_id=f"service-{number}"))
    assert len(visit.browser.get(address).text) > len(shown)
    assert cost_of(visit, provider, address) == before
