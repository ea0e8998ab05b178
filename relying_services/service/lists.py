"""Lists, a page at a time, by the number of the last row that was shown."""

from collections.abc import Sequence
from typing import TypeVar

from flask import request

from relying_services.service.errors import NotUnderstood
from relying_services.service.numbers import number_of

Row = TypeVar("Row")


def number_asked(name: str) -> int | None:
    """The number of a row that the address names; none where it names none.

    Raises:
        NotUnderstood: what stands there is no number.
    """
    text = request.args.get(name, "")
    if not text:
        return None
    number = number_of(text)
    if number is None:
        raise NotUnderstood
    return number


def page_of(rows: Sequence[Row], size: int) -> tuple[Sequence[Row], Row | None]:
    """The rows of one page, and the last of them where another page follows.

    Args:
        rows: of a list that was asked for one row more than a page has.
        size: rows of a page.
    """
    shown = rows[:size]
    return shown, shown[-1] if len(rows) > size else None
