"""The plots of a report, as SVG drawn here; the page that holds them gives their colours."""

import math
from collections.abc import Sequence
from html import escape
from typing import Any

_WIDTH, _HEIGHT, _EDGE = 820, 220, 46  # of the throughput's plot, in pixels
_LABELS, _BAR = 240, 20  # width of a step's name, height of its bar
_SHORTEST = 1e-4
"""Seconds: where the latencies' axis begins."""


def throughput(run: dict[str, Any]) -> str:
    """Sign-ins a second, begun and ended, over the time of the run."""
    told = run["throughput"]
    width = told["seconds_per_part"]
    begun = [count / width for count in told["begun"]]
    ended = [count / width for count in told["ended"]]
    top = max(*begun, *ended, 1e-9)
    drawn = [
        _polyline(begun, top, "begun"),
        _polyline(ended, top, "ended"),
        _text(_EDGE, _HEIGHT - 8, "0 s"),
        _text(_WIDTH - _EDGE, _HEIGHT - 8, f"{run['seconds']:g} s", "end"),
        _text(4, 24, f"{top:.1f}/s"),
        _text(4, _HEIGHT - _EDGE, "0"),
        _axis(),
        _text(_EDGE + 10, 16, "begun", colour="begun"),
        _text(_EDGE + 70, 16, "ended", colour="ended"),
    ]
    return _svg("Sign-ins a second over the run, begun and ended", _HEIGHT, drawn)


def latencies(told: dict[str, dict[str, float]]) -> str:
    """p50, p95 and p99 of every step, on a logarithmic axis."""
    longest = max(each["p99"] for each in told.values())
    drawn = []
    for row, (step, each) in enumerate(told.items()):
        y = row * (_BAR + 6) + 6
        drawn.append(_text(_LABELS - 8, y + 15, step, "end"))
        for name in ("p99", "p95", "p50"):
            length = _length(each[name], longest)
            drawn.append(
                f'<rect x="{_LABELS}" y="{y}" width="{length:.1f}" height="{_BAR}" class="{name}"/>'
            )
        end = _LABELS + _length(each["p99"], longest) + 6
        drawn.append(_text(end, y + 15, f"{each['p50'] * 1000:.0f} / {each['p99'] * 1000:.0f} ms"))
    height = len(told) * (_BAR + 6) + 12
    return _svg("Latency of each step: p50 and p99; logarithmic", height, drawn)


def _length(seconds: float, longest: float) -> float:
    room = _WIDTH - _LABELS - 130
    span = math.log10(max(longest, 10 * _SHORTEST) / _SHORTEST)
    return max(1.0, room * math.log10(max(seconds, _SHORTEST) / _SHORTEST) / span)


def _axis() -> str:
    y, end = _HEIGHT - _EDGE, _WIDTH - _EDGE
    return f'<line x1="{_EDGE}" y1="{y}" x2="{end}" y2="{y}"/>'


def _polyline(values: Sequence[float], top: float, colour: str) -> str:
    step = (_WIDTH - 2 * _EDGE) / max(1, len(values) - 1)
    room = _HEIGHT - _EDGE - 28
    points = " ".join(
        f"{_EDGE + index * step:.1f},{_HEIGHT - _EDGE - value / top * room:.1f}"
        for index, value in enumerate(values)
    )
    return f'<polyline points="{points}" class="{colour}"/>'


def _text(x: float, y: float, words: str, anchor: str = "start", colour: str = "ink") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} class="{colour}">{escape(words)}</text>'


def _svg(title: str, height: int, drawn: list[str]) -> str:
    inside = "\n".join(drawn)
    return (
        f'<svg role="img" viewBox="0 0 {_WIDTH} {height}" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(title)}</title>\n{inside}\n</svg>"
    )
