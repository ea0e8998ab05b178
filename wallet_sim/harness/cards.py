"""Cards of people, made and activated by the real steps, and the reader they are shown in."""

import threading
from pathlib import Path
from typing import Any

from wallet_sim.behaviours.acting_card import ActingCard, CardActed
from wallet_sim.card.actions import told_of_chip
from wallet_sim.card.card import insert
from wallet_sim.card.file import SUFFIX
from wallet_sim.card.maker import make_card
from wallet_sim.card.reader import Reader, handle_of
from wallet_sim.card.trust import ServerTrust
from wallet_sim.dev_provider import DevProvider
from wallet_sim.harness.errors import CardDidNotSignIn, PersonCannotAnswer
from wallet_sim.harness.people import Person

_TO_BE_MADE = "commandee"


class HeldCard:
    """A card and the person who holds it: it signs in when a login asks, unless told otherwise.

    Args:
        acting: the card, and what its holder does.
        person: whose it is.
        at_reader: held while a card is in the reader.
    """

    def __init__(self, acting: ActingCard, person: Person, at_reader: threading.Lock) -> None:
        self.acting = acting
        self.person = person
        self._at_reader = at_reader

    @property
    def number(self) -> str:
        """The card's."""
        return self.acting.number

    @property
    def code(self) -> str:
        """What the person types; another here is typed instead."""
        return self.acting.code

    @code.setter
    def code(self, typed: str) -> None:
        self.acting.code = typed

    @property
    def acted(self) -> list[CardActed]:
        """What was done when the card was asked for, oldest first."""
        return list(self.acting.acted)

    def activate(self) -> None:
        """Activate a card of `Cards.receive`, as its holder does with the code of the letter.

        Raises:
            TransitionRefused: it is in use, or over.
        """
        with self._at_reader, self.acting.opened() as reader:
            reader.activate()

    def on_sign_in(self, behaviour: str, **parameters: Any) -> "HeldCard":
        """Say what is done with the next sign-in that nothing was said of yet.

        Args:
            behaviour: a name of the catalogue of cards (docs/testing/phones.md).
            parameters: its own, such as `times` of `wrong_code`.

        Raises:
            BehaviourRefused: no such behaviour or parameter.
        """
        self.acting.on_sign_in({"do": behaviour, **parameters})
        return self

    def then(self, behaviour: str, **parameters: Any) -> "HeldCard":
        """Say what is done with all sign-ins that follow those of `on_sign_in`.

        Raises:
            BehaviourRefused: no such behaviour or parameter.
        """
        self.acting.on_sign_in(then={"do": behaviour, **parameters})
        return self

    def sign_in(self, address: str) -> CardActed:
        """Do what was said with the sign-in that an address asks for; a refusal is an outcome.

        Args:
            address: where the sign-in page leads for a card.
        """
        with self._at_reader:
            return self.acting.sign_in(handle_of(address))

    def show(self, address: str) -> str:
        """The same; gives where the browser goes on.

        Raises:
            CardDidNotSignIn: with what was done, and what refused it.
        """
        acted = self.sign_in(address)
        if acted.redirect is None:
            raise CardDidNotSignIn(self.number, str(acted.behaviour), acted.outcome, acted.error)
        return acted.redirect

    def content(self) -> dict[str, Any]:
        """What the chip holds, as the authority signed it: `number`, `content`, `certificates`.

        The answer of `card-content` (docs/cards.md 9).

        Raises:
            WrongCode, CodeBlocked: `code` is not the card's.
        """
        with self._at_reader, self.acting.opened() as reader:
            return told_of_chip(reader.read())

    def sign(self, content: bytes) -> dict[str, Any]:
        """The holder's signature over some content (CP-14): `alg`, `certificate`, `signature`.

        What `card-sign` gives, and what `ecps-wallet card verify` takes as JSON.

        Raises:
            WrongCode, CodeBlocked: `code` is not the card's.
        """
        with self._at_reader, self.acting.opened() as reader:
            return reader.sign(content).model_dump()


class Cards:
    """The cards of one provider's people."""

    def __init__(self, provider: DevProvider, folder: Path, ca: Path | None) -> None:
        self._provider = provider
        self._folder = folder
        self._reader = Reader(folder, insert, ServerTrust(ca))
        self._at_reader = threading.Lock()
        self._held: list[HeldCard] = []

    def make(self, person: Person) -> HeldCard:
        """Make and activate the card that was ordered for a person.

        Raises:
            PersonCannotAnswer: none was ordered.
        """
        held = self.receive(person)
        held.activate()
        return held

    def receive(self, person: Person) -> HeldCard:
        """Make the card that was ordered for a person, who gets it and has not activated it yet.

        Raises:
            PersonCannotAnswer: none was ordered.
        """
        told = self._provider.ask("GET", "ans/cards", national_id=person.national_id)["cards"]
        numbers = [card["card_number"] for card in told if card["state"] == _TO_BE_MADE]
        if not numbers:
            raise PersonCannotAnswer(
                f"no card is ordered for {person.national_id}: psc.person(card=True) orders one"
            )
        number = str(numbers[0])
        self._folder.mkdir(parents=True, exist_ok=True)
        make_card(self._path(number), number, self._provider)
        self._provider.ask("POST", f"ans/cards/{number}/receipt")
        letter = self._letter(person, number)
        acting = ActingCard(
            self._reader, number, letter["code"], unblock_code=letter["unblock_code"]
        )
        held = HeldCard(acting, person, self._at_reader)
        self._held.append(held)
        return held

    def of(self, national_id: str) -> list[HeldCard]:
        """The cards of a person, as they were made."""
        return [held for held in self._held if held.person.national_id == national_id]

    def show(self, national_id: str, address: str) -> str:
        """Sign in with the newest card of a person; gives where the browser goes on.

        Raises:
            PersonCannotAnswer: the person has no card here.
        """
        held = self.of(national_id)
        if not held:
            raise PersonCannotAnswer(
                f"{national_id} has no card here: psc.card(person) makes and activates one"
            )
        return held[-1].show(address)

    def snapshot(self) -> dict[str, bytes]:
        """The files of all cards as they are now, by number."""
        return {held.number: self._path(held.number).read_bytes() for held in self._held}

    def restore(self, kept: dict[str, bytes]) -> None:
        """Put the files of cards back; cards that were not there then are thrown away."""
        for held in list(self._held):
            if held.number in kept:
                self._path(held.number).write_bytes(kept[held.number])
            else:
                self._held.remove(held)
                self._path(held.number).unlink()

    def _path(self, number: str) -> Path:
        return self._folder / f"{number}{SUFFIX}"

    def close(self) -> None:
        """Switch the reader off."""
        self._reader.close()

    def _letter(self, person: Person, number: str) -> dict[str, Any]:
        for message in self._provider.messages(person.national_id):
            if message.kind == "letter" and message.payload.get("card_number") == number:
                return message.payload
        raise PersonCannotAnswer(
            f"the letter with the code of card {number} is not there yet: start the provider with "
            "card_code_letter_delay = 0"
        )
