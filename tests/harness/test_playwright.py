"""The login driver in a real Chromium."""

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import chromium  # noqa: F401 - the fixture of all tests in a browser
from tests.harness.plain_service import PlainService, listening
from wallet_sim.harness.errors import LoginFailed
from wallet_sim.harness.phones import HeldPhone
from wallet_sim.harness.psc import Psc


def test_a_person_signs_in_by_phone_and_card_refuses_and_gives_up(
    shared: Psc,
    phone: HeldPhone,
    chromium: Browser,  # noqa: F811 - as pytest gives it
) -> None:
    with listening(PlainService(shared, "page")) as early:
        origin = early
    port = int(origin.rpartition(":")[2])
    shared.client("page", redirect_uris=[f"{origin}/callback"])
    shared.card(phone.person)
    page = chromium.new_context(locale="fr-FR").new_page()
    person = phone.person

    with listening(PlainService(shared, "page", origin, prompt="login"), port):
        with pytest.raises(LoginFailed, match=r"stands at no provider: pass at="):
            shared.login(page, person)

        login = shared.login(page, person, at=f"{origin}/login")
        assert login.ok
        assert login.text.count("back by GET")
        assert login.cookies["seen"] == "yes"
        assert "code" in login.answer

        page.goto(f"{origin}/login")
        assert shared.login(page, person, means="card").ok
        assert shared.sessions(person)[0]["means"] == ["CARD", "MOBILE"]  # stepped up

        phone.on_challenge("refuse").on_challenge("refuse")
        with pytest.raises(LoginFailed, match="refuse -> refused") as failed:
            shared.login(page, person, at=f"{origin}/login")
        assert failed.value.page == "signin/outcome.html"
        given_up = shared.login(page, person, at=f"{origin}/login", gives_up=True)
        assert given_up.answer["error"] == "access_denied"
