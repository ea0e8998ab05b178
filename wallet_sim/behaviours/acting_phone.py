"""A phone that answers by itself: by a script, with its real keys, and the PIN it was given.

    phone = ActingPhone(Phone(home), "4826", DevSight(provider), Script(["wrong_pin", "approve"]))
    phone.react()

Nothing here waits or listens: `wallet_sim/behaviours/pool.py` calls `react` when there is reason
to.
"""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx

from wallet_sim.behaviours.acts import act
from wallet_sim.behaviours.catalogue import Behaviour
from wallet_sim.behaviours.hand import Done, Hand, Later, Step, code_of, copy_of
from wallet_sim.behaviours.line import CONDITIONS, Condition, Line
from wallet_sim.behaviours.script import Given, Script
from wallet_sim.behaviours.sight import Sight
from wallet_sim.dev_provider import DevelopmentRefused, DevProviderRefused
from wallet_sim.documents import Challenge
from wallet_sim.errors import NoAnswer, NotEnrolled, PhoneError
from wallet_sim.file import Posture, State
from wallet_sim.phone import Phone

_KEPT = 1000
"""Requests and acts that a phone remembers."""
_OUT_OF_SIGHT = (NoAnswer, DevProviderRefused, DevelopmentRefused, httpx.TransportError)
"""What keeps a person from seeing the page or the clock, or the network from carrying."""


class ConditionRefused(ValueError):
    """A network is up, down, or loses answers."""


@dataclass(frozen=True)
class Acted:
    """What a phone did with a request, or what kept it from looking."""

    challenge_id: str
    """Empty where the phone could not even look."""
    behaviour: Behaviour | None
    outcome: str
    """`approved`, `refused`, `not_me`, `ignored`, or the code of what refused it."""
    tries: int = 0
    """PINs that were typed for this request."""
    error: str | None = None
    """In words, what went wrong on the way, wanted or not."""
    afterwards: str | None = None
    """What was said to a second sending, or what the phone learned when it asked."""

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "challenge_id": self.challenge_id,
            "behaviour": self.behaviour.as_json() if self.behaviour else None,
            "outcome": self.outcome,
            "tries": self.tries,
            "error": self.error,
            "afterwards": self.afterwards,
        }


@dataclass(frozen=True)
class Snapshot:
    """A phone's file as it was: what a backup, or a thief, has; and the PIN of that time."""

    state: State
    pin: str = field(repr=False)


@dataclass
class _Task:
    hand: Hand
    behaviour: Behaviour
    later: Later


