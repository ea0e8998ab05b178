"""A service is told that a session ended, with every part a process of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Open
from tests.e2e.demonstration import PERSON, Demonstration, running_demonstration, wait_for
from tests.e2e.test_login import sign_in

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    folder: Path = tmp_path_factory.mktemp("backchannel")
    with running_demonstration(folder, services=1) as running:
        yield running


def test_a_service_learns_that_the_operator_ended_the_session(
    demonstration: Demonstration, open_browser: Open
) -> None:
    """oidcc-backchannel-rp-initiated-logout: the demonstration service verifies the token."""
    page, _onlooker = open_browser()
    sign_in(page, demonstration)
    demonstration.provider.command("session", "end", PERSON)

    def is_signed_out() -> bool:
        page.goto(demonstration.service)
        return page.locator("#login").count() == 1

    wait_for("the service to be told", is_signed_out)
    expect(page.locator("#national-id")).to_have_count(0)
