"""A device without a keyboard, and the browser in which its person lets it in (RFC 8628)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from idp.oauth.clients.registered import DEVICE_CODE, REFRESH_TOKEN
from tests.e2e.conftest import Open
from tests.e2e.demonstration import PERSON, Demonstration, running_demonstration

pytestmark = pytest.mark.slow

CLIENT, NAME = "ecran", "Écran de la salle de soins"


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    folder: Path = tmp_path_factory.mktemp("device")
    with running_demonstration(folder, services=0) as running:
        yield running


@pytest.fixture(scope="module")
def secret(demonstration: Demonstration) -> str:
    return demonstration.add_client(
        CLIENT,
        *("--name", NAME),
        *("--metadata", f'grant_types=["{DEVICE_CODE}", "{REFRESH_TOKEN}"]'),
    )


def ask(demonstration: Demonstration, secret: str, path: str, **form: str) -> dict[str, Any]:
    answer = httpx.post(
        f"{demonstration.provider.issuer}/protocol/openid-connect/{path}",
        data=form,
        auth=(CLIENT, secret),
        trust_env=False,
    )
    told: dict[str, Any] = answer.json()
    return told


def sign_in(page: Page, demonstration: Demonstration) -> None:
    page.fill("[name=national_id]", PERSON)
    page.click("button.primary")
    demonstration.phone.approve(page.locator("#challenge-number").inner_text())
    expect(page.locator("#user-code")).to_be_visible()


def test_a_wrong_code_is_told_where_it_was_typed(
    demonstration: Demonstration, open_browser: Open
) -> None:
    """RGAA 11.10 and 11.11."""
    page, onlooker = open_browser()
    page.goto(f"{demonstration.provider.base_url}/device")
    onlooker.check("device-code")
    page.fill("#user_code", "bbbb bbbb")
    page.click("button.primary")
    expect(page.locator("#user_code-error")).to_contain_text("a expiré")
    assert "user_code-error" in (page.locator("#user_code").get_attribute("aria-describedby") or "")
    onlooker.check("device-code-wrong")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_person_lets_a_device_in(
    demonstration: Demonstration, secret: str, open_browser: Open, scripts: bool
) -> None:
    """RFC 8628, 3.3 and 5.4; decision 14."""
    page, onlooker = open_browser(java_script_enabled=scripts)
    codes = ask(demonstration, secret, "auth/device", scope="openid scope_all")
    page.goto(codes["verification_uri"])
    page.fill("#user_code", codes["user_code"].lower().replace("-", " "))
    page.click("button.primary")
    sign_in(page, demonstration)
    expect(page.locator("#user-code")).to_have_text(codes["user_code"])
    expect(page.locator(".question")).to_contain_text(NAME)
    if scripts:
        onlooker.check("device-confirm")
    page.click("button[value=confirm]")
    expect(page.locator("h1")).to_have_text("L’appareil est connecté")
    if scripts:
        onlooker.check("device-done")
    given = ask(
        demonstration, secret, "token", grant_type=DEVICE_CODE, device_code=codes["device_code"]
    )
    assert given["token_type"] == "Bearer"
    onlooker.check_silence()


def test_a_sign_in_given_up_is_told_to_the_device(
    demonstration: Demonstration, secret: str, open_browser: Open
) -> None:
    """There is no service to go back to, and no page says so."""
    page, onlooker = open_browser()
    codes = ask(demonstration, secret, "auth/device", scope="openid")
    page.goto(codes["verification_uri_complete"])
    page.click("button.primary")
    onlooker.check("device-identifier")
    give_up = page.get_by_role("button", name="Abandonner")
    expect(give_up).to_have_text("Abandonner sans connecter l’appareil")
    give_up.click()
    expect(page.locator("h1")).to_have_text("L’appareil n’est pas connecté")
    told = ask(
        demonstration, secret, "token", grant_type=DEVICE_CODE, device_code=codes["device_code"]
    )
    assert told["error"] == "access_denied"


def test_a_link_is_compared_and_refused(
    demonstration: Demonstration, secret: str, open_browser: Open
) -> None:
    """RFC 8628, 3.3.1: `verification_uri_complete`."""
    page, onlooker = open_browser()
    codes = ask(demonstration, secret, "auth/device", scope="openid")
    page.goto(codes["verification_uri_complete"])
    expect(page.locator("#user_code")).to_have_value(codes["user_code"])
    expect(page.locator("#user_code-hint")).to_contain_text("Comparez")
    onlooker.check("device-link")
    page.click("button.primary")
    sign_in(page, demonstration)
    page.click("button[value=reject]")
    expect(page.locator("h1")).to_have_text("L’appareil n’est pas connecté")
    onlooker.check("device-refused")
    told = ask(
        demonstration, secret, "token", grant_type=DEVICE_CODE, device_code=codes["device_code"]
    )
    assert told["error"] == "access_denied"
