"""Faults of the provider, so that a service proves what it does with them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from wallet_sim.dev_provider import DevProvider
from wallet_sim.harness.clients import Client, client_id_of


class FaultNotMet(AssertionError):
    """A fault was asked for, and the service never came to where it stands."""


class Fault:
    """A fault that was asked for."""

    def __init__(self, provider: DevProvider, told: dict[str, Any]) -> None:
        self._provider = provider
        self.id = int(told["id"])
        self.name = str(told["fault"])
        self.endpoint = str(told["endpoint"])
        self._committed: int | None = None

    @property
    def committed(self) -> int:
        """How often it was committed, up to its removal."""
        if self._committed is not None:
            return self._committed
        told = self._provider.ask("GET", "faults")["faults"]
        return next((int(each["committed"]) for each in told if each["id"] == self.id), 0)

    def remove(self) -> None:
        """Commit it no more."""
        self._committed = self.committed
        self._provider.ask("DELETE", f"faults/{self.id}")


class Faults:
    """The faults of one provider (docs/testing/faults.md)."""

    def __init__(self, provider: DevProvider) -> None:
        self._provider = provider

    def add(
        self,
        name: str,
        *,
        client: Client | str | None = None,
        times: int | None = None,
        endpoint: str = "",
        **parameters: Any,
    ) -> Fault:
        """Commit a fault from now on.

        Args:
            name: of the catalogue.
            client: the service that meets it; every one by default.
            times: how often; until it is removed by default.
            endpoint: where, if the catalogue names several places and no usual one.
            parameters: the fault's own, as the catalogue tells them.

        Raises:
            DevelopmentRefused: no such fault, or not there, or not with these parameters.
        """
        wanted: dict[str, Any] = {"fault": name, "parameters": parameters}
        if client is not None:
            wanted["client_id"] = client_id_of(client)
        if times is not None:
            wanted["times"] = times
        if endpoint:
            wanted["endpoint"] = endpoint
        return Fault(self._provider, self._provider.ask("POST", "faults", wanted))

    @contextmanager
    def inject(self, name: str, **more: Any) -> Iterator[Fault]:
        """Commit a fault while the block runs; takes what `add` takes.

        Raises:
            DevelopmentRefused: as `add`.
            FaultNotMet: nothing met the fault in the block: the test would have proved nothing.
        """
        fault = self.add(name, **more)
        try:
            yield fault
        finally:
            fault.remove()
        if not fault.committed:
            raise FaultNotMet(
                f"the fault {name} was never met: nobody it is for came to {fault.endpoint}; "
                "psc.sent.exchanges() tells where the service came"
            )

    def catalogue(self) -> list[dict[str, Any]]:
        """Every fault: `name`, `endpoints`, `parameters`, `does`, `client_must`, `source`."""
        faults: list[dict[str, Any]] = self._provider.ask("GET", "faults/catalogue")["faults"]
        return faults

    def clear(self) -> None:
        """Commit none any more."""
        self._provider.ask("DELETE", "faults")
