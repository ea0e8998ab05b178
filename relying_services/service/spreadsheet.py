"""Tables for a spreadsheet, a line at a time."""

import csv
import io
from collections.abc import Iterable

MARK = "\ufeff"
"""What a file begins with: spreadsheets know its encoding by this alone."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def line(cells: Iterable[str]) -> str:
    """One line, its cells parted as a French spreadsheet reads them."""
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerow(cells)
    return text.getvalue()


def inert(cell: str) -> str:
    """A text that a spreadsheet would take for a formula is kept from being one."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
