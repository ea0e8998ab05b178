"""The code of the card and its tries, across restarts and copies (attack 40)."""

from pathlib import Path

import pytest
from flask import Flask

from idp import create_app
from idp.cards.states import CardState
from idp.settings import Settings
from tests.attacks.cards.helpers import Wire
from tests.wallet.cards import MadeCard, block, make
from tests.wallet.helpers import Network
from wallet_sim.card.errors import (
    CodeBlocked,
    UnblockBlocked,
    WrongCode,
    WrongUnblockCode,
)
from wallet_sim.errors import (
    NoAnswer,
)


@pytest.fixture
def made(app: Flask, tmp_path: Path) -> MadeCard:
    return make(app, tmp_path / "cards")


def restarted(made: MadeCard, settings: Settings) -> MadeCard:
    """The card before a provider that was started anew on its database."""
    return MadeCard(create_app(settings), made.path, made.code, made.unblock_code)


def test_three_wrong_codes_block_the_card_across_restarts(
    made: MadeCard, settings: Settings
) -> None:
    """Attack 40 (3 wrong; restart): of the card, and of the provider."""
    for left in (2, 1, 0):
        made = restarted(made, settings)
        with made.insert() as card, pytest.raises(WrongCode) as refused:
            card.enter_code(made.wrong_code)
        assert refused.value.tries_left == left
    made = restarted(made, settings)
    with made.insert() as card, pytest.raises(CodeBlocked):
        card.enter_code(made.code)
    assert made.row().state == CardState.BLOQUEE


def test_pulling_the_plug_before_each_comparison_gives_no_fourth_try(
    app: Flask, made: MadeCard
) -> None:
    """Attack 40 (power cut between count and comparison): each cost a try, seen or not.

    `tests/wallet/test_card_lock.py` kills the process at every point.
    """
    network = Network(app)
    made.transport = network
    for _ in range(3):
        with (
            network.cut("/presentations", request_lost=False),
            made.insert() as card,
            pytest.raises(NoAnswer),
        ):
            card.enter_code(made.wrong_code)
    with made.insert() as card, pytest.raises(CodeBlocked):
        card.enter_code(made.code)
    assert made.row().state == CardState.BLOQUEE


def test_a_copy_of_the_card_has_no_tries_of_its_own(made: MadeCard, tmp_path: Path) -> None:
    """Attack 40, decision 31: a file put back as it was."""
    copies = [made.copy(tmp_path / f"copy-{n}") for n in range(3)]
    for copy in copies:
        with copy.insert() as card, pytest.raises(WrongCode):
            card.enter_code(made.wrong_code)
    with made.insert() as card, pytest.raises(CodeBlocked):
        card.enter_code(made.code)


def test_the_unblocking_code_is_limited_across_restarts_and_copies(
    made: MadeCard, settings: Settings, tmp_path: Path
) -> None:
    """Attack 40 (unblock code limited): afterwards the card is good for nothing."""
    copy = made.copy(tmp_path / "copy")
    block(made)
    for left in (2, 1, 0):
        made = restarted(made, settings)
        with made.insert() as card, pytest.raises(WrongUnblockCode) as refused:
            card.unblock(made.wrong_unblock_code, "4826")
        assert refused.value.tries_left == left
    for each in (restarted(made, settings), restarted(copy, settings)):
        with each.insert() as card, pytest.raises(UnblockBlocked):
            card.unblock(each.unblock_code, "4826")


def test_a_card_blocked_by_its_copy_signs_nobody_in_where_it_is_open(
    wire: Wire, tmp_path: Path
) -> None:
    """Attack 40, decision 31: the provider's count decides."""
    made = wire.make()
    copy = made.copy(tmp_path / "copy")
    with made.insert() as card:
        opened = card.enter_code(made.code)
        block(copy)
        assert wire.reason(opened) == "card_blocked"
