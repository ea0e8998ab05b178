"""A card whose holder puts it in a reader and types codes: by a script, with its real keys.

    card = ActingCard(reader, "9700000001", "1234")
    card.on_sign_in({"do": "wrong_code", "times": 2})
    redirect = card.sign_in(handle_of(address_of_the_reader_page)).redirect

What the authority of the cards does to a card, opposition or the end of its time, is done at the
provider: `/dev/v1/ans/cards/…`, and its clock.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from wallet_sim.behaviours.card_catalogue import CARD_CATALOGUE
from wallet_sim.behaviours.catalogue import Behaviour
from wallet_sim.behaviours.hand import other_digits
from wallet_sim.behaviours.script import Given, Script
from wallet_sim.card.errors import CardError, CodeBlocked, SignInRefused, WrongCode
from wallet_sim.card.reader import Reader
from wallet_sim.errors import PhoneError


class UnblockCodeMissing(CardError):
    """The letter of the card tells its unblocking code too: the acting card was not given it."""

    code = "unblock_code_missing"


class CodeNotItsOwn(CardError):
    """The code that an acting card was given is not the one in its letter."""

    code = "code_not_its_own"


@dataclass(frozen=True)
class CardActed:
    """What the holder of a card did when it was asked for."""

    handle: str
    behaviour: Behaviour
    outcome: str
    """`signed_in`, `ignored`, or the code of what refused it."""
    tries: int
    """Codes that were typed."""
    error: str | None = None
    """In words, what went wrong, wanted or not."""
    redirect: str | None = None
    """Where the browser that began goes on, once signed in; worth nothing in another."""

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "handle": self.handle,
            "behaviour": self.behaviour.as_json(),
            "outcome": self.outcome,
            "tries": self.tries,
            "error": self.error,
            "redirect": self.redirect,
        }


class ActingCard:
    """A card, and the person who holds it.

    Args:
        reader: a reader at hand; it holds this card while it acts, and no longer.
        number: the card's.
        code: its holder's code.
        unblock_code: for the behaviour `unblock`.
        script: what is done with which sign-in, of `CARD_CATALOGUE`; signs in to all, where none
            is given.
    """

    def __init__(
        self,
        reader: Reader,
        number: str,
        code: str,
        *,
        unblock_code: str = "",
        script: Script | None = None,
    ) -> None:
        self.number = number
        self.script = script or card_script()
        self.acted: list[CardActed] = []
        """What was done, oldest first."""
        self._reader = reader
        self.code = code
        """What its holder types as the right one."""
        self._unblock_code = unblock_code
        self._tries = 0
        self._acts: Mapping[str, Callable[[str, Behaviour], tuple[str, str | None]]] = {
            "sign_in": self._sign_in,
            "wrong_code": self._wrong_code,
            "until_blocked": self._until_blocked,
            "unblock": self._unblock,
            "withdraw": self._withdraw,
            "ignore": self._ignore,
        }

    def on_sign_in(self, *behaviours: Given, then: Given | None = None) -> None:
        """Say what is done with the next sign-ins, one each, and with all that follow.

        Raises:
            BehaviourRefused: one of them is no behaviour of a card.
        """
        self.script.add(*behaviours, then=then)

    def sign_in(self, handle: str) -> CardActed:
        """Do what the script says with the sign-in of this handle; the card is then taken out.

        A refusal is an outcome: it is told in what is given, and not raised.
        """
        behaviour = self.script.next()
        self._tries = 0
        try:
            outcome, redirect, error = *self._acts[behaviour.name](handle, behaviour), None
        except SignInRefused as refused:
            outcome, redirect, error = refused.reason, None, str(refused)
        except PhoneError as refused:
            outcome, redirect, error = refused.code, None, str(refused)
        finally:
            self._reader.remove()
        acted = CardActed(handle, behaviour, outcome, self._tries, error, redirect)
        self.acted.append(acted)
        return acted

    @contextmanager
    def opened(self) -> Iterator[Reader]:
        """The reader with this card in it, its code typed, for as long as the block runs.

        Raises:
            WrongCode, CodeBlocked: the code is not the card's; what it cost is as always.
        """
        try:
            self._reader.insert(self.number)
            self._reader.enter_code(self.code)
            yield self._reader
        finally:
            self._reader.remove()

    def _sign_in(self, handle: str, _: Behaviour) -> tuple[str, str | None]:
        self._reader.insert(self.number)
        self._type(self.code)
        return "signed_in", self._reader.sign_in(handle).redirect

    def _wrong_code(self, handle: str, behaviour: Behaviour) -> tuple[str, str | None]:
        self._reader.insert(self.number)
        for _ in range(behaviour["times"]):
            self._type_wrong_code()
        return self._sign_in(handle, behaviour)

    def _until_blocked(self, handle: str, _: Behaviour) -> tuple[str, str | None]:
        del handle
        self._block()
        return CodeBlocked.code, None

    def _unblock(self, handle: str, behaviour: Behaviour) -> tuple[str, str | None]:
        if not self._unblock_code:
            raise UnblockCodeMissing("give the acting card its unblock_code, as the letter has it")
        self._block()
        self._reader.unblock(self._unblock_code, self.code)
        return self._sign_in(handle, behaviour)

    def _withdraw(self, handle: str, _: Behaviour) -> tuple[str, str | None]:
        self._reader.insert(self.number)
        self._type(self.code)
        self._reader.remove()
        return "signed_in", self._reader.sign_in(handle).redirect

    def _ignore(self, handle: str, _: Behaviour) -> tuple[str, str | None]:
        del handle
        return "ignored", None

    def _block(self) -> None:
        self._reader.insert(self.number)
        while self._type_wrong_code():
            pass

    def _type(self, code: str) -> None:
        self._tries += 1
        self._reader.enter_code(code)

    def _type_wrong_code(self) -> int:
        """Type a wrong code; gives the tries that are left."""
        try:
            self._type(other_digits(self.code))
        except WrongCode as refused:
            return refused.tries_left
        except CodeBlocked:
            return 0
        raise CodeNotItsOwn(
            "the code that this card was given is not its own: a wrong one was right"
        )


def card_script(steps: Iterable[Given] = (), then: Given = "sign_in") -> Script:
    """A script for a card. Raises `BehaviourRefused`."""
    return Script(steps, then, catalogue=CARD_CATALOGUE)
