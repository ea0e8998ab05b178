"""Cards and phones on the console: found, seen, opposed, ordered, revoked."""

from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp import create_app
from idp.cards.states import CardState
from idp.directory.people import find_contact
from idp.outbox.reading import read_outbox
from idp.provider import Provider
from idp.store.cards import cards_of_person, find_card
from idp.store.holdings import (
    Place,
    cards_in_state,
    find_phone,
    phones_in_state,
    phones_of_holders,
)
from idp.store.models import Device
from tests.cards.helpers import HOLDER, order_card
from tests.console.helpers import colleague, post, token_in
from tests.wallet.helpers import PERSON, enrol

CARDS = "/cartes-et-telephones"


def texts(page: Any) -> str:
    return unescape(page.text)


@pytest.fixture
def phone_id(provider: Provider, tmp_path: Path) -> str:
    """An e-CPS that was activated."""
    enrol(create_app(provider.settings, provider=provider), tmp_path / "phone")
    with provider.store.read() as db:
        (phone,) = phones_of_holders(db, [PERSON])
    return phone.device_id


def state_of(provider: Provider, card_number: str) -> str:
    with provider.store.read() as db:
        card = find_card(db, card_number)
    assert card is not None
    return card.state


@pytest.mark.parametrize("page", ["carte/1234567890", "telephone/personne"])
def test_there_is_no_page_of_what_nobody_holds(console: FlaskClient, page: str) -> None:
    assert console.get(f"{CARDS}/{page}").status_code == 404


def test_a_number_that_nothing_has_is_told(console: FlaskClient) -> None:
    page = texts(console.get(f"{CARDS}?q=0000"))
    assert "Aucune carte, aucun téléphone" in page
    assert "<title>Erreur" in page


@pytest.mark.parametrize("path", ["?etat=autre", "?apres=hier|1", "?apres=|", "/telephones?etat=x"])
def test_what_an_address_cannot_mean_is_the_beginning_of_the_list(
    console: FlaskClient, path: str
) -> None:
    assert console.get(CARDS + path).status_code == 200


def test_who_only_reads_opposes_and_revokes_nothing(manned: Provider, manned_app: Flask) -> None:
    number = order_card(manned, state=CardState.ACTIVE)
    reader = colleague(manned_app, manned, "lea", "reader").browser
    page = reader.get(f"{CARDS}/carte/{number}")
    assert page.status_code == 200
    assert "/opposition" not in page.text
    assert reader.get(f"{CARDS}/carte/{number}/opposition").status_code == 403


def test_a_number_leads_to_its_card_and_an_identifier_to_its_phone(
    console: FlaskClient, provider: Provider, phone_id: str
) -> None:
    number = order_card(provider)
    spaced = f"{number[:5]} {number[5:]}"
    assert console.get(CARDS, query_string={"q": spaced}).location == f"{CARDS}/carte/{number}"
    found = console.get(CARDS, query_string={"q": phone_id})
    assert found.location == f"{CARDS}/telephone/{phone_id}"


def test_cards_are_listed_by_state_and_go_on(both: Provider) -> None:
    """On both databases: those of one moment are told apart by their number."""
    at = both.clock.now().replace(microsecond=0)
    numbers = sorted(
        order_card(both, state=CardState.BLOQUEE, card_number=f"981{place:07}", state_at=at)
        for place in range(5)
    )
    with both.store.read() as db:
        first = cards_in_state(db, CardState.BLOQUEE, after=None, limit=3)
        last = Place(first[-1].state_at, first[-1].card_number)
        second = cards_in_state(db, CardState.BLOQUEE, after=last, limit=3)
    found = [card.card_number for card in (*first, *second) if card.card_number in numbers]
    assert found == numbers[::-1]


def test_phones_are_listed_by_state(
    console: FlaskClient, provider: Provider, phone_id: str
) -> None:
    assert phone_id in console.get(f"{CARDS}/telephones").text
    assert phone_id not in console.get(f"{CARDS}/telephones?etat=revoked").text
    with provider.store.read() as db:
        (phone,) = phones_in_state(db, "active", after=None, limit=5)
        place = Place(phone.expires_at, phone.device_id)
        assert phones_in_state(db, "active", after=place, limit=5) == []


