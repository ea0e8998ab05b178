"""The checklist of one service: login by login, what is wrong, what was looked at and is right."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from idp.checklists.exchange import Exchange
from idp.checklists.rules import RULES
from idp.checklists.rules.rule import SEVERITIES, Rule, Severity, Sighting
from idp.checklists.seen import Login, Seen

Verdict = Literal["refused", "violation", "advice", "passed", "nothing_seen"]


@dataclass(frozen=True)
class Finding:
    """A rule that was broken, with all the times that it was."""

    rule: Rule
    sightings: Sequence[Sighting]

    @property
    def seen(self) -> str:
        """What was seen: the first time in words, and how often in all."""
        first, times = self.sightings[0].text, len(self.sightings)
        return first if times == 1 else f"{first} ({times} times)"

    @property
    def exchange_ids(self) -> list[int]:
        """Where, in order, each once."""
        ids = {exchange.id for sighting in self.sightings for exchange in sighting.exchanges}
        return sorted(ids)


@dataclass(frozen=True)
class Checklist:
    """What is told of a service."""

    client_id: str
    verdict: Verdict
    """The worst severity that was found."""
    logins: Sequence[Login]
    stray: Sequence[Exchange]
    """Exchanges that belong to no login that was seen."""
    findings: Sequence[Finding] = ()
    """Worst first."""
    passed: Sequence[Rule] = ()
    untried: Sequence[Rule] = ()
    """Rules of what the service did not do: nothing is known."""

    def findings_of(self, exchange: Exchange) -> list[Finding]:
        """What is wrong of one exchange."""
        return [finding for finding in self.findings if exchange.id in finding.exchange_ids]


def judge(seen: Seen) -> Checklist:
    """Try every rule on what was seen."""
    tried = {rule: list(rule.check(seen)) for rule in RULES if rule.applies(seen)}
    findings = [Finding(rule, sightings) for rule, sightings in tried.items() if sightings]
    findings.sort(key=lambda finding: SEVERITIES.index(finding.rule.severity))
    placed = {exchange.id for login in seen.logins for exchange in login.exchanges}
    return Checklist(
        client_id=seen.client_id,
        verdict=_verdict(seen, findings),
        logins=seen.logins,
        stray=[exchange for exchange in seen.exchanges if exchange.id not in placed],
        findings=findings,
        passed=[rule for rule, sightings in tried.items() if not sightings],
        untried=[rule for rule in RULES if rule not in tried],
    )


def told_step(exchange: Exchange) -> str:
    """One exchange in a line: what was asked, and what came."""
    told = " ".join([exchange.method, exchange.step, *_told_parts(exchange)])
    came = f"{told}: {exchange.status}"
    if not exchange.is_refused:
        return came
    error = [exchange.answer.get("error"), exchange.answer.get("error_description")]
    return f"{came} {' - '.join(str(part) for part in error if part)}".strip()


def _told_parts(exchange: Exchange) -> Iterator[str]:
    for name in ("grant_type", "scope", "acr_values", "binding_message", "channel"):
        if name in exchange.parameters:
            yield f"{name}={exchange.parameters[name]}"


def _verdict(seen: Seen, findings: Sequence[Finding]) -> Verdict:
    if not seen.exchanges:
        return "nothing_seen"
    worst: Severity | None = findings[0].rule.severity if findings else None
    return worst or "passed"
