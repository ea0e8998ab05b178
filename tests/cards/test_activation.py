"""A card opens nothing before its holder has activated it (CP-07)."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from idp.audit.events import Event
from idp.cards.states import CardState
from idp.provider import Provider
from idp.store.world import move_clock
from tests.cards.helpers import Line, issued_card, make_card, order_card, recorded


def posted(provider: Provider, **columns: Any) -> Line:
    """A card that was made and is in the post."""
    return Line(provider, make_card(provider, order_card(provider, **columns)))


@pytest.mark.parametrize(
    "state",
    [
        CardState.ACTIVE,
        CardState.BLOQUEE,
        CardState.OPPOSEE,
        CardState.EXPIREE,
        CardState.INVALIDEE,
    ],
)
def test_a_card_that_is_in_use_or_over_is_not_activated(
    provider: Provider, state: CardState
) -> None:
    """CP-07: refused with its state, and recorded."""
    line = Line(provider, issued_card(provider, state=state))
    response = line.activate()
    assert response.status_code == 409
    refused = response.get_json()
    assert (refused["code"], refused["state"]) == ("transition_refused", state)
    (event,) = recorded(provider, Event.CARD_TRANSITION_REFUSED, line.card.card_number)
    assert event.data["act"] == "activate"
    assert line.row.state == state


@pytest.mark.parametrize("signer", ["stranger", "signature", "card"])
def test_only_who_opened_the_card_activates_it(provider: Provider, signer: str) -> None:
    """CP-07: by the code in its own letter, which opens the authentication key."""
    line = posted(provider)
    keys = {
        "stranger": ec.generate_private_key(ec.SECP256R1()),
        "signature": line.card.signature_key,
        "card": line.card.card_key,
    }
    line.card.authentication_key = keys[signer]
    response = line.activate()
    assert response.status_code == 403
    assert response.get_json()["code"] == "presentation_refused"
    assert line.row.state == CardState.EXPEDIEE


def test_a_signature_is_for_its_own_request(provider: Provider) -> None:
    """CP-07: one that was seen before activates nothing."""
    line = posted(provider)
    seen = line.sign(b"\0".join([b"ecps-card-activate", line.number, b"another"]))
    assert line.activate(signature=seen).status_code == 403
    assert line.activate(signature=None).get_json()["member"] == "signature"


def test_nobody_without_the_card_key_activates_it(provider: Provider) -> None:
    """CP-07."""
    line = posted(provider)
    line.card.card_key = ec.generate_private_key(ec.SECP256R1())
    assert line.activate().get_json()["code"] == "not_recognised"
    assert line.row.state == CardState.EXPEDIEE


def test_a_card_that_ended_in_the_drawer_is_not_activated(provider: Provider) -> None:
    """CP-10."""
    line = posted(provider)
    with provider.store.begin() as db:
        move_clock(db, provider.settings.card_lifetime + timedelta(seconds=1))
    with provider.store.read() as db:
        provider.synchronise_clock(db)
    response = line.activate()
    assert response.status_code == 409
    assert response.get_json()["state"] == CardState.EXPIREE
    assert line.row.state == CardState.EXPIREE


def test_the_holder_activates_a_card_that_came_by_post(both: Provider) -> None:
    """CP-07: activated by its holder, it was received."""
    line = posted(both)
    response = line.activate()
    assert (response.status_code, response.get_json()) == (200, {"state": "active"})
    row = line.row
    assert row.state == CardState.ACTIVE
    assert row.activated_at is not None
    states = [e.data["state"] for e in recorded(both, Event.CARD_MOVED, line.card.card_number)]
    assert states[-2:] == [CardState.RECUE_NON_ACTIVEE, CardState.ACTIVE]
    assert line.activate().status_code == 409


def test_a_received_card_is_activated(provider: Provider) -> None:
    """CP-07."""
    line = Line(provider, issued_card(provider, state=CardState.RECUE_NON_ACTIVEE))
    assert line.activate().status_code == 200
    assert line.row.state == CardState.ACTIVE


def test_a_card_that_renews_another_replaces_it(both: Provider) -> None:
    """CP-11."""
    old = Line(both, issued_card(both))
    new = posted(both, renews=old.card.card_number)
    assert old.row.state == CardState.ACTIVE
    assert new.activate().status_code == 200
    assert old.row.state == CardState.INVALIDEE
    assert new.row.state == CardState.ACTIVE