class ActingPhone:
    """A phone and the person who holds it.

    Args:
        phone: the phone; its HTTP leaves by `line` from now on.
        pin: its PIN.
        sight: what the person sees besides the phone.
        script: what is done with which request; approves all, where none is given.
    """

    def __init__(self, phone: Phone, pin: str, sight: Sight, script: Script | None = None) -> None:
        self.phone = phone
        self.sight = sight
        self.script = script or Script()
        self.pin = pin
        """What its person types."""
        self.line = self._put_line()
        self._using = threading.RLock()
        self._met: dict[str, None] = {}
        self._tasks: list[_Task] = []
        self._acted: list[Acted] = []
        self._done: list[Acted] = []
        self._trouble = ""

    @property
    def acted(self) -> list[Acted]:
        """What was done, oldest first; the last thousand.

        What is being done is waited for: a browser may see its end before the phone does.
        """
        with self._using:
            return list(self._acted)

    def react(self) -> list[Acted]:
        """Look at what waits, and do all that is due now; gives what was done.

        A refusal is an outcome: it is told in what is given, and not raised.
        """
        with self._using:
            self._done = []
            self._look()
            for task in self._due():
                self._tasks.remove(task)
                self._go_on(task.hand, task.behaviour, task.later.act)
            return self._done

    def note(self, fault: Exception) -> None:
        """Keep among what was done a fault that nobody foresaw, once where it comes again."""
        with self._using:
            self._tell_trouble("fault", f"{type(fault).__name__}: {fault}")

    @property
    def trouble(self) -> str:
        """What keeps the phone from looking now; empty where nothing does."""
        return self._trouble

    def next_due(self) -> float | None:
        """When the next answer that waits is due by the provider's clock; None without any."""
        with self._using:
            return min((task.later.due for task in self._tasks), default=None)

    def on_challenge(self, *behaviours: Given, then: Given | None = None) -> None:
        """Say what is done with the next requests, one each, and with all that follow.

        Raises:
            BehaviourRefused: one of them is no behaviour.
        """
        with self._using:
            self.script.add(*behaviours, then=then)

    def network(self, condition: Condition) -> None:
        """Change the phone's network, until it is changed again.

        Raises:
            ConditionRefused: no network is like this.
        """
        if condition not in CONDITIONS:
            raise ConditionRefused(f"a network is one of {', '.join(CONDITIONS)}")
        self.line.condition = condition

    def set_posture(
        self,
        *,
        rooted: bool | None = None,
        official_store: bool | None = None,
        sim: str | None = None,
    ) -> Posture:
        """Change what the phone declares of itself from now on (EC-28); None leaves it."""
        with self._using:
            return self.phone.set_posture(rooted=rooted, official_store=official_store, sim=sim)

    def snapshot(self) -> Snapshot:
        """The phone's file as it is now.

        Raises:
            NotEnrolled: it holds nothing.
        """
        with self._using:
            state = self.phone.memory()
        if state is None:
            raise NotEnrolled("an empty phone has no file to keep")
        return Snapshot(state.model_copy(deep=True), self.pin)

    def restore(self, snapshot: Snapshot) -> None:
        """Put an older file back in the place of the present one, and type the PIN of that time.

        Answers that were still to come are forgotten; the script stays as it is.
        """
        with self._using, self.phone.file.hold() as held:
            held.begin(snapshot.state.model_copy(deep=True))
            self.pin = snapshot.pin
            self._tasks.clear()

    def clone(self, script: Script | None = None) -> "ActingPhone":
        """Another phone with a copy of this one's file, as a thief who knows the PIN has it."""
        with self._using:
            return ActingPhone(self._copy(), self.pin, self.sight, script)

    def change_pin(self, old: str, new: str) -> None:
        """Change the PIN, which is typed from then on. Raises as `Phone.change_pin`."""
        with self._using:
            self.phone.change_pin(old, new)
            self.pin = new

    def close(self) -> None:
        """Close the phone's connection."""
        self.phone.close()

    def _put_line(self) -> Line:
        put: list[Line] = []

        def around(beyond: Any) -> Line:
            put.append(Line(beyond))
            return put[0]

        self.phone.reroute(around)
        return put[0]

    def _look(self) -> None:
        try:
            waiting = self.phone.pending()
        except PhoneError as error:
            self._tell_trouble(code_of(error), str(error))
            return
        self._trouble = ""
        # The oldest first, so that a script meets requests in the order in which they were put.
        for challenge in reversed(waiting):
            if challenge.challenge_id not in self._met:
                self._met[challenge.challenge_id] = None
                self._meet(challenge)
        for forgotten in list(self._met)[:-_KEPT]:
            del self._met[forgotten]

    def _meet(self, challenge: Challenge) -> None:
        hand = Hand(
            phone=self.phone,
            pin=self.pin,
            sight=self.sight,
            line=self.line,
            challenge=challenge,
            copy_file=self._copy_for_a_moment,
        )
        behaviour = self.script.next()
        self._go_on(hand, behaviour, partial(act, hand, behaviour))

    def _due(self) -> list[_Task]:
        if not self._tasks:
            return []
        try:
            now = self.sight.now()
        except _OUT_OF_SIGHT as error:
            self._tell_trouble(NoAnswer.code, str(error))
            return []
        return sorted((t for t in self._tasks if t.later.due <= now), key=lambda t: t.later.due)

    def _go_on(self, hand: Hand, behaviour: Behaviour, step: Step) -> None:
        try:
            done = step()
        except PhoneError as error:
            done = Done(code_of(error), str(error))
        except _OUT_OF_SIGHT as error:
            done = Done(NoAnswer.code, str(error))
        if isinstance(done, Later):
            self._tasks.append(_Task(hand, behaviour, done))
            return
        told = (done.outcome, hand.tries, done.error, done.afterwards)
        self._tell(Acted(hand.challenge.challenge_id, behaviour, *told))

    def _tell_trouble(self, outcome: str, error: str) -> None:
        # A phone that looks every second would tell the same each time.
        told, self._trouble = self._trouble, error
        if told != error:
            self._tell(Acted("", None, outcome, error=error))

    def _tell(self, acted: Acted) -> None:
        self._done.append(acted)
        self._acted.append(acted)
        del self._acted[:-_KEPT]

    def _copy(self) -> Phone:
        home = self.phone.file.path.parent
        return copy_of(
            self.phone, Path(mkdtemp(prefix=f"{home.name}.copy-", dir=home.parent)), self.line
        )

    @contextmanager
    def _copy_for_a_moment(self) -> Iterator[Phone]:
        copy = self._copy()
        try:
            yield copy
        finally:
            copy.close()
            shutil.rmtree(copy.file.path.parent)
