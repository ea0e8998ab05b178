"""What a service sent, and what of it Pro Santé Connect would refuse (docs/testing/recorder.md)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from wallet_sim.dev_provider import DevProvider
from wallet_sim.harness.clients import Client, client_id_of

MISTAKES = ("refused", "violation")
"""Severities that fail a test: ANS or Pro Santé Connect refuses it, a specification forbids it."""

_NOTHING_SEEN = "nothing_seen"
_BEGINNING = "authorize"


class Mistakes(AssertionError):
    """The service made mistakes, or did nothing that could be judged."""


class NothingRecorded(AssertionError):
    """No such request was seen."""


@dataclass(frozen=True)
class Exchange:
    """One request of a service, or of its browser, at an endpoint of the protocol."""

    id: int
    at: datetime
    client_id: str | None
    step: str
    """`authorize`, `callback`, `par`, `token`, `userinfo`, `introspection`, `revocation`, `ciba`,
    `device`, `logout`, `jwks` or `discovery`."""
    method: str
    status: int
    parameters: dict[str, str]
    """Query and form; a secret is its fingerprint, `sha256:…`, or `(hidden)`."""
    authentication: str
    """How the client proved itself; empty where none is asked."""
    answer: dict[str, Any]
    """What was answered, as far as a check needs it; tokens and codes as fingerprints."""
    told: dict[str, Any] = field(repr=False)
    """The whole of what was recorded."""

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        """The exchange that the provider tells of."""
        named = {name: told[name] for name in cls.__dataclass_fields__ if name in told}
        return cls(**{**named, "at": datetime.fromisoformat(told["at"]), "told": told})


class Sent:
    """What the services of one provider sent."""

    def __init__(self, provider: DevProvider) -> None:
        self._provider = provider

    def exchanges(self, client: Client | str | None = None, step: str = "") -> list[Exchange]:
        """What was recorded, oldest first.

        Args:
            client: of this service alone; public documents are anybody's, and left out then.
            step: at this endpoint alone, such as `token`.
        """
        found: list[Exchange] = []
        query: dict[str, Any] = {} if client is None else {"client_id": client_id_of(client)}
        after = 0
        while page := self._provider.ask("GET", "exchanges", after=after, **query)["exchanges"]:
            found += map(Exchange.of, page)
            after = found[-1].id
        return [exchange for exchange in found if step in ("", exchange.step)]

    def last(self, step: str, client: Client | str | None = None) -> Exchange:
        """The newest request at an endpoint.

        Raises:
            NothingRecorded: there was none.
        """
        everything = self.exchanges(client)
        for exchange in reversed(everything):
            if exchange.step == step:
                return exchange
        steps = ", ".join(dict.fromkeys(each.step for each in everything)) or "nothing"
        raise NothingRecorded(f"no request at {step!r} was recorded, but {steps}")

    def checklist(self, client: Client | str) -> dict[str, Any]:
        """The integration checklist of a service: `verdict`, `steps`, `findings`, `passed`."""
        return self._provider.ask("GET", f"checklists/{client_id_of(client)}")

    def assert_no_mistakes(
        self,
        client: Client | str,
        *,
        severities: Collection[str] = MISTAKES,
        ignore: Collection[str] = (),
    ) -> None:
        """Fail where the service did what Pro Santé Connect would refuse.

        Args:
            client: the service.
            severities: which findings fail; `advice` may be added.
            ignore: identifiers of rules that are not looked at.

        Raises:
            Mistakes: each with what to do, or nothing was seen of the service.
        """
        __tracebackhide__ = True
        checklist = self.checklist(client)
        if checklist["verdict"] == _NOTHING_SEEN:
            raise Mistakes(
                f"nothing was recorded of {client_id_of(client)}: sign somebody in before asking"
            )
        found = [
            finding
            for finding in checklist["findings"]
            if finding["severity"] in severities and finding["rule"] not in ignore
        ]
        if found:
            count = "1 mistake" if len(found) == 1 else f"{len(found)} mistakes"
            first = f"{count} of {client_id_of(client)}:"
            raise Mistakes("\n".join([first, *map(_told, found)]))

    def forget(self) -> None:
        """Forget what was recorded: checklists begin anew."""
        self._provider.ask("DELETE", "exchanges")

    def last_refusal(self, client: Client | str | None = None) -> str:
        """The newest error since a browser was last sent, in words; empty where all went well."""
        for exchange in reversed(self.exchanges(client)):
            if "error" in exchange.answer or exchange.status >= 400:  # noqa: PLR2004 - HTTP: errors
                return _in_words(exchange)
            if exchange.step == _BEGINNING:
                break  # what came before belongs to another sign-in
        return ""


def _told(finding: dict[str, Any]) -> str:
    return (
        f"- {finding['title']} [{finding['rule']}, {finding['severity']}]\n"
        f"  seen: {finding['seen']}\n"
        f"  why: {finding['why']}\n"
        f"  do: {finding['fix']}\n"
        f"  source: {finding['source']}"
    )


def _in_words(exchange: Exchange) -> str:
    error = exchange.answer.get("error", "")
    words = " ".join(filter(None, [str(error), str(exchange.answer.get("error_description", ""))]))
    who = exchange.client_id or "somebody"
    return f"{who} at {exchange.step}: {exchange.status} {words}".rstrip()
