"""A card whose holder acts by a script: against the real listener, with the real codes."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.settings import Settings
from tests.conftest import make_settings, provider_of
from tests.signin.helpers import add_client, begin, events, returned
from tests.wallet.cards import RECEIVED, MadeCard
from tests.wallet.helpers import advance
from tests.wallet.listener import made_card
from tests.wallet.reader.helpers import handle_in
from wallet_sim.behaviours import BehaviourRefused
from wallet_sim.behaviours.acting_card import ActingCard, CardActed, card_script
from wallet_sim.behaviours.card_catalogue import CARD_CATALOGUE
from wallet_sim.card.reader import Reader
from wallet_sim.dev_provider import DevProvider


@pytest.fixture
def settings(sqlite_url: str, master_key: str) -> Settings:
    return make_settings(sqlite_url, master_key, card_base_url="https://localhost:8005")


@pytest.fixture(autouse=True)
def service(app: Flask) -> None:
    add_client(provider_of(app))


@pytest.fixture
def card(made: MadeCard, reader: Reader) -> ActingCard:
    return ActingCard(reader, made.state.number, made.code, unblock_code=made.unblock_code)


def sign_in(browser: FlaskClient, card: ActingCard) -> tuple[CardActed, dict[str, str]]:
    """What the card did, and what the service got."""
    acted = card.sign_in(handle_in(begin(browser, prompt="login")))
    if acted.redirect is None:
        return acted, {}
    return acted, returned(browser.get(acted.redirect.removeprefix("http://localhost:8000")))


def test_a_behaviour_of_a_phone_is_refused(card: ActingCard) -> None:
    with pytest.raises(BehaviourRefused, match="no behaviour 'wrong_pin': there are ignore, sign"):
        card.on_sign_in("wrong_pin")


@pytest.mark.parametrize(
    ("behaviour", "outcome", "tries", "left"),
    [
        ("ignore", "ignored", 0, 3),
        ("withdraw", "card_absent", 1, 3),
        ("until_blocked", "code_blocked", 3, 0),
    ],
)
def test_what_signs_nobody_in(
    browser: FlaskClient,
    made: MadeCard,
    card: ActingCard,
    behaviour: str,
    outcome: str,
    *,
    tries: int,
    left: int,
) -> None:
    """Decision 31: the tries stand at the provider too."""
    card.on_sign_in(behaviour)
    acted, told = sign_in(browser, card)
    assert (acted.outcome, acted.tries, told) == (outcome, tries, {})
    assert made.row().tries_left == left
    assert card.acted == [acted]


def test_a_blocked_card_stays_blocked(browser: FlaskClient, card: ActingCard) -> None:
    card.on_sign_in("until_blocked")
    sign_in(browser, card)
    acted, told = sign_in(browser, card)
    assert (acted.outcome, acted.redirect, told) == ("code_blocked", None, {})
    assert "unblocking code: " in str(acted.error)


def test_a_card_without_its_unblocking_code_is_not_blocked_in_vain(
    browser: FlaskClient, made: MadeCard, reader: Reader
) -> None:
    card = ActingCard(reader, made.state.number, made.code, script=card_script(["unblock"]))
    acted, _ = sign_in(browser, card)
    assert acted.outcome == "unblock_code_missing"
    assert made.row().tries_left == 3


def test_a_code_that_is_not_the_cards_is_told(
    browser: FlaskClient, made: MadeCard, reader: Reader
) -> None:
    off_by_one = f"{(int(made.code) - 1) % 10_000:04d}"
    card = ActingCard(reader, made.state.number, off_by_one, script=card_script(["wrong_code"]))
    acted, _ = sign_in(browser, card)
    assert acted.outcome == "code_not_its_own"


@pytest.mark.parametrize(
    ("behaviour", "tries"),
    [("sign_in", 1), ("wrong_code", 2), ({"do": "wrong_code", "times": 2}, 3), ("unblock", 4)],
    ids=str,
)
def test_what_signs_in_in_the_end(
    browser: FlaskClient, made: MadeCard, card: ActingCard, behaviour: Any, tries: int
) -> None:
    card.on_sign_in(behaviour, then="ignore")
    acted, told = sign_in(browser, card)
    assert (acted.outcome, acted.tries) == ("signed_in", tries)
    assert told["code"]
    assert made.row().tries_left == 3
    assert json.loads(json.dumps(acted.as_json()))["redirect"] == acted.redirect
    assert sign_in(browser, card)[0].outcome == "ignored"


def test_the_card_is_in_no_reader_between_two_sign_ins(
    browser: FlaskClient, reader: Reader, card: ActingCard
) -> None:
    sign_in(browser, card)
    assert reader.inserted is None


def test_an_opposed_card_is_refused_by_its_name(
    app: Flask, browser: FlaskClient, made: MadeCard, card: ActingCard, dev: DevProvider
) -> None:
    """CP-13, decision 31: opposition is a state of the provider."""
    dev.ask("POST", f"ans/cards/{made.state.number}/opposition", {"reason": "perte"})
    acted, told = sign_in(browser, card)
    assert (acted.outcome, told) == ("card_opposed", {})
    assert "cards:signin:refused" in events(provider_of(app))


def test_a_card_whose_time_is_over_is_refused_by_its_name(
    app: Flask, browser: FlaskClient, card: ActingCard
) -> None:
    """Decision 5: a certificate is judged by the provider's clock."""
    advance(provider_of(app), 4 * 365 * 86_400)
    acted, told = sign_in(browser, card)
    assert (acted.outcome, told) == ("card_expired", {})


def test_a_card_that_was_never_activated_is_refused_by_its_name(
    app: Flask, browser: FlaskClient, tmp_path: Path, listener: str, reader: Reader
) -> None:
    """CP-07."""
    received = made_card(app, tmp_path, listener, RECEIVED)
    acted, _ = sign_in(browser, ActingCard(reader, RECEIVED, received.code))
    assert acted.outcome == "card_not_activated"


def test_every_behaviour_of_a_card_is_tested_here() -> None:
    text = Path(__file__).read_text("utf-8")
    assert [name for name in CARD_CATALOGUE if f'"{name}"' not in text] == []
