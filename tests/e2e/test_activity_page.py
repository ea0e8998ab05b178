"""The page on which an activity is chosen, in a real browser (CP-08)."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from playwright.sync_api import expect

from idp import create_app
from tests.conftest import make_settings, provider_of
from tests.e2e.conftest import Open
from tests.signin.helpers import add_client, answer
from wallet_sim.serving import serve

PERSON = "899700990064"
"""Nine activities, five of them at the places of one practice."""

pytestmark = pytest.mark.slow


class Late:
    """An application that is made once its address is known."""

    app: Flask

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.app(environ, start_response)


@pytest.fixture
def served(sqlite_url: str, master_key: str) -> Iterator[Flask]:
    late = Late()
    with serve(late, host="localhost", port=0) as port:
        base_url = f"http://localhost:{port}"
        late.app = create_app(make_settings(sqlite_url, master_key, base_url=base_url))
        callback = f"{base_url}/accessibilite"
        options = {"selected_activity": True}
        add_client(provider_of(late.app), "asking", redirect_uris=[callback], options=options)
        yield late.app
    provider_of(late.app).store.close()


def test_the_activity_is_chosen_with_the_keyboard_alone(served: Flask, open_browser: Open) -> None:
    """CP-08; RGAA 4.1: axe finds nothing, a narrow screen shows it whole."""
    base_url = provider_of(served).settings.base_url
    page, onlooker = open_browser()
    request = {
        "client_id": "asking",
        "redirect_uri": f"{base_url}/accessibilite",
        "response_type": "code",
        "scope": "openid scope_all",
    }
    page.goto(f"{base_url}/auth?{urlencode(request)}")
    page.fill("[name=national_id]", PERSON)
    page.click("button.primary")
    expect(page.locator("#challenge-number")).to_be_visible()
    answer(provider_of(served))
    expect(page.get_by_role("group")).to_have_accessible_name(
        "Choisissez l’activité au titre de laquelle vous vous connectez"
    )
    expect(page.get_by_role("radio")).to_have_count(9)
    onlooker.check("activity")
    page.click("button.primary")
    expect(page.get_by_role("alert")).to_be_visible()
    onlooker.check("activity-error")
    page.get_by_role("radio").nth(1).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/accessibilite?**code=**")
    onlooker.check_silence()
