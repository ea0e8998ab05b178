"""The lock on a card: tries on the card and at the provider, through every cut (attack 40)."""

import json
import multiprocessing
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from idp.cards.states import CardState
from tests.wallet.cards import MadeCard, block, make
from tests.wallet.cut import enter_code_until, unblock_until
from tests.wallet.helpers import Network
from wallet_sim.card.errors import (
    CardNotRecognised,
    CodeBlocked,
    CodeMalformed,
    UnblockBlocked,
    WrongCode,
    WrongUnblockCode,
)
from wallet_sim.errors import NoAnswer
from wallet_sim.keys import make_device_key
from wallet_sim.serving import serve

NEW_CODE = "2580"
SLOWEST = 60  # seconds for one process


@pytest.fixture
def made(app: Flask, tmp_path: Path) -> MadeCard:
    return make(app, tmp_path / "cards")


@pytest.mark.parametrize("code", ["", "123", "12345", "12a4", "١٢٣٤"])
def test_what_is_no_code_costs_no_try(made: MadeCard, code: str) -> None:
    with made.insert() as card, pytest.raises(CodeMalformed):
        card.enter_code(code)
    assert (made.state.code.tries_left, made.row().tries_left) == (3, 3)


def test_a_wrong_code_costs_a_try_on_the_card_and_at_the_provider(made: MadeCard) -> None:
    """Decision 31."""
    with made.insert() as card, pytest.raises(WrongCode) as wrong:
        card.enter_code(made.wrong_code)
    assert wrong.value.tries_left == 2
    assert (made.state.code.tries_left, made.row().tries_left) == (2, 2)


def test_three_wrong_codes_block_the_card_for_good_even_for_the_right_one(made: MadeCard) -> None:
    """Attack 40, decision 31: it persists when the card is taken out and inserted again."""
    block(made)
    for _ in range(2):
        with made.insert() as card, pytest.raises(CodeBlocked) as blocked:
            card.enter_code(made.code)
        assert blocked.value.unblock_tries_left == 3
    assert made.state.code.tries_left == 0
    assert made.row().state == CardState.BLOQUEE


def test_the_right_code_fills_both_counters_again(made: MadeCard) -> None:
    with made.insert() as card:
        for _ in range(2):
            with pytest.raises(WrongCode):
                card.enter_code(made.wrong_code)
        card.enter_code(made.code)
    assert (made.state.code.tries_left, made.row().tries_left) == (3, 3)


def test_an_old_copy_of_the_file_does_not_bring_tries_back(made: MadeCard, tmp_path: Path) -> None:
    """Attack 40, decision 31: the provider counts the tries of every copy together."""
    copy = made.copy(tmp_path / "thief")
    block(made)
    assert copy.state.code.tries_left == 3
    with copy.insert() as card, pytest.raises(CodeBlocked):
        card.enter_code(made.code)
    assert copy.state.code.tries_left == 0


def test_a_copy_learns_how_many_tries_are_really_left(made: MadeCard, tmp_path: Path) -> None:
    """Decision 31."""
    copy = made.copy(tmp_path / "thief")
    with made.insert() as card, pytest.raises(WrongCode):
        card.enter_code(made.wrong_code)
    with copy.insert() as card, pytest.raises(WrongCode) as wrong:
        card.enter_code(made.wrong_code)
    assert wrong.value.tries_left == 1


def test_a_stranger_to_the_card_key_burns_no_try(made: MadeCard) -> None:
    """Docs/cards.md 3: only the card itself is recognised."""
    text = json.loads(made.path.read_text())
    other = json.loads(made.path.read_text())["card_key"]
    other["d"], other["x"], other["y"] = _another_key()
    made.path.write_text(json.dumps(text | {"card_key": other}))
    with made.insert() as card, pytest.raises(CardNotRecognised):
        card.enter_code(made.wrong_code)
    assert made.row().tries_left == 3


def test_a_provider_out_of_reach_costs_no_try(app: Flask, made: MadeCard) -> None:
    network = Network(app)
    made.transport = network
    with (
        network.cut("/configuration", request_lost=True),
        made.insert() as card,
        pytest.raises(NoAnswer),
    ):
        card.enter_code(made.code)
    assert made.state.code.tries_left == 3


@pytest.mark.parametrize("path", ["/presentations", "/held"])
@pytest.mark.parametrize("request_lost", [True, False])
def test_an_answer_that_is_lost_costs_a_try_at_most(
    app: Flask, made: MadeCard, path: str, *, request_lost: bool
) -> None:
    """Attack 40: and the right code opens the card afterwards."""
    network = Network(app)
    made.transport = network
    with made.insert() as card:
        with network.cut(path, request_lost=request_lost), pytest.raises(NoAnswer):
            card.enter_code(made.code)
        assert made.state.code.tries_left == 2
        assert made.row().tries_left in {2, 3}
        card.enter_code(made.code)
    assert (made.state.code.tries_left, made.row().tries_left) == (3, 3)


