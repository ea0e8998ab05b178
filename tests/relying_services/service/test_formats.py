"""Days and moments as the pages of the services write them."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from relying_services.service.formats import day, day_of_a_mail, moment, moment_of_a_mail
from tests.relying_services.service.plain import plain_service, plain_settings

FIRST = datetime(2026, 6, 30, 22, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "days", "moments"),
    [
        ("fr", "1er juillet 2026", "1er juillet 2026 à 0\u00a0h\u00a005"),
        ("en", "1 July 2026", "1 July 2026, 00:05"),
    ],
)
def test_the_first_of_a_month_is_an_ordinal_and_hours_are_those_of_paris(
    tmp_path: Path, language: str, days: str, moments: str
) -> None:
    app = plain_service(plain_settings("http://localhost:1", "secret", tmp_path))
    with app.test_request_context(headers={"Accept-Language": language}):
        assert (day(date(2026, 7, 1)), moment(FIRST)) == (days, moments)


def test_a_mail_that_a_command_writes_has_the_same_days_and_moments_in_french() -> None:
    assert day_of_a_mail(date(2026, 7, 1)) == "1er juillet 2026"
    assert day_of_a_mail(date(2026, 7, 11)) == "11 juillet 2026"
    assert moment_of_a_mail(FIRST) == "1er juillet 2026 à 0\u00a0h\u00a005"


def test_an_address_without_a_page_says_what_to_do(tmp_path: Path) -> None:
    app = plain_service(plain_settings("http://localhost:1", "secret", tmp_path))
    page = app.test_client().get("/nowhere")
    assert page.status_code == 404
    assert "Aucune page n’a cette adresse" in page.text
