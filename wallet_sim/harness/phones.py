"""Phones that hold an e-CPS, activated by the real journey, that answer by themselves."""

import contextlib
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wallet_sim.behaviours.acting_phone import Acted, ActingPhone, Snapshot
from wallet_sim.behaviours.activation import activate
from wallet_sim.behaviours.identities import provide_identities
from wallet_sim.behaviours.line import Condition
from wallet_sim.behaviours.pool import PhonePool
from wallet_sim.behaviours.script import Script
from wallet_sim.behaviours.sight import Sight
from wallet_sim.dev_provider import DevProvider
from wallet_sim.harness.people import People, Person
from wallet_sim.phone import Phone

_LOOK_EVERY = 0.4
"""Seconds between two looks of a phone that no login driver waits for."""


class HeldPhone:
    """A phone and the person who holds it: it approves every request unless told otherwise.

    Args:
        acting: the phone, with its e-CPS, and what it does.
        person: whose it is.
        revocation_code: ends this e-CPS on the provider's portal, where it is known here.
        name: in the pool of phones; drawn where none is given.
    """

    def __init__(
        self,
        acting: ActingPhone,
        person: Person,
        revocation_code: str = "",
        *,
        name: str = "",
    ) -> None:
        self.acting = acting
        self.person = person
        self.revocation_code = revocation_code
        self.name = name or f"{person.national_id}-{secrets.token_hex(4)}"
        """In the pool."""
        self.device_id = acting.phone.device_id() or ""
        """The provider's name for it."""

    @property
    def pin(self) -> str:
        """What its person types."""
        return self.acting.pin

    def on_challenge(self, behaviour: str, **parameters: Any) -> "HeldPhone":
        """Say what is done with the next request that nothing was said of yet.

        Args:
            behaviour: a name of the catalogue (docs/testing/phones.md).
            parameters: its own, such as `times` of `wrong_pin`.

        Raises:
            BehaviourRefused: no such behaviour or parameter.
        """
        self.acting.on_challenge({"do": behaviour, **parameters})
        return self

    def then(self, behaviour: str, **parameters: Any) -> "HeldPhone":
        """Say what is done with all requests that follow those of `on_challenge`.

        Raises:
            BehaviourRefused: no such behaviour or parameter.
        """
        self.acting.on_challenge(then={"do": behaviour, **parameters})
        return self

    @property
    def acted(self) -> list[Acted]:
        """What the phone did, oldest first."""
        return self.acting.acted

    def change_pin(self, old: str, new: str) -> None:
        """Change the PIN, as the person does in the app; it is typed from then on.

        Raises:
            PinRefused: the policy forbids the new one.
            WrongPin, Locked, Blocked: as for an approval; nothing changed.
        """
        self.acting.change_pin(old, new)

    def network(self, condition: Condition) -> None:
        """Change the phone's network until it is changed again."""
        self.acting.network(condition)

    def set_posture(
        self,
        *,
        rooted: bool | None = None,
        official_store: bool | None = None,
        sim: str | None = None,
    ) -> None:
        """Change what the phone declares of itself from now on (EC-28)."""
        self.acting.set_posture(rooted=rooted, official_store=official_store, sim=sim)


