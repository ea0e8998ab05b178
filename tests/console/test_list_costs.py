"""A list of many things asks the database as often as one of few."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.cards.states import CardState
from idp.console.operators.rules import add
from idp.provider import Provider
from tests.cards.helpers import HOLDER, order_card
from tests.console.helpers import colleague
from tests.oauth.helpers import add_client
from tests.statements import Statements


def cost_of(browser: FlaskClient, provider: Provider, page: str) -> int:
    with Statements(provider) as seen:
        assert browser.get(page).status_code == 200
    return len(seen)


def more_cards(provider: Provider) -> None:
    for _card in range(3):
        order_card(provider, state=CardState.ACTIVE)


def more_services(provider: Provider) -> None:
    for number in range(3):
        add_client(provider, f"one-more-{number}")


def more_operators(provider: Provider) -> None:
    with provider.store.begin() as db:
        for number in range(3):
            add(provider, db, f"luc{number}", ["reader"])


@pytest.mark.parametrize(
    ("page", "grow"),
    [
        ("/cartes-et-telephones?etat=active", more_cards),
        (f"/personnes/moyens/{HOLDER}", more_cards),
        ("/services", more_services),
        (f"/personnes/services/{HOLDER}", more_services),
        ("/operateurs", more_operators),
    ],
)
def test_a_list_that_grows_costs_no_more_statements(
    console: FlaskClient, provider: Provider, page: str, grow: Callable[[Provider], None]
) -> None:
    before = cost_of(console, provider, page), len(console.get(page).text)
    grow(provider)
    assert len(console.get(page).text) > before[1]
    assert cost_of(console, provider, page) == before[0]


def test_approvals_cost_no_more_statements_as_they_grow(
    manned_app: Flask, manned: Provider
) -> None:
    one = colleague(manned_app, manned, "claire", "administrator")
    before = cost_of(one.browser, manned, "/approbations")
    for number in range(3):
        fields = {"name": f"luc{number}", "roles": "support", "reason": "Il rejoint l’équipe."}
        assert one.post("/operateurs/nouveau", **fields).status_code == 303
    assert cost_of(one.browser, manned, "/approbations") == before
