"""What acts cost: a table in integer cents, by convention and zone (SV-09).

Prices are invented, of a plausible size; those of any agreement change each year.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from relying_services.billing.errors import TariffUnknown

MOST = 9
"""Of one act on one invoice."""


@dataclass(frozen=True)
class ActKind:
    """One act that can be billed."""

    label: Any
    prices: Mapping[str, int]
    """Cents, by convention."""
    by_zone: Mapping[str, int]
    """Cents that a zone adds."""


_ALIKE = {"10": 0, "20": 0, "40": 0}

ACTS: Mapping[str, ActKind] = {
    "G": ActKind(
        _l("Consultation au cabinet"),
        {"1": 3000, "2": 3400, "3": 2300},
        {"10": 0, "20": 0, "40": 360},
    ),
    "V": ActKind(
        _l("Visite à domicile"),
        {"1": 3000, "2": 3400, "3": 2300},
        {"10": 0, "20": 0, "40": 360},
    ),
    "MD": ActKind(
        _l("Majoration de déplacement"),
        {"1": 1000, "2": 1000, "3": 1000},
        {"10": 0, "20": 0, "40": 150},
    ),
    "IK": ActKind(
        _l("Indemnité kilométrique"), {"1": 61, "2": 61, "3": 61}, {"10": 0, "20": 10, "40": 30}
    ),
    "MEG": ActKind(
        _l("Majoration enfant de moins de six ans"), {"1": 500, "2": 500, "3": 0}, _ALIKE
    ),
    "MN": ActKind(_l("Majoration de nuit"), {"1": 3500, "2": 3500, "3": 3500}, _ALIKE),
    "F": ActKind(
        _l("Majoration de dimanche et jour férié"), {"1": 1906, "2": 1906, "3": 1906}, _ALIKE
    ),
}
"""By the code of the act."""


@dataclass(frozen=True)
class Line:
    """One act of an invoice, priced."""

    code: str
    quantity: int
    unit: int
    """Cents."""

    @property
    def amount(self) -> int:
        """Cents."""
        return self.unit * self.quantity


def priced(quantities: Mapping[str, int], convention: str, zone: str) -> list[Line]:
    """The lines of an invoice.

    Args:
        quantities: by the code of the act; each 1 to `MOST`.
        convention: of whom is billed for.
        zone: of the same.

    Raises:
        TariffUnknown: no such act, or no price of it there.
    """
    return [
        Line(code, quantity, _unit(code, convention, zone)) for code, quantity in quantities.items()
    ]


def total(lines: list[Line]) -> int:
    """Cents."""
    return sum(line.amount for line in lines)


def _unit(code: str, convention: str, zone: str) -> int:
    try:
        act = ACTS[code]
        return act.prices[convention] + act.by_zone[zone]
    except KeyError as error:
        raise TariffUnknown from error
