"""`binding_message` (OpenID Connect CIBA Core 1.0, 7.1): what of it a person can be shown.

Two digits are the number to match, as at Pro Santé Connect; any other text is shown as it is, so
that it must be short and plain (decision 29).
"""

import re
import unicodedata
from dataclasses import dataclass

from authlib.oauth2 import OAuth2Error

_NUMBER = re.compile(r"[0-9]{2}")
_SHOWN = ("L", "N", "P", "S")
"""Categories of characters that are seen, each in a place of its own: no mark that stacks upon
others, nothing that breaks the line."""
_RIGHT_TO_LEFT = {"R", "AL", "AN"}
"""Bidirectional classes that would reorder the words beside them."""
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols of those categories that show nothing."""


class InvalidBindingMessage(OAuth2Error):
    """`invalid_binding_message` (CIBA Core 13): it cannot be shown, and is not shown changed."""

    error = "invalid_binding_message"


@dataclass(frozen=True)
class BindingMessage:
    """What ties the person's screen to the phone: a number, a text, or nothing."""

    number: str | None = None
    """Two digits, to be matched on the phone."""
    text: str | None = None
    """Shown on the phone."""


def read_binding_message(given: str, *, longest: int) -> BindingMessage:
    """The message; an empty one is none.

    Raises:
        InvalidBindingMessage: it is longer than ``longest`` characters, or not plain.
    """
    if not given:
        return BindingMessage()
    if _NUMBER.fullmatch(given):
        return BindingMessage(number=given)
    text = unicodedata.normalize("NFC", given)
    if len(text) > longest:
        raise InvalidBindingMessage(f"The binding_message has more than {longest} characters.")
    if text != text.strip(" ") or "  " in text:
        raise InvalidBindingMessage("The binding_message begins, ends or is stretched by spaces.")
    if not all(character == " " or _is_plain(character) for character in text):
        raise InvalidBindingMessage(
            "The binding_message holds a character that is not shown plainly from left to right."
        )
    return BindingMessage(text=text)


def _is_plain(character: str) -> bool:
    return (
        unicodedata.category(character)[0] in _SHOWN
        and unicodedata.bidirectional(character) not in _RIGHT_TO_LEFT
        and character not in _BLANK
    )