class Phones:
    """The phones of one provider's people, each with a folder of its own."""

    def __init__(self, provider: DevProvider, folder: Path, sight: Sight) -> None:
        self._provider = provider
        self._folder = folder
        self._sight = sight
        self._held: list[HeldPhone] = []
        self._pool: PhonePool | None = None

    def enrol(self, person: Person, pin: str) -> HeldPhone:
        """Activate an e-CPS: identifier, QR of the mail, code of the SMS, PIN (decision 17).

        Raises:
            CannotActivate: with the true reason.
            PinRefused: the policy forbids the PIN.
        """
        phone = _switch_on(self._folder / f"phone-{secrets.token_hex(4)}")
        with contextlib.ExitStack() as stack:
            stack.callback(phone.close)
            activated = activate(phone, self._provider, person.national_id, pin)
            stack.pop_all()
        acting = ActingPhone(phone, pin, self._sight, Script())
        return self._hold(HeldPhone(acting, person, activated.revocation_code))

    def clone(self, held: HeldPhone) -> HeldPhone:
        """Another phone with a copy of this one's file, as a thief who knows the PIN has it."""
        copied = held.acting.clone(Script())
        return self._hold(HeldPhone(copied, held.person, held.revocation_code))

    def provide(self, only: Sequence[str] = ()) -> list[HeldPhone]:
        """Make people and phones of the table of identities, as new (docs/testing/identities.md).

        Args:
            only: their numbers; all of the table where none are given.

        Raises:
            IdentityUnknown: a number is not in the table.
        """
        folder = self._folder.with_name("identities")
        made = provide_identities(
            self._provider,
            self._running_pool(),
            folder,
            only=list(only) or None,
            switch_on=_switch_on,
        )
        held = []
        for each in made:
            self._held = [one for one in self._held if one.name != each.identity.national_id]
            if each.phone is not None:
                person = People(self._provider).find(each.identity.national_id)
                held.append(HeldPhone(each.phone, person, name=person.national_id))
        self._held += held
        return held

    def give_up(self, held: HeldPhone) -> None:
        """Delete the e-CPS, as its holder does in the app, and put the phone away."""
        held.acting.phone.delete()
        self.put_away(held)

    def put_away(self, held: HeldPhone) -> None:
        """Switch a phone off for good; the provider is not told."""
        self._held.remove(held)
        self._running_pool().remove(held.name)

    def of(self, national_id: str) -> list[HeldPhone]:
        """The phones of a person."""
        return [held for held in self._held if held.person.national_id == national_id]

    def answer(self, national_id: str) -> bool:
        """Let the phones of a person do what is due; False once nothing more comes by itself."""
        phones = self.of(national_id)
        for held in phones:
            held.acting.react()
        return any(held.acting.next_due() is not None for held in phones)

    def story(self, national_id: str) -> Callable[[], str]:
        """What the phones of a person do from now on, for a message."""
        before = {held.name: len(held.acted) for held in self.of(national_id)}

        def tell() -> str:
            phones = self.of(national_id)
            if not phones:
                return "nothing: this person has no phone here; psc.phone(person) activates one"
            acts = [a for held in phones for a in held.acted[before.get(held.name, 0) :]]
            # What keeps a phone from looking was told when it began, maybe before this login.
            kept_off = "; ".join(filter(None, (held.acting.trouble for held in phones)))
            nothing = f"nothing: {kept_off or 'no request reached it'}"
            dues = (held.acting.next_due() for held in phones)
            later = [_later(due) for due in dues if due is not None]
            return "; ".join([*map(_in_words, acts), *later]) or nothing

        return tell

    def _hold(self, held: HeldPhone) -> HeldPhone:
        self._running_pool().add(held.name, held.acting)
        self._held.append(held)
        return held

    def settle(self, timeout: float = 10.0) -> None:
        """Wait until no phone has anything left to do now.

        Raises:
            NotSettled: not within so many seconds.
        """
        if self._pool is not None:
            self._pool.settle(timeout)

    def snapshot(self) -> dict[str, Snapshot]:
        """The files of all phones as they are now, by their names in the pool."""
        self.settle()
        return {held.name: held.acting.snapshot() for held in self._held}

    def restore(self, kept: dict[str, Snapshot]) -> None:
        """Put the files of phones back; phones that were not there then are put away."""
        for held in list(self._held):
            if held.name in kept:
                held.acting.restore(kept[held.name])
            else:
                self.put_away(held)

    def close(self) -> None:
        """End what the phones do, and close every connection."""
        if self._pool is not None:
            self._pool.stop()

    def _running_pool(self) -> PhonePool:
        # A thread only where there are phones.
        if self._pool is None:
            self._pool = PhonePool(threads=1, look_every=_LOOK_EVERY)
            self._pool.start()
        return self._pool


def _switch_on(home: Path) -> Phone:
    # A `--dev` provider beyond this machine serves plain HTTP by a word of its own (decision 2).
    return Phone(home, insecure_http=True)


def _later(due: float) -> str:
    return f"it answers at {datetime.fromtimestamp(due, UTC):%H:%M:%S} UTC by the provider's clock"


def _in_words(acted: Acted) -> str:
    behaviour = str(acted.behaviour) if acted.behaviour else "looked"
    told = f"{behaviour} -> {acted.outcome}"
    if acted.tries:
        told += f", {acted.tries} PIN typed" if acted.tries == 1 else f", {acted.tries} PINs typed"
    return f"{told} ({acted.error})" if acted.error else told
