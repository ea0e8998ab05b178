"""The phones of a screen: each with a name, a home of its own, and its addresses."""

import re
import threading
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from werkzeug.routing import Map

from wallet_sim.errors import NameRefused, RackFull
from wallet_sim.phone import Phone
from wallet_sim.receiver import Receiver

PHONES_PATH = "/phones"
MOST_PHONES = 12
"""Phones on one screen."""

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,22}[a-z0-9])?")
_NOT_A_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Placed:
    """A phone in its place."""

    name: str
    phone: Phone
    receiver: Receiver
    addresses: Map
    """What it answers to, below its path."""

    @property
    def path(self) -> str:
        """Where its pages stand on the screen."""
        return path_of(self.name)


Place = Callable[[str, Path], Placed]
"""Switches on the phone of a name and a home."""


def path_of(name: str) -> str:
    """Where the pages of a phone of this name stand."""
    return f"{PHONES_PATH}/{name}"


def name_of(typed: str) -> str:
    """What a typed name becomes in an address: small letters, digits and hyphens.

    Raises:
        NameRefused: nothing of it is left, or it is longer than 24 characters.
    """
    plain = unicodedata.normalize("NFKD", typed).encode("ascii", "ignore").decode().lower()
    name = _NOT_A_NAME.sub("-", plain).strip("-")
    if not _NAME.fullmatch(name):
        raise NameRefused("a name has 1 to 24 letters, digits and hyphens")
    return name


class Rack:
    """Phones side by side; one may be added while they are on.

    Args:
        homes: names and homes of the phones to begin with.
        more: the folder in which phones that a person adds have their homes; those that lie
            there already are switched on too.
        place: switches a phone on.
    """

    def __init__(self, homes: Mapping[str, Path], more: Path, place: Place) -> None:
        self._more = more
        self._place = place
        self._adding = threading.Lock()
        kept = {each.parent.name: each.parent for each in sorted(more.glob("*/phone.json"))}
        found = {name: home for name, home in kept.items() if _NAME.fullmatch(name)}
        chosen = found | dict(homes)
        ordered = [*homes, *(name for name in found if name not in homes)]
        self._placed = {name: place(name, chosen[name]) for name in ordered}

    def __iter__(self) -> Iterator[Placed]:
        return iter(list(self._placed.values()))

    def close(self) -> None:
        """Close the phones' connections."""
        for each in self:
            each.phone.close()

    def find(self, name: str) -> Placed | None:
        """The phone of this name."""
        return self._placed.get(name)

    def add(self, typed: str) -> Placed:
        """Switch on an empty phone.

        Raises:
            NameRefused: it is no name, or another phone has it.
            RackFull: there are enough.
        """
        name = name_of(typed)
        with self._adding:
            if name in self._placed:
                raise NameRefused(f"a phone is called {name} already")
            if len(self._placed) >= MOST_PHONES:
                raise RackFull(f"a screen shows {MOST_PHONES} phones at most")
            self._placed[name] = self._place(name, self._more / name)
        return self._placed[name]
