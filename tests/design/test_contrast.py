"""RGAA 3.2 and 3.3, computed from the tokens: what axe-core cannot see is covered too.

Text on each ground it stands on has 4.5:1; edges of controls, focus and signs have 3:1.
"""

import re

import pytest

from idp.resources import DESIGN

_SHEET = (DESIGN / "design.css").read_text("utf-8")
_BLOCKS = re.findall(r":root \{(.*?)\}", _SHEET, re.DOTALL)
_TOKEN = re.compile(r"--([\w-]+): (#[0-9a-f]{6});")
SCHEMES = {"light": dict(_TOKEN.findall(_BLOCKS[0]))}
SCHEMES["dark"] = SCHEMES["light"] | dict(_TOKEN.findall(_BLOCKS[1]))

TEXT = [
    *((ink, ground) for ink in ("ink", "ink-soft") for ground in ("paper", "card", "sunken")),
    *((ink, ground) for ink in ("accent", "accent-strong") for ground in ("paper", "card")),
    *(("ink", f"{kind}-soft") for kind in ("accent", "danger", "success", "warning")),
    *((kind, f"{kind}-soft") for kind in ("danger", "success", "warning")),
    ("accent", "sunken"),
    ("accent-strong", "accent-soft"),
    ("danger", "card"),
    ("success", "card"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-danger", "danger"),
    ("on-danger", "danger-strong"),
    ("on-notice", "notice"),
    *(("card", kind) for kind in ("accent", "danger", "success", "warning")),
]
EDGES = [
    *((edge, ground) for edge in ("edge", "focus") for ground in ("paper", "card", "sunken")),
    ("accent", "accent-soft"),
    ("focus", "accent-soft"),
    ("focus", "danger-soft"),
]


def luminance(colour: str) -> float:
    """WCAG 2.1, relative luminance."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2.1, contrast ratio."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_measure_is_that_of_the_recommendation() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read(scheme: str, ink: str, ground: str) -> None:
    tokens = SCHEMES[scheme]
    assert contrast(tokens[ink], tokens[ground]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_and_focus_can_be_seen(scheme: str, edge: str, ground: str) -> None:
    tokens = SCHEMES[scheme]
    assert contrast(tokens[edge], tokens[ground]) >= 3


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_palette_is_not_the_state_s(scheme: str) -> None:
    """Design 7: no mark of the State, and its blue is one."""
    assert "#000091" not in SCHEMES[scheme].values()


def test_every_colour_of_a_rule_is_a_token() -> None:
    """But for the white behind a QR, which a camera needs."""
    rules = _SHEET.split("/* Page */")[1]
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", rules) == ["#ffffff"]
