"""The report as one self-contained HTML page: nothing is fetched, nothing runs."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from wallet_sim.fleet.plots import latencies, throughput

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --line: #ddd; --good: #1c6b1c;
  --bad: #a30000; --begun: #1f5fbf; --ended: #b34a10; --p50: #1f5fbf; --p95: #6d97d6;
  --p99: #b9cdec; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8e8; --paper: #14181c; --line: #3a4148;
  --good: #7fd07f; --bad: #ff9a9a; --begun: #7fb0ff; --ended: #ffa872; --p50: #7fb0ff;
  --p95: #3f6fb8; --p99: #2a4468; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: var(--ink); background: var(--paper); }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
td { font-variant-numeric: tabular-nums; }
.good { color: var(--good); } .bad { color: var(--bad); }
svg { min-width: 40rem; max-width: 100%; height: auto; }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); }
svg line { stroke: #888; } svg polyline { fill: none; stroke-width: 2; }
.begun { stroke: var(--begun); } svg text.begun { fill: var(--begun); stroke: none; }
.ended { stroke: var(--ended); } svg text.ended { fill: var(--ended); stroke: none; }
.p50 { fill: var(--p50); } .p95 { fill: var(--p95); } .p99 { fill: var(--p99); }
"""


def page(report: dict[str, Any]) -> str:
    """The whole page."""
    name = escape(report["profile"]["name"])
    body = "\n".join(_parts(report))
    return (
        '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Fleet {name}</title><style>{_STYLE}</style></head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _parts(report: dict[str, Any]) -> Iterable[str]:
    profile = report["profile"]
    yield f"<h1>Fleet {escape(profile['name'])}</h1>"
    told = "Everything came as it must." if report["good"] else "Not everything came as it must."
    yield f'<p class="{"good" if report["good"] else "bad"}"><strong>{told}</strong></p>'
    yield (
        f"<p>{profile['people']['count']} phones, seed {profile['seed']}, provider "
        f"{escape(profile['provider']['url'])}, written {escape(report['written_at'])}.</p>"
    )
    if report["populate"]:
        yield "<h2>Populate</h2>"
        yield _facts(report["populate"])
    if report["run"]:
        yield from _of_run(report["run"])
    if report["latencies"]:
        yield "<h2>How long steps took</h2>"
        yield "<p>The bars are p50, p95 and p99, on a logarithmic axis; the figures p50 / p99.</p>"
        yield _scrolled("Latencies", latencies(report["latencies"]))
        yield _latency_table(report["latencies"])
    yield "<h2>Errors by kind</h2>"
    yield _table(
        ("kind", "count", "an example"),
        [(each["kind"], each["count"], each["example"]) for each in report["errors"]],
    )
    yield "<h2>Notes and processor time</h2>"
    cpu = {f"{side} CPU seconds": each for side, each in report["cpu_seconds"].items()}
    yield _facts(report["notes"] | cpu)


def _of_run(run: dict[str, Any]) -> Iterable[str]:
    yield "<h2>Run</h2>"
    shown = (
        "signins",
        "approved",
        "seconds",
        "begun_per_second",
        "ended_per_second",
        "lost_answers",
        "unforeseen_count",
        "fleet_cpu_ms_per_signin",
        "provider_cpu_ms_per_signin",
    )
    yield _facts({name: run[name] for name in shown})
    yield _scrolled("Throughput", throughput(run))
    yield "<h2>What each behaviour came to</h2>"
    yield _table(
        ("behaviour", "count", "must be", "as it must", "seen"),
        [
            (
                row["behaviour"],
                row["count"],
                row["must"],
                row["as_must"],
                ", ".join(f"{count} {seen}" for seen, count in row["seen"].items()),
            )
            for row in run["outcomes"]
        ],
    )
    locks = run["locks"]
    yield "<h2>Lock state at the provider</h2>"
    yield f"<p>{locks['checked']} phones compared, {locks['wrong']} held otherwise.</p>"
    yield _table(
        ("person", "must be", "is"),
        [(each["national_id"], each["must"], each["held"]) for each in locks["mismatches"]],
    )
    yield "<h2>Unforeseen sign-ins</h2>"
    names = ("number", "way", "behaviour", "must", "seen", "phone_says", "error")
    yield _table(names, [[each[name] for name in names] for each in run["unforeseen"]])


def _latency_table(told: dict[str, dict[str, float]]) -> str:
    names = ("p50", "p95", "p99", "max")
    return _table(
        ("step", "count", *(f"{name}, ms" for name in names)),
        [
            (step, each["count"], *(f"{each[name] * 1000:.1f}" for name in names))
            for step, each in told.items()
        ],
    )


def _facts(facts: dict[str, Any]) -> str:
    rows = [
        (name.replace("_", " "), "not told" if it is None else it) for name, it in facts.items()
    ]
    return _table(("figure", "value"), rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    if not rows:
        return "<p>None.</p>"
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"
    return _scrolled(heads[0], table)


def _scrolled(label: str, inside: str) -> str:
    """What may be wider than a narrow window; reached by the keyboard."""
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(label)}">'
        f"{inside}</div>"
    )
