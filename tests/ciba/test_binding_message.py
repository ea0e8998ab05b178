"""What may be shown of a `binding_message` (CIBA Core 7.1; decision 29)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.oauth.rules.binding_message import (
    BindingMessage,
    InvalidBindingMessage,
    read_binding_message,
)

LONGEST = 60
UNPLAIN = {
    "line break": "Ordonnance\n42",
    "tabulator": "a\tb",
    "escape": "a\x1b[31m",
    "NUL": "a\0b",
    "right-to-left override": "a\u202eb",
    "isolate": "a\u2066b",
    "zero width space": "a\u200bb",
    "joiner": "a\u200db",
    "byte order mark": "\ufeffa",
    "soft hyphen": "a\u00adb",
    "no-break space": "a\u00a0b",
    "line separator": "a\u2028b",
    "variation selector": "a\ufe0f",
    "stacked marks": "a\u0321\u0322\u0323",
    "enclosing mark": "1\u20e3",
    "private use": "\ue000",
    "unassigned": "\u0378",
    "Hangul filler": "a\u3164b",
    "braille blank": "a\u2800b",
    "Hebrew": "\u05d0",
    "Arabic digit": "\u0661",
    "leading space": " a",
    "trailing space": "a ",
    "stretched": "a  b",
    "tag character": "a\U000e0041",
}


@pytest.mark.parametrize("text", UNPLAIN.values(), ids=UNPLAIN.keys())
def test_what_is_not_shown_plainly_is_refused(text: str) -> None:
    """Attack 47: nothing that moves, hides or stretches the words beside it."""
    with pytest.raises(InvalidBindingMessage):
        read_binding_message(text, longest=LONGEST)


@pytest.mark.parametrize("length", [61, 4096])
def test_a_long_message_is_refused_and_never_cut(length: int) -> None:
    with pytest.raises(InvalidBindingMessage):
        read_binding_message("a" * length, longest=LONGEST)


@pytest.mark.parametrize("number", ["00", "07", "99"])
def test_two_digits_are_the_number_to_match(number: str) -> None:
    """Decision 29."""
    assert read_binding_message(number, longest=LONGEST) == BindingMessage(number=number)


@pytest.mark.parametrize(
    "text", ["1234", "4", "4 2", "42.", "W4SCT", "Ordonnance n° 12 : à valider ?", "①②"]
)
def test_any_other_plain_text_is_shown_as_it_is(text: str) -> None:
    assert read_binding_message(text, longest=LONGEST) == BindingMessage(text=text)


def test_accents_typed_apart_are_composed() -> None:
    apart = unicodedata.normalize("NFD", "Hôpital")
    assert read_binding_message(apart, longest=LONGEST) == BindingMessage(text="Hôpital")


def test_an_empty_message_is_none() -> None:
    """RFC 6749, 3.1: a parameter without a value counts as omitted."""
    assert read_binding_message("", longest=LONGEST) == BindingMessage()


@given(st.text(max_size=80))
def test_whatever_is_sent_is_either_refused_or_short_and_printable(text: str) -> None:
    try:
        message = read_binding_message(text, longest=LONGEST)
    except InvalidBindingMessage:
        return
    shown = message.text or message.number or ""
    assert shown.isprintable()
    assert len(shown) <= LONGEST
    assert shown == " ".join(shown.split())
