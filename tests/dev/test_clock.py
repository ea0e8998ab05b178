"""The movable clock of a simulation: it goes only where it can come back from."""

import pytest
from flask.testing import FlaskClient

from tests.conftest import DEV_SECRET

HEADERS = {"Ecps-Dev-Secret": DEV_SECRET}
CENTURIES = 300 * 365 * 86400


@pytest.mark.parametrize(
    "advance",
    ["NaN", "Infinity", "1e300", "1" + "0" * 400, str(CENTURIES), str(-CENTURIES), "true"],
)
def test_a_time_that_no_clock_shows_is_refused_and_moves_nothing(
    browser: FlaskClient, advance: str
) -> None:
    """Decision 5: past the end of the calendar every request would fail, this one included."""
    body = '{"advance": ' + advance + "}"
    answer = browser.post(
        "/dev/v1/clock", data=body, content_type="application/json", headers=HEADERS
    )
    assert answer.status_code == 400, answer.text
    assert browser.get("/dev/v1/clock", headers=HEADERS).json["offset"] == 0  # type: ignore[index]  # an object


def test_no_clock_goes_back_before_the_keys_that_sign(browser: FlaskClient) -> None:
    """Decision 5: before its beginning a provider answers nothing."""
    answer = browser.post("/dev/v1/clock", json={"advance": -3600}, headers=HEADERS)
    assert answer.status_code == 400
    assert "before" in answer.json["detail"]  # type: ignore[index]  # an object
    assert browser.get("/wallet/v1/configuration").status_code == 200
    assert browser.post("/dev/v1/jobs", headers=HEADERS).status_code == 200


def test_a_clock_that_was_moved_comes_back(browser: FlaskClient) -> None:
    for seconds, offset in ((3600, 3600.0), (-3600, 0.0)):
        moved = browser.post("/dev/v1/clock", json={"advance": seconds}, headers=HEADERS)
        assert moved.status_code == 200
        assert moved.json["offset"] == offset  # type: ignore[index]  # an object
