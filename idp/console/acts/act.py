"""What the console can change: an act, said once, carried out by one door (`asking.ask`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from idp.provider import Provider

Arguments = Mapping[str, Any]
"""JSON values that an act needs beside its subject."""


class ActImpossible(Exception):
    """An act cannot be carried out as things stand: the world may have changed meanwhile."""

    def __init__(self, text: Any) -> None:
        super().__init__("the act cannot be carried out as things stand")
        self.text = text
        """Why, for the operators: a translated text."""


@dataclass(frozen=True)
class Act:
    """One thing that an operator may change."""

    name: str
    """`services.secret`: the part, and what is done."""
    title: Any
    """What people read: a lazily translated text."""
    role: str
    """The role that asking and approving take."""
    second: bool
    """Whether another operator must agree, outside a development session."""
    show: Callable[[Arguments], list[str]]
    """What will happen, line by line, for the one who agrees: no secret in it."""
    carry_out: Callable[[Provider, Session, str, Arguments], dict[str, str] | None]
    """Do it, to the subject; gives what is shown once to who asked, by its name.

    Raises ActImpossible where it cannot be done any more.
    """
