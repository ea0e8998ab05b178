"""The report as it is read in a terminal."""

from collections.abc import Iterator
from typing import Any

_MILLISECOND = 1000


def lines(report: dict[str, Any]) -> Iterator[str]:
    """Every line of it."""
    if report["populate"]:
        done = report["populate"]
        yield (
            f"Populate: {done['people_made']} people made, {done['enrolled']} phones activated in "
            f"{done['seconds']:g} s ({done['per_second']:g} a second)"
        )
    if report["run"]:
        yield from _run(report["run"])
    yield from _latencies(report["latencies"])
    yield from _errors(report["errors"])
    for note, count in report["notes"].items():
        yield f"Note: {note}: {count}"
    yield from _cpu(report)


def _run(run: dict[str, Any]) -> Iterator[str]:
    ways = ", ".join(f"{count} {way}" for way, count in sorted(run["ways"].items()))
    yield (
        f"Run: {run['signins']} sign-ins ({ways}) in {run['seconds']:g} s: "
        f"{run['begun_per_second']:g} begun and {run['ended_per_second']:g} ended a second while "
        f"they began, {run['approved']} approved"
    )
    yield ""
    yield f"{'behaviour':<34}{'count':>7}  {'must be':<10}{'as it must':>10}  otherwise"
    for row in run["outcomes"]:
        others = {seen: count for seen, count in row["seen"].items() if seen != row["must"]}
        told = ", ".join(f"{count} {seen}" for seen, count in others.items())
        yield (
            f"{row['behaviour']:<34}{row['count']:>7}  {row['must']:<10}{row['as_must']:>10}  "
            f"{told or '-'}"
        )
    yield ""
    yield f"Lost answers: {run['lost_answers']}"
    locks = run["locks"]
    yield f"Lock state: {locks['checked']} phones compared, {locks['wrong']} held otherwise"
    for wrong in locks["mismatches"]:
        yield f"  {wrong['national_id']}: must be {wrong['must']}, is {wrong['held']}"
    for each in run["unforeseen"]:
        yield (
            f"  sign-in {each['number']} ({each['behaviour']}, {each['way']}): must be "
            f"{each['must']}, was {each['seen']}; the phone says {each['phone_says']}; "
            f"{each['error'] or ''}"
        )


def _latencies(latencies: dict[str, dict[str, float]]) -> Iterator[str]:
    if not latencies:
        return
    yield ""
    yield f"{'step, ms':<34}{'count':>7}{'p50':>9}{'p95':>9}{'p99':>9}{'max':>9}"
    for step, each in latencies.items():
        figures = "".join(
            f"{each[name] * _MILLISECOND:>9.0f}" for name in ("p50", "p95", "p99", "max")
        )
        yield f"{step:<34}{each['count']:>7}{figures}"
    yield ""


def _errors(errors: list[dict[str, Any]]) -> Iterator[str]:
    for error in errors:
        yield f"Error: {error['kind']}: {error['count']}, such as: {error['example']}"
    if not errors:
        yield "Errors: none"


def _cpu(report: dict[str, Any]) -> Iterator[str]:
    seconds = report["cpu_seconds"]
    provider = seconds["provider"]
    told = "not told (--provider-pid)" if provider is None else f"{provider:g} s"
    yield f"Processor: fleet {seconds['fleet']:g} s, provider {told}"
