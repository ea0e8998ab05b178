"""Numbers of rows, as addresses name them."""

_LARGEST = 2**31 - 1
"""A larger one is none that a database has given: PostgreSQL's INTEGER ends here."""
_LONGEST = len(str(_LARGEST))

NUMBER = f"<int(max={_LARGEST}):number>"
"""The number of a row in an address of its own."""


def number_of(text: str) -> int | None:
    """The number that a text is; None where it is none."""
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST):
        return None
    number = int(text)
    return number if number <= _LARGEST else None
