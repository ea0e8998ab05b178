"""Days as they are typed: by a picker or by hand, and in no third way."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from relying_services.service.days import day_kept, day_typed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "20260701",
        "2026-W27-3",
        "2026-182",
        "2026-7-1",
        "1/7/2026",
        "01/07/26",
        "01-07-2026",
        "07/13/2026",
        "31/02/2026",
        "2026-02-29",
        "0000-01-01",
        "٠١/٠٧/٢٠٢٦",
        "01/07/2026 12:00",
        "2026-07-01T00:00",
    ],
)
def test_what_is_neither_iso_nor_french_is_no_day(text: str) -> None:
    """Python 3.11 takes weeks and the basic form of ISO 8601 besides: nobody types these."""
    assert day_typed(text) is None
    assert day_kept(text) == text


@given(day=st.dates())
@hypothesis_settings(max_examples=50, derandomize=True)
def test_a_day_is_read_in_both_ways_and_kept_in_one(day: date) -> None:
    written = f"{day.day:02}/{day.month:02}/{day.year:04}"
    for text in (day.isoformat(), written, f" {written} "):
        assert day_typed(text) == day
        assert day_kept(text) == day.isoformat()


@given(text=st.text(max_size=12))
@hypothesis_settings(max_examples=100, derandomize=True)
def test_no_text_is_taken_for_a_day_that_it_does_not_name(text: str) -> None:
    found = day_typed(text)
    if found is not None:
        forms = {found.isoformat(), f"{found.day:02}/{found.month:02}/{found.year:04}"}
        assert text.strip() in forms
