"""A fleet from its profile to its report: what the command does, as a library."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx

from wallet_sim.dev_provider import DevProvider
from wallet_sim.documents import Configuration
from wallet_sim.fleet.cpu import own_seconds, tree_seconds
from wallet_sim.fleet.errors import ProviderUnfit
from wallet_sim.fleet.fleet import Fleet
from wallet_sim.fleet.measures import Measures
from wallet_sim.fleet.network import SharedNetwork
from wallet_sim.fleet.phones import Phones
from wallet_sim.fleet.populate import Populate, require_cost
from wallet_sim.fleet.profile import Profile
from wallet_sim.fleet.provider import (
    configuration_of,
    require_same_provider,
    require_simulation,
    service_of,
)
from wallet_sim.fleet.report import Cpu, describe
from wallet_sim.fleet.run import Progress, Ran, Run
from wallet_sim.fleet.schedule import behaviours_of, plan
from wallet_sim.fleet.state import open_state
from wallet_sim.fleet.wire import Wire, trust_of

Step = Literal["all", "populate", "run"]

_BROWSERS = 200
"""Connections that browsers and services keep open at most."""


@dataclass(frozen=True)
class Secrets:
    """What a fleet is let in with; empty where it is not known."""

    development: str = ""
    """The provider's start-up secret."""
    client: str = ""
    """Of the client that the profile names."""


@dataclass(frozen=True)
class Watcher:
    """Who is told how far a fleet is."""

    populated: Callable[[int, int], None]
    """Phones done, of how many."""
    ran: Callable[[Progress, float], None]
    """Where a run stands, after how many seconds."""


def carry_out(
    profile: Profile,
    state: Path,
    step: Step,
    given: Secrets,
    watcher: Watcher,
    *,
    insecure_http: bool = False,
    provider_pid: int | None = None,
) -> dict[str, Any]:
    """Populate, run, or both; gives the report (`wallet_sim/fleet/report.py`).

    Args:
        profile: what is wanted.
        state: the state file.
        step: `populate`, `run` or `all`.
        given: what the fleet is let in with.
        watcher: who is told how far it is.
        insecure_http: allow a provider elsewhere without TLS.
        provider_pid: of a local provider, whose processor time is then told.

    Raises:
        FleetError: why the fleet cannot go on, and what to do.
        PhoneError: the provider is out of reach, or not to be believed.
    """
    behaviours_of(profile)
    if step != "run" and not given.development:
        raise ProviderUnfit(
            "populate reads mails and SMS as the people would: set ECPS_DEV_SECRET to the "
            "provider's start-up secret"
        )
    with _opened(profile, state, given, insecure_http=insecure_http) as fleet:
        require_same_provider(profile, fleet.state)
        configuration = configuration_of(profile, fleet.wire, insecure_http=insecure_http)
        require_simulation(configuration)
        require_cost(profile, configuration)
        used = _Used(provider_pid)
        populated, ran = None, None
        if step != "run" and fleet.dev is not None:
            populated = Populate(fleet, fleet.dev, watcher.populated).run(configuration)
        if step != "populate":
            used = _Used(provider_pid)
            ran = asyncio.run(_run(fleet, configuration, given, watcher))
        return describe(profile, fleet.measures, populated, ran, used.by_now())


async def _run(fleet: Fleet, configuration: Configuration, given: Secrets, watcher: Watcher) -> Ran:
    holders = {holder.number: holder for holder in fleet.state.holders(fit=True)}
    if not holders:
        raise ProviderUnfit("the state file holds no phone that can sign in: populate first")
    planned = plan(fleet.profile, sorted(holders))
    trust = trust_of(fleet.profile.provider.ca)
    service = service_of(fleet.profile, configuration, trust, fleet.dev, given.client)
    network = SharedNetwork(trust, _BROWSERS)
    try:
        return await Run(fleet, service, network, watcher.ran).run(planned, holders)
    finally:
        await network.end()


@contextmanager
def _opened(
    profile: Profile, path: Path, given: Secrets, *, insecure_http: bool
) -> Iterator[Fleet]:
    wire = Wire(trust_of(profile.provider.ca), profile.run.threads)
    dev = None
    if given.development:
        transport: httpx.BaseTransport = wire
        dev = DevProvider(profile.provider.url, given.development, transport=transport)
    try:
        with open_state(path) as state:
            phones = Phones(state, wire, insecure_http=insecure_http)
            yield Fleet(profile, state, wire, phones, Measures(), dev)
    finally:
        wire.end()


class _Used:
    """Processor time from here on."""

    def __init__(self, provider_pid: int | None) -> None:
        self._pid = provider_pid
        self._own = own_seconds()
        self._provider = None if provider_pid is None else tree_seconds(provider_pid)

    def by_now(self) -> Cpu:
        """What was used since."""
        provider = None
        if self._pid is not None and self._provider is not None:
            now = tree_seconds(self._pid)
            provider = None if now is None else now - self._provider
        return Cpu(own_seconds() - self._own, provider)
