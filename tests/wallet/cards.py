"""Cards of a provider in this process: made, with the codes that their letters tell."""

import contextlib
import shutil
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from flask import Flask

from idp.outbox.reading import read_outbox
from idp.store.cards import find_card
from idp.store.models import Card as CardRow
from tests.conftest import DEV_SECRET, provider_of
from wallet_sim.card.card import Card, insert
from wallet_sim.card.errors import WrongCode
from wallet_sim.card.file import SUFFIX, CardState, look
from wallet_sim.card.maker import make_card
from wallet_sim.dev_provider import DevProvider

ACTIVE = "9700000001"
RECEIVED = "9700000017"


@dataclass
class MadeCard:
    """A card's file, and what its letter says."""

    app: Flask
    path: Path
    code: str
    unblock_code: str
    transport: httpx.BaseTransport | None = field(default=None)

    @property
    def state(self) -> CardState:
        return look(self.path)

    @property
    def wrong_code(self) -> str:
        return f"{(int(self.code) + 1) % 10_000:04}"

    @property
    def wrong_unblock_code(self) -> str:
        return f"{(int(self.unblock_code) + 1) % 100_000_000:08}"

    def insert(self) -> AbstractContextManager[Card]:
        return insert(
            self.path,
            transport=self.transport or httpx.WSGITransport(app=self.app),
            clock=provider_of(self.app).clock,
        )

    def row(self) -> CardRow:
        """The card as its register knows it."""
        with provider_of(self.app).store.read() as db:
            row = find_card(db, self.state.number)
        assert row is not None
        return row

    def copy(self, folder: Path) -> "MadeCard":
        """Another card of the same file, as a thief would make it."""
        folder.mkdir(mode=0o700, exist_ok=True)
        target = folder / self.path.name
        shutil.copy(self.path, target)
        return MadeCard(self.app, target, self.code, self.unblock_code)


def make(app: Flask, folder: Path, number: str = ACTIVE, module: str | None = None) -> MadeCard:
    """Make a card of the sample, and open its letter."""
    transport = httpx.WSGITransport(app=app)
    dev = DevProvider(provider_of(app).settings.base_url, DEV_SECRET, transport=transport)
    path = folder / f"{number}{SUFFIX}"
    made = make_card(path, number, dev, module=module, transport=transport)
    letter = letter_of(app, number, str(made.face["national_id"]))
    return MadeCard(app, path, letter["code"], letter["unblock_code"])


def letter_of(app: Flask, number: str, national_id: str) -> dict[str, Any]:
    """What the letter with the codes of a card says (CP-06)."""
    letters = [m["payload"] for m in read_outbox(provider_of(app), recipients=[national_id])]
    return next(each for each in letters if each.get("card_number") == number)


def block(made: MadeCard) -> None:
    """Type three wrong codes."""
    with made.insert() as card:
        for _ in range(3):
            with contextlib.suppress(WrongCode):
                card.enter_code(made.wrong_code)
