"""Card and code are sent by two separate mailings (CP-06)."""

import json
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from idp.cards.mailings import post_card
from idp.cards.states import CardState
from idp.cli import main
from idp.outbox.expiry import delete_expired
from idp.provider import Provider
from idp.store.world import move_clock
from idp.worker.dispatcher import drain
from tests.cards.rows import PERSON, a_card, add
from tests.conftest import DEV_SECRET

DEV = {"Ecps-Dev-Secret": DEV_SECRET}
CODE, UNBLOCK = "4071", "51930846"


def post(provider: Provider, **values: Any) -> None:
    card = add(provider, a_card(provider, **{"state": CardState.EXPEDIEE} | values))
    with provider.store.begin() as db:
        post_card(provider, db, card, code=CODE, unblock_code=UNBLOCK)


def letters(browser: FlaskClient, person: str = PERSON) -> list[dict[str, Any]]:
    answer = browser.get(f"/dev/v1/outbox?person={person}", headers=DEV).get_json()
    return [m["payload"] for m in answer["messages"] if m["kind"] == "letter"]


def advance(provider: Provider, length: timedelta) -> None:
    with provider.store.begin() as db:
        move_clock(db, length)
    with provider.store.read() as db:
        provider.synchronise_clock(db)


def test_the_letter_with_the_card_never_holds_a_code(
    provider: Provider, browser: FlaskClient
) -> None:
    """CP-06."""
    post(provider)
    (letter,) = letters(browser)
    assert set(letter) == {"subject", "text"}
    assert CODE not in letter["text"]
    assert UNBLOCK not in letter["text"]
    assert "9799000001" in letter["text"]


@pytest.mark.parametrize("worker_runs", [True, False])
def test_the_code_is_not_to_be_read_before_its_own_letter_is_posted(
    provider: Provider, browser: FlaskClient, *, worker_runs: bool
) -> None:
    """CP-06: a day later, in an envelope of its own."""
    post(provider)
    advance(provider, provider.settings.card_code_letter_delay - timedelta(minutes=1))
    assert len(letters(browser)) == 1
    advance(provider, timedelta(minutes=2))
    if worker_runs:
        drain(provider, "letter")
    _, sealed = letters(browser)
    assert (sealed["card_number"], sealed["code"], sealed["unblock_code"]) == (
        "9799000001",
        CODE,
        UNBLOCK,
    )
    assert CODE in sealed["text"]
    assert UNBLOCK in sealed["text"]


def test_both_letters_are_french_then_english_and_say_whom_to_call(
    provider: Provider, browser: FlaskClient
) -> None:
    """CP-17: ANS and CPAM, with their hours."""
    post(provider, state=CardState.ACTIVE)
    for letter in letters(browser):
        french, _, english = letter["text"].partition("\n--\n")
        assert french.startswith("Bonjour,")
        assert english.strip().startswith("Hello,")
        for part in (french, english):
            assert "0 806 800 213" in part
            assert "36 08" in part
        assert "8 h 30 à 17 h 30" in french
        assert "e-CPS de simulation" in letter["subject"]


def test_the_letters_of_a_card_in_use_are_there_at_once(
    provider: Provider, browser: FlaskClient
) -> None:
    """Decision 1: the sample people of a simulation have had their cards for long."""
    post(provider, state=CardState.ACTIVE)
    assert len(letters(browser)) == 2


def test_a_letter_is_for_its_person_alone(provider: Provider, browser: FlaskClient) -> None:
    post(provider, state=CardState.ACTIVE)
    assert letters(browser, "899700990023") == []


def test_a_letter_is_kept_as_paper_is_until_its_card_ends(
    provider: Provider, browser: FlaskClient
) -> None:
    """CP-06: the unblocking code is looked for years later."""
    post(provider, state=CardState.ACTIVE)
    drain(provider, "letter")
    advance(provider, provider.settings.card_lifetime - timedelta(days=1))
    delete_expired(provider)
    assert len(letters(browser)) == 2
    advance(provider, provider.settings.outbox_retention + timedelta(days=2))
    delete_expired(provider)
    assert letters(browser) == []


def test_the_command_reads_letters_too(provider: Provider, master_key: str) -> None:
    """CP-06."""
    post(provider)
    url = provider.settings.database_url
    result = CliRunner().invoke(
        main,
        ["outbox", "--database-url", url, "--to", PERSON, "--json"],
        env={"ECPS_MASTER_KEY": master_key},
    )
    assert [m["kind"] for m in json.loads(result.stdout)["messages"]] == ["letter"]
