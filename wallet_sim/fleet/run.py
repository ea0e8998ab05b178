"""Run: every sign-in of the schedule at its time, however many are under way (an open load).

One event loop keeps the schedule and plays browsers and services; phones talk in a few threads.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime

from wallet_sim.clock import monotonic
from wallet_sim.errors import PhoneError
from wallet_sim.fleet.fleet import Fleet
from wallet_sim.fleet.locks import (
    HeldOfPhone,
    Mismatch,
    ask_phone,
    ask_provider,
    mismatches,
    must_hold,
    present_instant,
)
from wallet_sim.fleet.network import SharedNetwork
from wallet_sim.fleet.phones import Carried
from wallet_sim.fleet.pushes import PushServer
from wallet_sim.fleet.schedule import Planned
from wallet_sim.fleet.service import Service
from wallet_sim.fleet.signing import Signed, Signing
from wallet_sim.fleet.state import Holder

_TELL_EVERY = 5.0  # seconds between two lines of progress
_IN_TIME = 1.0
"""Seconds by which a sign-in may begin late before the fleet itself is called too slow."""

_UNDER_WAY = "run under way"
"""Stands in the state file while a run is not over: left there, that run was interrupted."""


@dataclass
class Progress:
    """Where a run stands, for who watches it."""

    planned: int
    begun: int = 0
    under_way: int = 0
    over: int = 0
    unforeseen: int = 0


@dataclass
class Ran:
    """What a run came to."""

    signed: list[Signed] = field(default_factory=list)
    mismatches: list[Mismatch] = field(default_factory=list)
    checked: int = 0
    """Phones whose state at the provider was compared."""
    still_lost: list[str] = field(default_factory=list)
    """Identifiers of the phones that never learned what became of an answer."""
    seconds: float = 0.0
    """From the start of the first sign-in to the end of the last."""

    @property
    def lost(self) -> list[Signed]:
        """Sign-ins whose phone approved, and whose service got nothing."""
        return [one for one in self.signed if one.is_lost]

    @property
    def unforeseen(self) -> list[Signed]:
        """Sign-ins that came to something else than their behaviour must lead to."""
        return [one for one in self.signed if not one.is_as_must]

    @property
    def is_good(self) -> bool:
        """Whether everything came as it must."""
        return not (self.unforeseen or self.mismatches or self.still_lost)


class Run:
    """One run.

    Args:
        fleet: what is wanted, and the phones.
        service: whom people sign in at.
        network: of browsers and service.
        tell: is told every few seconds where the run stands, and for how long it has run.
    """

    def __init__(
        self,
        fleet: Fleet,
        service: Service,
        network: SharedNetwork,
        tell: Callable[[Progress, float], None],
    ) -> None:
        self._fleet = fleet
        self._service = service
        self._network = network
        self._tell = tell

    async def run(self, planned: list[Planned], holders: dict[int, Holder]) -> Ran:
        """Carry the schedule out, then compare both sides."""
        ran, progress = Ran(), Progress(len(planned))
        pushes = PushServer() if self._fleet.profile.run.notice == "push" else None
        if pushes is not None:
            await pushes.start()
        state = self._fleet.state
        wary = state.noted(_UNDER_WAY) is not None
        state.note(_UNDER_WAY, "yes")
        with ThreadPoolExecutor(self._fleet.profile.run.threads) as pool:
            signing = Signing(self._fleet, self._service, self._network, pool, pushes, wary=wary)
            await self._prepare_all(signing, planned, holders)
            began = monotonic()
            telling = asyncio.create_task(self._keep_telling(progress, began))
            try:
                ran.signed = await self._sign_all(signing, planned, holders, progress, began)
            finally:
                telling.cancel()
                if pushes is not None:
                    await pushes.stop()
            ran.seconds = monotonic() - began
            await self._compare(ran, pool)
        state.forget(_UNDER_WAY)
        return ran

    async def _prepare_all(
        self, signing: Signing, planned: list[Planned], holders: dict[int, Holder]
    ) -> None:
        """Have every phone told where its pushes go, before the first sign-in is timed."""
        numbers = sorted({one.phone for one in planned})
        carried = [self._fleet.phones.carried(holders[number]) for number in numbers]
        # A phone that cannot says so again at its sign-in, where it is counted.
        await asyncio.gather(*map(signing.prepare, carried), return_exceptions=True)

    async def _sign_all(
        self,
        signing: Signing,
        planned: list[Planned],
        holders: dict[int, Holder],
        progress: Progress,
        began: float,
    ) -> list[Signed]:
        # A phone answers one sign-in at a time, in the order of the schedule.
        turns: dict[int, asyncio.Lock] = {one.phone: asyncio.Lock() for one in planned}

        async def one_of(one: Planned) -> Signed:
            holder = holders[one.phone]
            async with turns[one.phone]:
                at = monotonic() - began
                if one.must.left != "fit":
                    # Now, so that a run that is interrupted leaves it out as well.
                    self._fleet.state.put_out(holder)
                signed = await signing.sign_in(one, self._fleet.phones.carried(holder))
            signed = replace(signed, began=at, ended=monotonic() - began)
            progress.under_way -= 1
            progress.over += 1
            progress.unforeseen += not signed.is_as_must
            return signed

        tasks = []
        for one in planned:
            await asyncio.sleep(max(0.0, began + one.at - monotonic()))
            late = monotonic() - began - one.at
            if late > _IN_TIME:
                self._fleet.measures.note("sign-ins begun more than 1 s late by the fleet itself")
            progress.begun += 1
            progress.under_way += 1
            tasks.append(asyncio.create_task(one_of(one)))
        return list(await asyncio.gather(*tasks))

    async def _keep_telling(self, progress: Progress, began: float) -> None:
        while True:
            await asyncio.sleep(_TELL_EVERY)
            self._tell(progress, monotonic() - began)

    async def _compare(self, ran: Ran, pool: ThreadPoolExecutor) -> None:
        """Have each phone learn what it does not know yet, then ask what is held of it."""
        last = {one.planned.phone: one.planned.must for one in ran.signed}
        loop = asyncio.get_running_loop()
        carried = self._fleet.phones.met()
        now = None if self._fleet.dev is None else present_instant(self._fleet.dev)
        settled = await asyncio.gather(
            *(loop.run_in_executor(pool, self._settle, each, now) for each in carried)
        )
        ran.checked = len(carried)
        ran.still_lost = [
            each.holder.national_id
            for each, held in zip(carried, settled, strict=True)
            if held is None
        ]
        ran.mismatches = mismatches(
            (each.holder.national_id, must_hold(last[each.holder.number]), held)
            for each, held in zip(carried, settled, strict=True)
            if held is not None
        )
        for each, held in zip(carried, settled, strict=True):
            if held is None or held.left != "fit":
                self._fleet.state.put_out(each.holder)

    def _settle(self, carried: Carried, now: datetime | None) -> HeldOfPhone | None:
        """What the provider holds of a phone; None where the phone could not find out."""
        try:
            carried.phone.recover()
            if self._fleet.dev is None or now is None:
                return ask_phone(carried.phone)
            person = carried.holder.national_id
            return ask_provider(self._fleet.dev, person, carried.phone.device_id(), now)
        except PhoneError as error:
            self._fleet.measures.fail(f"afterwards: {error.code}", str(error))
            return None
        finally:
            carried.phone.close()
