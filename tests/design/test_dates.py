"""Instants as people read them: by the clocks of France, in the language of the page."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from idp.web.dates import day, moment

FIRST = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "of_day", "of_moment"),
    [
        ("fr", "1er mars 2026", "1er mars 2026, 10:05"),
        ("en", "1 March 2026", "1 Mar 2026, 10:05"),
    ],
)
def test_the_first_of_a_month_is_written_as_people_do(
    app: Flask, language: str, of_day: str, of_moment: str
) -> None:
    with app.test_request_context(f"/?lang={language}"):
        assert (day(FIRST), moment(FIRST)) == (of_day, of_moment)


@pytest.mark.parametrize(("number", "shown"), [(2, "2 mars"), (11, "11 mars"), (21, "21 mars")])
def test_no_other_day_is_an_ordinal(app: Flask, number: int, shown: str) -> None:
    with app.test_request_context("/?lang=fr"):
        assert day(FIRST.replace(day=number)) == f"{shown} 2026"
        assert moment(FIRST.replace(day=number)) == f"{shown} 2026, 10:05"