def test_opposition_asks_why_since_when_and_for_a_confirmation(
    console: FlaskClient, provider: Provider
) -> None:
    """RGAA 11.12."""
    number = order_card(provider, state=CardState.ACTIVE)
    path = f"{CARDS}/carte/{number}/opposition"
    answer = post(console, path, lost_since="2999-01-01T00:00")
    assert answer.status_code == 400
    for field in ("why", "lost_since", "confirmed"):
        assert f'id="{field}-error"' in answer.text
    assert state_of(provider, number) == CardState.ACTIVE


def test_an_opposed_card_is_over_at_once_and_may_be_replaced(
    console: FlaskClient, provider: Provider
) -> None:
    """CP-13."""
    number = order_card(provider, state=CardState.ACTIVE)
    path = f"{CARDS}/carte/{number}"
    before = (provider.clock.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    form = {"why": "perte", "lost_since": before, "confirmed": "1"}
    assert post(console, f"{path}/opposition", **form).location.startswith(f"{path}?fait=")
    assert state_of(provider, number) == CardState.OPPOSEE
    page = texts(console.get(path))
    assert "Perte" in page
    assert "cards:card:moved" in page
    assert post(console, f"{path}/opposition", **form).status_code == 409
    answer = post(console, f"{path}/remplacement", page=path)
    assert answer.status_code == 303
    with provider.store.read() as db:
        successors = [c for c in cards_of_person(db, HOLDER) if c.renews == number]
    assert len(successors) == 1
    token = {"csrf_token": token_in(console.get(path))}
    again = console.post(f"{path}/remplacement", data=token)
    assert again.status_code == 409
    assert "déjà commandée" in texts(again)


def test_a_card_in_the_post_arrives_by_a_button_and_no_other_card_does(
    console: FlaskClient, provider: Provider
) -> None:
    number = order_card(provider, state=CardState.EXPEDIEE)
    path = f"{CARDS}/carte/{number}"
    post(console, f"{path}/arrivee", page=path)
    assert state_of(provider, number) == CardState.RECUE_NON_ACTIVEE
    refused = console.post(f"{path}/arrivee", data={"csrf_token": token_in(console.get(path))})
    assert refused.status_code == 409
    assert "dans un état" in texts(refused)


def test_a_card_is_ordered_for_an_employee_once(console: FlaskClient, provider: Provider) -> None:
    path = f"{CARDS}/commande/{PERSON}"
    assert post(console, path).status_code == 400
    assert post(console, path, family="CPE").status_code == 303
    refused = post(console, path, family="CPE")
    assert refused.status_code == 409
    assert "déjà une carte de cette famille" in texts(refused)


def test_published_activities_that_are_on_a_card_need_no_other(console: FlaskClient) -> None:
    refused = post(console, f"{CARDS}/commande/{PERSON}", family="activities")
    assert refused.status_code == 409
    assert "déjà sur une carte" in texts(refused)


def test_a_real_console_orders_no_card(console: FlaskClient, provider: Provider) -> None:
    provider.kind = "real"
    assert console.get(f"{CARDS}/commande/{PERSON}").status_code == 404


def test_a_phone_is_revoked_with_a_reason_and_its_person_told(
    console: FlaskClient, provider: Provider, phone_id: str
) -> None:
    path = f"{CARDS}/telephone/{phone_id}"
    assert post(console, f"{path}/revocation").status_code == 400
    answer = post(console, f"{path}/revocation", why="lost")
    assert answer.location.startswith(f"{path}?fait=")
    with provider.store.read() as db:
        phone, contact = find_phone(db, phone_id), find_contact(db, PERSON)
    assert phone is not None
    assert contact is not None
    assert (phone.state, phone.state_reason) == ("revoked", "lost")
    told = read_outbox(provider, recipients=[contact.email])
    assert any("par l'assistance" in message["payload"]["text"] for message in told), told
    assert post(console, f"{path}/revocation", why="lost").status_code == 409


def test_wrong_codes_and_the_lock_are_shown_to_the_support(
    console: FlaskClient, provider: Provider, phone_id: str
) -> None:
    with provider.store.begin() as db:
        phone = db.get_one(Device, phone_id)
        phone.failures, phone.lifetime_failures = 3, 7
        phone.locked_until = provider.clock.now() + timedelta(minutes=5)
    page = texts(console.get(f"{CARDS}/telephone/{phone_id}"))
    assert "code verrouillé" in page
    assert "3 à la suite, 7 en tout" in page
    assert "devices:device:activated" in page
