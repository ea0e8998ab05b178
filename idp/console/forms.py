"""What a form of the console said, and what is wrong with it, field by field (RGAA 11.10)."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from flask_babel import gettext as _

_LONGEST = 200


class Form:
    """The texts that were typed, kept to be shown again, and the errors found in them."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given = given
        self.errors: dict[str, str] = {}
        self.status = HTTPStatus.BAD_REQUEST
        """With which the page is shown again, where something is wrong."""

    def __getitem__(self, name: str) -> str:
        """What stands in a field, without the spaces around it."""
        return self.given.get(name, "").strip()

    def error(self, name: str) -> str:
        """What is wrong with a field; empty where nothing is."""
        return self.errors.get(name, "")

    def refuse(self, name: str, text: str) -> None:
        """Note what is wrong with a field; the first thing counts."""
        self.errors.setdefault(name, text)

    def refuse_act(self, text: str) -> None:
        """Note why what is asked for cannot be done as things stand, whatever was typed."""
        self.refuse("act", text)
        self.status = HTTPStatus.CONFLICT

    def text(self, name: str, missing: str) -> str:
        """A text that must be there, and short enough for the directory."""
        typed = self[name]
        if not typed:
            self.refuse(name, missing)
        elif len(typed) > _LONGEST or not typed.isprintable():
            self.refuse(name, _("Ce texte est trop long, ou contient un caractère interdit."))
        return typed

    def choice(self, name: str, options: Iterable[Any], missing: str) -> str:
        """One of the values that the page offers."""
        typed = self[name]
        if typed not in set(options):
            self.refuse(name, missing)
        return typed

    @property
    def is_refused(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.errors)


def options(table: Mapping[str, Any], *, none: str = "") -> list[tuple[str, str]]:
    """A table of codes as a list of choices: the code stands beside its label."""
    first = [("", none)] if none else []
    return first + [(code, f"{code} – {label}") for code, label in table.items()]


def lines(text: str) -> list[str]:
    """The lines of a text that say something, without repetition."""
    return list(dict.fromkeys(line for line in map(str.strip, text.splitlines()) if line))
