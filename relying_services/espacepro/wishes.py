"""What is asked for when a delegation is created (EP-02)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

_LONGEST_NAME = 100
"""A name stands in mails: it is no place for a text."""


@dataclass(frozen=True)
class Party:
    """Whose services are to be delegated."""

    id: str
    """The national identifier."""
    name: str
    email: str = ""
    """Where this person is told of what happens; by letter where it is not known."""


@dataclass(frozen=True)
class Wish:
    """A delegation as it is asked for, each field as it was typed."""

    email: str
    """Of the delegate, agreed between both (EP-09)."""
    status: str
    services: Sequence[str]
    starts_on: date | None
    ends_on: date | None
    """The last day, included."""
    rpps: str = ""
    """RPPS number, or the identifier of an employee's card; needed for the first delegation."""
    family_name: str = ""
    given_name: str = ""

    @property
    def address(self) -> str:
        """The e-mail address in small letters: an account has one."""
        return self.email.strip().lower()

    @property
    def called(self) -> str:
        """The delegate's name as the delegator gives it; the address where none is given."""
        words = f"{self.given_name} {self.family_name}".split()
        return " ".join(words)[:_LONGEST_NAME] or self.address
