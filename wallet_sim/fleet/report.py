"""What a run came to, as one JSON object: the terminal's table and the page are made of it."""

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from wallet_sim.clock import SystemTime
from wallet_sim.fleet.measures import Measures
from wallet_sim.fleet.populate import Populated
from wallet_sim.fleet.profile import Profile
from wallet_sim.fleet.run import Ran
from wallet_sim.fleet.signing import Signed

VERSION = 1
"""Of the object's form."""

_SLICES = 60
"""Parts of the run's time that throughput is told of."""
_SHOWN = 20
"""Unforeseen sign-ins, and phones, that are told one by one."""


@dataclass(frozen=True)
class Cpu:
    """Processor seconds that a run used."""

    fleet: float
    provider: float | None
    """None where the provider's process was not named."""


def describe(
    profile: Profile, measures: Measures, populated: Populated | None, ran: Ran | None, cpu: Cpu
) -> dict[str, Any]:
    """The report.

    Args:
        profile: what was wanted.
        measures: how long steps took, and what went wrong.
        populated: what a populate did, where there was one.
        ran: what the sign-ins came to, where there were any.
        cpu: what it cost.
    """
    report: dict[str, Any] = {
        "version": VERSION,
        "profile": profile.model_dump(mode="json"),
        "written_at": datetime.fromtimestamp(SystemTime().timestamp(), UTC).isoformat(),
        "good": ran is None or ran.is_good,
        "populate": None if populated is None else _of_populate(populated),
        "run": None if ran is None else _of_run(ran, cpu, profile.run.duration),
        "latencies": {
            step: {
                "count": latency.count,
                **{f"p{rank}": round(each, 4) for rank, each in latency.percentiles.items()},
                "max": round(latency.longest, 4),
            }
            for step, latency in measures.latencies().items()
        },
        "errors": [
            {"kind": kind, "count": count, "example": measures.examples[kind]}
            for kind, count in measures.errors.most_common()
        ],
        "notes": dict(measures.notes),
        "cpu_seconds": {key: value and round(value, 2) for key, value in asdict(cpu).items()},
    }
    return report


def _of_populate(populated: Populated) -> dict[str, Any]:
    return {
        "people_made": populated.people_made,
        "enrolled": populated.enrolled,
        "seconds": round(populated.seconds, 2),
        "per_second": _rate(populated.enrolled, populated.seconds),
    }


def _of_run(ran: Ran, cpu: Cpu, duration: float) -> dict[str, Any]:
    approved = sum(one.seen == "approved" for one in ran.signed)
    signins = len(ran.signed)
    return {
        "seconds": round(ran.seconds, 2),
        "signins": signins,
        "approved": approved,
        "begun_per_second": _rate(signins, duration),
        "ended_per_second": _rate(sum(one.ended <= duration for one in ran.signed), duration),
        "ways": dict(Counter(one.planned.way for one in ran.signed)),
        "outcomes": _outcomes(ran.signed),
        "unforeseen": [_told(one) for one in ran.unforeseen[:_SHOWN]],
        "unforeseen_count": len(ran.unforeseen),
        "lost_answers": len(ran.lost) + len(ran.still_lost),
        "locks": {
            "checked": ran.checked,
            "wrong": len(ran.mismatches),
            "mismatches": [asdict(each) for each in ran.mismatches[:_SHOWN]],
        },
        "throughput": _throughput(ran),
        "fleet_cpu_ms_per_signin": _per_signin(cpu.fleet, signins),
        "provider_cpu_ms_per_signin": _per_signin(cpu.provider, signins),
    }


def _outcomes(signed: list[Signed]) -> list[dict[str, Any]]:
    """Each behaviour: how often, what it must lead to, what it led to."""
    rows: dict[str, dict[str, Any]] = {}
    for one in signed:
        row = rows.setdefault(
            str(one.planned.behaviour),
            {"count": 0, "must": one.planned.must.seen, "as_must": 0, "seen": Counter()},
        )
        row["count"] += 1
        row["as_must"] += one.is_as_must
        row["seen"][one.seen] += 1
    return [
        {"behaviour": name, **row, "seen": dict(sorted(row["seen"].items()))}
        for name, row in sorted(rows.items())
    ]


def _told(one: Signed) -> dict[str, Any]:
    return {
        "number": one.planned.number,
        "at": round(one.planned.at, 2),
        "phone": one.planned.phone,
        "way": one.planned.way,
        "behaviour": str(one.planned.behaviour),
        "must": one.planned.must.seen,
        "seen": one.seen,
        "phone_says": one.acted.outcome if one.acted else None,
        "error": one.error or (one.acted.error if one.acted else None),
    }


def _throughput(ran: Ran) -> dict[str, Any]:
    """Sign-ins begun, and ended, in each part of the run's time."""
    width = max(ran.seconds / _SLICES, 1e-9)
    begun, ended = [0] * _SLICES, [0] * _SLICES
    for one in ran.signed:
        begun[min(_SLICES - 1, int(one.began / width))] += 1
        ended[min(_SLICES - 1, int(one.ended / width))] += 1
    return {"seconds_per_part": round(width, 3), "begun": begun, "ended": ended}


def _per_signin(seconds: float | None, signins: int) -> float | None:
    return None if seconds is None else round(seconds * 1000 / signins, 1)


def _rate(count: int, seconds: float) -> float:
    return round(count / seconds, 2) if seconds else 0.0
