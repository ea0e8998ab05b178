"""A card's process that is killed at a chosen point: imports the simulator and nothing else."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from wallet_sim.card.card import insert
from wallet_sim.card.errors import WrongCode, WrongUnblockCode

RIGHT, WRONG = 0, 1


def enter_code_until(path: Path, code: str, point: int) -> None:
    """Type a code, and die by SIGKILL before or after the write or request of this number."""
    _cut_at(point)
    with insert(path) as card:
        try:
            card.enter_code(code)
        except WrongCode:
            os._exit(WRONG)
    os._exit(RIGHT)


def unblock_until(path: Path, unblock_code: str, new_code: str, point: int) -> None:
    """The same, of the unblocking code."""
    _cut_at(point)
    with insert(path) as card:
        try:
            card.unblock(unblock_code, new_code)
        except WrongUnblockCode:
            os._exit(WRONG)
    os._exit(RIGHT)


def _cut_at(point: int) -> None:
    passed = -1

    def pass_point() -> None:
        nonlocal passed
        passed += 1
        if passed == point:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            pass_point()
            result = function(*arguments, **named)
            pass_point()
            return result

        return call

    os.fsync = around(os.fsync)
    Path.replace = around(Path.replace)  # type: ignore[method-assign]
    httpx.Client.send = around(httpx.Client.send)  # type: ignore[method-assign]
