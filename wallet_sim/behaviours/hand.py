"""The hand that holds a phone while one request is answered."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from wallet_sim.approval import Approval
from wallet_sim.behaviours.line import Line
from wallet_sim.behaviours.sight import Sight
from wallet_sim.documents import Challenge
from wallet_sim.errors import PhoneError
from wallet_sim.phone import Phone


class NothingToMatch(PhoneError):
    """The request asks for no number: there is no wrong one."""

    code = "nothing_to_match"


class PinNotItsOwn(PhoneError):
    """The PIN that an acting phone was given is not the one that was chosen on it."""

    code = "pin_not_its_own"


class Hand:
    """A person with a phone before a page, for as long as one request lives.

    Args:
        phone: the phone.
        pin: its PIN.
        sight: what stands on the page.
        line: the phone's network.
        challenge: the request, as it was first shown.
        copy_file: gives another phone with a copy of this one's file.
    """

    def __init__(
        self,
        *,
        phone: Phone,
        pin: str,
        sight: Sight,
        line: Line,
        challenge: Challenge,
        copy_file: Callable[[], AbstractContextManager[Phone]],
    ) -> None:
        self.phone = phone
        self.sight = sight
        self.line = line
        self.challenge = challenge
        self.copy_file = copy_file
        self.tries = 0
        """PINs that were typed for this request."""
        self._pin = pin

    @property
    def wrong_pin(self) -> str:
        """A PIN of the right length that is not the phone's."""
        return other_digits(self._pin)

    def approve(self) -> Approval:
        """Type the right PIN and the number that the page shows. Raises as `Phone.approve`."""
        return self.type(self._pin, self.shown_number())

    def type(self, pin: str, number: str | None, phone: Phone | None = None) -> Approval:
        """Type a PIN and a number, on another phone where one is given."""
        self.tries += 1
        return (phone or self.phone).approve(pin, number, self.challenge)

    def type_right_pin(self, number: str) -> Approval:
        """Type the right PIN, and a number of one's own choice."""
        return self.type(self._pin, number)

    def shown_number(self) -> str | None:
        """The number that the page shows; None where nothing is to be matched."""
        if self.challenge.number is None:
            return None
        return self.sight.shown_number(self.challenge.challenge_id)

    def other_number(self) -> str:
        """A number that the phone takes and the page does not show.

        Raises:
            NothingToMatch: the request asks for none.
        """
        matching, shown = self.challenge.number, self.shown_number()
        if matching is None or shown is None:
            raise NothingToMatch("this request asks for no number: none can be wrong")
        if matching.mode == "choice":
            return next(option for option in matching.options if option != shown)
        return other_digits(shown)


@dataclass(frozen=True)
class Done:
    """What became of a request, as far as this phone knows."""

    outcome: str
    """`approved`, `refused`, `not_me`, `ignored`, or the code of what refused it."""
    error: str | None = None
    """In words, what went wrong on the way, wanted or not."""
    afterwards: str | None = None
    """What was said to a second sending, or what the phone learned when it asked."""


@dataclass(frozen=True)
class Later:
    """What is still to be done with a request."""

    due: float
    """By the provider's clock, a NumericDate with fractions."""
    act: "Step"


Step = Callable[[], Done | Later]
"""What is done with a request, or what was left to be done."""


def other_digits(digits: str) -> str:
    """As many digits, and others: always the same ones."""
    return f"{(int(digits) + 1) % 10 ** len(digits):0{len(digits)}d}"


def code_of(error: PhoneError) -> str:
    """The protocol's code of a refusal, or the phone's own."""
    received: str = getattr(error, "code_received", error.code)
    return received


def copy_of(phone: Phone, home: Path, line: Line) -> Phone:
    """Another phone with a copy of this one's file, on a network of its own: what a thief has."""
    twin = Phone(home, transport=line.beyond, clock=phone.clock, language=phone.language)
    state = phone.memory()
    if state is not None:
        with twin.file.hold() as held:
            held.begin(state)
    return twin