def test_the_unblocking_code_gives_a_new_code_and_full_counters(made: MadeCard) -> None:
    block(made)
    with made.insert() as card:
        card.unblock(made.unblock_code, NEW_CODE).sign(b"opened")
    assert made.row().state == CardState.ACTIVE
    assert (made.state.code.tries_left, made.state.unblock.tries_left) == (3, 3)
    with made.insert() as card:
        card.enter_code(NEW_CODE)
        if made.code != NEW_CODE:
            with pytest.raises(WrongCode):
                card.enter_code(made.code)


def test_three_wrong_unblocking_codes_end_the_card(made: MadeCard, tmp_path: Path) -> None:
    """Attack 40: the unblocking code is limited too, on the card and for every copy."""
    copy = made.copy(tmp_path / "thief")
    block(made)
    with made.insert() as card:
        for left in (2, 1, 0):
            with pytest.raises(WrongUnblockCode) as wrong:
                card.unblock(made.wrong_unblock_code, NEW_CODE)
            assert wrong.value.tries_left == left
    for each in (made, copy):
        with each.insert() as card:
            with pytest.raises(UnblockBlocked):
                card.unblock(made.unblock_code, NEW_CODE)
            with pytest.raises(UnblockBlocked):
                card.enter_code(made.code)
    assert made.row().state == CardState.BLOQUEE


def test_a_new_code_of_another_form_costs_no_try(made: MadeCard) -> None:
    with made.insert() as card, pytest.raises(CodeMalformed):
        card.unblock(made.unblock_code, "12345")
    assert made.row().unblock_tries_left == 3


@pytest.fixture
def served(app: Flask, made: MadeCard) -> Iterator[MadeCard]:
    """The card of a provider that other processes reach."""
    with serve(app, host="127.0.0.1", port=0) as port:
        content = json.loads(made.path.read_text())
        made.path.write_text(json.dumps(content | {"base_url": f"http://127.0.0.1:{port}"}))
        yield made


def _run(target: Any, *arguments: Any) -> int:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.wallet.cut"])
    process = context.Process(target=target, args=arguments)
    process.start()
    process.join(SLOWEST)
    assert process.exitcode is not None
    return process.exitcode


def test_a_kill_at_any_point_of_a_wrong_try_never_gives_one(served: MadeCard) -> None:
    """Attack 40: SIGKILL before and after every write and every request, then a restart.

    What the provider has counted the card has counted before; the wrong code stays wrong.
    """
    point = 0
    while _run(enter_code_until, served.path, served.wrong_code, point) == -signal.SIGKILL:
        on_card, at_provider = served.state.code.tries_left, served.row().tries_left
        assert 2 <= on_card <= at_provider <= 3, point
        with served.insert() as card:
            with pytest.raises(WrongCode) as wrong:
                card.enter_code(served.wrong_code)
            assert wrong.value.tries_left == on_card - 1
            card.enter_code(served.code)
        assert served.state.code.tries_left == 3
        point += 1
    assert point == 10


def test_a_kill_at_any_point_of_a_right_try_costs_one_at_most(served: MadeCard) -> None:
    """Attack 40: the file is whole, and the right code opens the card after the restart."""
    point = 0
    while _run(enter_code_until, served.path, served.code, point) == -signal.SIGKILL:
        assert served.state.code.tries_left in {2, 3}, point
        assert served.row().tries_left in {2, 3}, point
        with served.insert() as card:
            card.enter_code(served.code)
        assert served.state.code.tries_left == 3
        point += 1
    assert point == 18


def test_a_kill_during_the_last_try_leaves_the_card_blocked(served: MadeCard) -> None:
    """Attack 40: a power cut between the count and the comparison is no way to a fourth try."""
    before_the_comparison = 9
    with served.insert() as card:
        for _ in range(2):
            with pytest.raises(WrongCode):
                card.enter_code(served.wrong_code)
    killed = _run(enter_code_until, served.path, served.wrong_code, before_the_comparison)
    assert killed == -signal.SIGKILL
    with served.insert() as card, pytest.raises(CodeBlocked):
        card.enter_code(served.code)
    assert served.row().state == CardState.BLOQUEE


def test_a_kill_while_unblocking_leaves_a_code_that_opens(served: MadeCard) -> None:
    """Attack 40: the old code or the new one, never neither; at most one unblocking try is gone."""
    for point in (7, 9, 11, 13, 15, 17):
        assert _run(unblock_until, served.path, served.unblock_code, NEW_CODE, point) == -9
        assert served.state.unblock.tries_left in {2, 3}, point
        with served.insert() as card:
            card.unblock(served.unblock_code, served.code)
            card.enter_code(served.code)
        assert (served.state.code.tries_left, served.state.unblock.tries_left) == (3, 3)


def _another_key() -> tuple[str, str, str]:
    members = make_device_key().as_dict(private=True)
    return str(members["d"]), str(members["x"]), str(members["y"])
