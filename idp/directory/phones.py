"""Telephone numbers as people and directories write them."""

import re

_PUNCTUATION = re.compile(r"[\s.\-()/]+")
_NATIONAL = re.compile(r"0[1-9][0-9]{8}", re.ASCII)
_INTERNATIONAL = re.compile(r"(?:\+|00)([1-9][0-9]{6,14})", re.ASCII)


def e164(number: str) -> str:
    """The E.164 form of a French or international number; empty when it is neither."""
    digits = _PUNCTUATION.sub("", number)
    if _NATIONAL.fullmatch(digits):
        return f"+33{digits[1:]}"
    international = _INTERNATIONAL.fullmatch(digits)
    return f"+{international[1]}" if international else ""
