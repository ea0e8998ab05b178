"""A question asked: what is drawn, what is shown, and how often a phone is told."""

from collections import Counter
from datetime import timedelta

import pytest

from idp.challenges.push import PushBudget
from idp.challenges.start import _matching, resend, start_signin
from idp.challenges.wording import describe_browser, describe_place, neutralise
from idp.settings import Settings
from tests.conftest import make_settings
from tests.devices.helpers import (
    FIREFOX,
    OWNER,
    STRANGER,
    Bench,
    Statements,
    a_client,
    push_subscription,
)


def test_nobody_costs_what_somebody_costs(bench: Bench) -> None:
    """Attack 24, decision 41: the same statements, and rows as long."""
    bench.enrol(push=push_subscription())
    spent = {}
    for national_id in (OWNER, STRANGER):
        with Statements(bench.provider) as counted:
            bench.start(national_id)
        spent[national_id] = [statement.split("WHERE")[0] for statement in counted.statements]
    assert spent[OWNER] == spent[STRANGER]
    assert len(spent[OWNER]) <= 8, spent[OWNER]
    lengths = {len(message.payload_sealed) // 100 for message in bench.messages("push")}
    assert max(lengths) - min(lengths) <= 2


def test_a_challenge_for_nobody_looks_like_any_other(bench: Bench) -> None:
    bench.enrol()
    known, unknown = bench.start(OWNER), bench.start(STRANGER)
    assert set(known.document) == set(unknown.document)
    assert (known.state, known.device_id) == (unknown.state, unknown.device_id)


def test_pushes_are_bounded_and_challenges_are_not(bench: Bench) -> None:
    """Attack 23, decision 24."""
    phone = bench.enrol(push=push_subscription())
    for _ in range(30):
        bench.start()
    assert len(bench.messages("push")) == bench.provider.settings.pushes_per_window
    assert bench.events().count("challenges:push:suppressed") == 25
    last = bench.start()
    shown = bench.pending(phone)
    assert shown[0]["challenge_id"] == last.challenge_id
    assert len(shown) == bench.provider.settings.pending_shown


def test_a_day_has_a_budget_and_a_success_renews_it(bench: Bench) -> None:
    phone = bench.enrol(push=push_subscription())
    for _ in range(5):
        for _ in range(6):
            bench.start()
        bench.advance(timedelta(minutes=11))
    per_day = bench.provider.settings.pushes_per_day
    assert len(bench.messages("push")) == per_day
    bench.sign_in(phone)
    bench.start()
    assert len(bench.messages("push")) == per_day + 1


def test_a_disowned_challenge_silences_the_phone_for_a_while(bench: Bench) -> None:
    phone = bench.enrol(push=push_subscription())
    challenge = bench.start()
    path = f"/challenges/{challenge.challenge_id}/refuse"
    assert bench.send(phone, path, {"reason": "unknown_trigger"}).status_code == 200
    before = len(bench.messages("push"))
    bench.start()
    assert len(bench.messages("push")) == before
    assert len(bench.pending(phone)) == 1
    bench.advance(bench.provider.settings.push_silence + timedelta(seconds=1))
    bench.start()
    assert len(bench.messages("push")) == before + 1


def test_three_refusals_silence_too(bench: Bench) -> None:
    phone = bench.enrol(push=push_subscription())
    for _ in range(3):
        challenge = bench.start()
        path = f"/challenges/{challenge.challenge_id}/refuse"
        bench.send(phone, path, {"reason": "cancelled"})
    before = len(bench.messages("push"))
    bench.start()
    assert len(bench.messages("push")) == before


def test_a_resent_hint_comes_out_of_the_same_budget(bench: Bench) -> None:
    bench.enrol(push=push_subscription())
    challenge = bench.start()
    for _ in range(10):
        with bench.provider.store.begin() as db:
            resend(bench.provider, db, challenge, PushBudget.PERSON)
    assert len(bench.messages("push")) == bench.provider.settings.pushes_per_window


def test_the_options_are_distinct_and_the_right_one_stands_anywhere(
    sqlite_url: str, master_key: str
) -> None:
    """Decision 20: drawn uniformly; 600 draws make a bias of a third visible."""
    settings = make_settings(sqlite_url, master_key)
    places: Counter[int] = Counter()
    for count in range(600):
        number = f"{count % 100:02d}"
        options = _matching(settings, number)["options"]
        assert len(set(options)) == 3
        assert all(len(option) == 2 and option.isdecimal() for option in options)
        places[options.index(number)] += 1
    assert all(100 < places[index] < 300 for index in range(3))


def test_in_strict_the_number_is_typed(sqlite_url: str, master_key: str) -> None:
    settings = make_settings(sqlite_url, master_key, profile="strict")
    assert _matching(settings, "42") == {"mode": "typed", "length": 2}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Espace\u202ePro", "Espace Pro"),
        ("A\nB\tC\0D", "A B C D"),
        ("a\u200bb\u2066c\u2069", "a b c"),
        ("  x   y ", "x y"),
        ("e\u0301", "é"),
        ("é" * 100, "é" * 59 + "…"),
        ("\U000e0041tag", "tag"),
    ],
)
def test_text_shown_on_the_phone_cannot_turn_or_hide(text: str, shown: str) -> None:
    """Attack 47."""
    assert neutralise(text) == shown


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox sous Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0 Safari/537.36", "Chrome sous Linux"),
        ("Mozilla/5.0 (Macintosh) Version/18.0 Safari/605.1.15", "Safari sous macOS"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/141 Safari/537 Edg/141", "Edge sous Windows"),
        ("Mozilla/5.0 (iPhone) CriOS/141.0 Mobile", "Chrome sous iOS"),
        ("<script>alert(1)</script>", "navigateur inconnu"),
        ("", "navigateur inconnu"),
    ],
)
def test_a_browser_is_told_by_its_family(user_agent: str, words: str) -> None:
    assert describe_browser(user_agent) == words


def test_a_place_comes_from_the_operators_table_only() -> None:
    """Decision 29: the narrowest network wins."""
    networks = {"192.0.2.0/24": "CHU", "192.0.2.0/28": "Urgences", "2001:db8::/32": "Site 6"}
    assert describe_place(networks, "192.0.2.7") == "Urgences"
    assert describe_place(networks, "192.0.2.200") == "CHU"
    assert describe_place(networks, "2001:db8::1") == "Site 6"
    for address in ("203.0.113.9", "", "not an address"):
        assert describe_place(networks, address) == "réseau inconnu"


def test_the_client_name_in_the_document_is_neutral(bench: Bench) -> None:
    with bench.provider.store.begin() as db:
        challenge = start_signin(
            bench.provider,
            db,
            national_id=OWNER,
            client=a_client("Faux\u202enom\n"),
            address="",
            user_agent="",
            same_device=False,
            budget=PushBudget.PERSON,
        )
    assert challenge.document["client_name"] == "Faux nom"
    assert challenge.document["place"] == "réseau inconnu"
    assert isinstance(bench.provider.settings, Settings)


def test_a_former_adeli_identifier_asks_the_phone_of_its_person(bench: Bench) -> None:
    """Decision 36: it resolves to the RPPS person, whose phone finds the request."""
    phone = bench.enrol("899700990296")
    challenge = bench.start("0999100290")
    document = bench.pending(phone)[0]
    assert document["challenge_id"] == challenge.challenge_id
    assert bench.answer(phone, document, str(challenge.number)).status_code == 200
