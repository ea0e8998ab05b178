"""One sign-in of a run: the journey on one side, the person with the phone on the other."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeVar

import httpx

from wallet_sim.behaviours import Acted
from wallet_sim.clock import monotonic
from wallet_sim.errors import PhoneError
from wallet_sim.fleet.ciba import CibaJourney
from wallet_sim.fleet.consequences import Seen
from wallet_sim.fleet.fleet import Fleet
from wallet_sim.fleet.network import SharedNetwork
from wallet_sim.fleet.phones import Carried
from wallet_sim.fleet.pushes import Ear, PushServer
from wallet_sim.fleet.schedule import Planned
from wallet_sim.fleet.service import Journey, JourneyFailed, Service
from wallet_sim.fleet.web import WebJourney
from wallet_sim.fleet.wire import Call

_PATIENCE = 5.0
"""Seconds without a push after which a person opens the application anyway (decision 24)."""
_LOOK_AGAIN = 0.5  # seconds between two looks of a person who finds nothing yet
_LOOKS = 6

T = TypeVar("T")


@dataclass(frozen=True)
class Signed:
    """What a sign-in came to."""

    planned: Planned
    seen: Seen | Literal["failed"]
    """What the service saw; `failed` where it, or the phone, got something unforeseen."""
    acted: Acted | None
    """What the phone did with it; None where the request never reached it."""
    error: str = ""
    began: float = 0.0
    ended: float = 0.0
    """Both in seconds from the start of the run."""

    @property
    def is_as_must(self) -> bool:
        """Whether the behaviour led to what it must."""
        return self.seen == self.planned.must.seen

    @property
    def is_lost(self) -> bool:
        """Whether the phone was told that it approved, and the service has no tokens of it."""
        return (
            self.acted is not None and self.acted.outcome == "approved" and self.seen != "approved"
        )


class Signing:
    """Carries sign-ins out.

    Args:
        fleet: the phones and their network.
        service: whom people sign in at.
        network: of browsers and service.
        pool: the threads in which phones talk.
        pushes: where pushes arrive; None where phones ask by themselves.
        wary: a run before was interrupted: each phone first lets go of what may wait since then.
    """

    def __init__(
        self,
        fleet: Fleet,
        service: Service,
        network: SharedNetwork,
        pool: ThreadPoolExecutor,
        pushes: PushServer | None,
        *,
        wary: bool,
    ) -> None:
        self._wire = fleet.wire
        self._measures = fleet.measures
        self._service = service
        self._network = network
        self._pool = pool
        self._pushes = pushes
        self._wary = wary
        self._ears: dict[int, Ear | None] = {}

    async def sign_in(self, planned: Planned, carried: Carried) -> Signed:
        """Carry out one sign-in; nothing is raised, all is told."""
        acted: list[Acted] = []
        try:
            seen = await self._carry_out(planned, carried, acted)
        except JourneyFailed as error:
            return self._failed(planned, acted, error.kind, str(error))
        except httpx.TransportError as error:
            kind = f"{planned.way}: no answer ({type(error).__name__})"
            return self._failed(planned, acted, kind, f"{kind}: {error}")
        except PhoneError as error:
            return self._failed(planned, acted, f"phone: {error.code}", str(error))
        finally:
            carried.phone.close()
        carried.refused = seen == "refused" or (carried.refused and seen != "approved")
        return Signed(planned, seen, acted[-1] if acted else None)

    async def _carry_out(self, planned: Planned, carried: Carried, acted: list[Acted]) -> Seen:
        ear = await self.prepare(carried)
        if ear is not None:
            ear.listen()
        carried.acting.on_challenge(planned.behaviour)
        journey = self._journey(planned)
        began = monotonic()
        carried.eyes.number = await journey.begin(carried.holder.national_id)
        asked = monotonic()
        answering = asyncio.create_task(self._answer(planned, carried, ear, asked, acted))
        try:
            seen = await journey.end()
            ended = monotonic()
            answered = await answering
        finally:
            answering.cancel()
        if seen == "approved":
            self._measures.add(f"{planned.way}: sign-in", ended - began - planned.think)
            self._measures.add("answered to tokens", max(0.0, ended - answered))
        return seen

    async def _answer(
        self,
        planned: Planned,
        carried: Carried,
        ear: Ear | None,
        asked: float,
        acted: list[Acted],
    ) -> float:
        """What the person does; gives the instant at which the provider had the phone's answer."""
        await self._hear(ear, carried, asked)
        await asyncio.sleep(planned.think)
        woken = monotonic()
        for _ in range(_LOOKS):
            calls = await self._react(carried, acted)
            while (due := carried.acting.next_due()) is not None:
                await asyncio.sleep(max(0.0, due - carried.eyes.now()))
                calls = await self._react(carried, acted)
            if acted:
                answered = calls[-1].ended if calls else monotonic()
                self._measures.add("woken to answered", answered - woken)
                return answered
            await asyncio.sleep(_LOOK_AGAIN)
        self._measures.fail("phone: nothing waited", "the provider never told it of the sign-in")
        return monotonic()

    async def _hear(self, ear: Ear | None, carried: Carried, asked: float) -> None:
        """Wait for the push; a person to whom none comes opens the application anyway."""
        if ear is None:
            return
        if await ear.wait(_PATIENCE):
            self._measures.add("asked to push", max(0.0, ear.heard_at - asked))
        elif carried.refused:
            self._measures.note("pushes withheld after a refusal")
        else:
            self._measures.fail("push: late or none", f"none within {_PATIENCE:g} s")

    async def _react(self, carried: Carried, acted: list[Acted]) -> list[Call]:
        """Let the phone do what is due; gives its calls, of which there is one at least."""
        done, calls = await self._in_thread(partial(self._react_noting, carried))
        for call in calls:
            self._measures.add(f"phone: {call.step}", call.ended - call.began)
        for one in done:
            if one.behaviour is None:
                self._measures.fail(f"phone: {one.outcome}", one.error or "")
            else:
                acted.append(one)
        return calls

    def _react_noting(self, carried: Carried) -> tuple[list[Acted], list[Call]]:
        with self._wire.noting() as calls:
            return carried.acting.react(), calls

    async def prepare(self, carried: Carried) -> Ear | None:
        """Before a phone's first sign-in: the provider learns where it is told of pushes."""
        number = carried.holder.number
        if number not in self._ears:
            if self._wary:
                await self._in_thread(carried.acting.react)
            self._ears[number] = await self._subscribe(carried)
        return self._ears[number]

    async def _subscribe(self, carried: Carried) -> Ear | None:
        if self._pushes is None:
            return None
        ear = self._pushes.ear(carried.holder.number, carried.phone.clock)
        with self._measures.timed("subscribe"):
            await self._in_thread(partial(_tell_provider, carried, ear))
        return ear

    def _journey(self, planned: Planned) -> Journey:
        kind = WebJourney if planned.way == "web" else CibaJourney
        return kind(self._service, self._network, self._measures)

    def _failed(self, planned: Planned, acted: list[Acted], kind: str, words: str) -> Signed:
        self._measures.fail(kind, words)
        return Signed(planned, "failed", acted[-1] if acted else None, words)

    async def _in_thread(self, act: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, act)


def _tell_provider(carried: Carried, ear: Ear) -> None:
    carried.phone.subscribe_push(ear.subscription.as_json())
    ear.vapid = carried.phone.vapid_key()
