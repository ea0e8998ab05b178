"""What a person is shown (decision 29, attack 47)."""

import pytest
from flask import Flask

from tests.wallet.helpers import ask_signin
from wallet_sim.display import day, hour, neutralise, render
from wallet_sim.documents import Challenge
from wallet_sim.phone import Phone

MARK = "\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    "character",
    ["\n", "\r", "\0", "\x1b", "\u202e", "\u2066", "\u200b", "\u2028", "\ufeff", "\ue000"],
)
def test_character_that_changes_how_others_are_read_is_marked(character: str) -> None:
    assert neutralise(f"Hôpital{character}Nord") == f"Hôpital{MARK}Nord"


def test_long_text_is_cut() -> None:
    assert len(neutralise("a" * 10_000)) == 120


def test_no_text_of_the_document_makes_a_line_of_its_own() -> None:
    payload = {"client_name": "A\nService : B", "browser": "x\u202e", "place": "\n", "action": "\n"}
    challenge = Challenge(
        payload=payload,
        purpose="signin",
        challenge_id="c",
        nonce="n",
        iat=0,
        exp=60,
        client_name=payload["client_name"],
    )
    lines = render(challenge)
    assert lines[0] == f"Service : A{MARK}Service : B"
    assert not any(character in line for line in lines for character in "\n\u202e")


def test_service_comes_first_then_action_browser_place_time_and_numbers(
    app: Flask, phone: Phone
) -> None:
    """Decision 29."""
    asked = ask_signin(app)
    shown = phone.pending()[0]
    french, english = render(shown, "fr"), render(shown, "en")
    assert french[0] == "Service : Service de démonstration"
    assert [line.split(" : ")[0] for line in french[1:5]] == [
        "Action",
        "Navigateur",
        "Lieu",
        "Heure",
    ]
    assert english[1] == "Action : Sign in"
    for option in asked.document["number"]["options"]:
        assert option in french[-1]


def test_phone_is_never_told_which_number_is_right(app: Flask, phone: Phone) -> None:
    ask_signin(app)
    shown = phone.pending()[0]
    assert set(shown.payload["number"]) == {"mode", "options"}
    assert len(set(shown.payload["number"]["options"])) == 3


@pytest.mark.parametrize(
    ("instant", "time", "date"),
    [
        (1_767_220_200, "23:30:00", "31/12/2025"),  # 22:30 UTC
        (1_767_223_800, "00:30:00", "01/01/2026"),  # 23:30 UTC, in winter
        (1_782_858_600, "00:30:00", "01/07/2026"),  # 22:30 UTC, in summer
    ],
)
def test_times_are_those_of_the_clocks_of_france_as_on_the_portal(
    instant: int, time: str, date: str
) -> None:
    assert (hour(instant), day(instant)) == (time, date)
