"""The console's door in a real browser: secret, security key, password and code, two people."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Page, expect

from idp.clock import Clock
from tests.e2e.conftest import Open
from tests.e2e.console import Console
from tests.e2e.virtual_key import plug_in
from tests.serving.running import running_provider

pytestmark = pytest.mark.slow
PASSWORD = "une phrase que personne ne devine"
_STEP = 30


@dataclass(frozen=True)
class OfficeConsole(Console):
    """Its operators are invited by command."""

    configuration: Path
    """Of what commands must know of it."""

    def invite(self, name: str, *roles: str) -> str:
        """What `ecps-idp operator add` prints for the operator."""
        options = [part for role in roles for part in ("--role", role)]
        command = ("operator", "add", name, *options, "--json")
        told = json.loads(self.provider.command(*command, "--config", str(self.configuration)))
        address: str = told["invitation"]
        return address


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfficeConsole]:
    folder: Path = tmp_path_factory.mktemp("console")
    with running_provider(folder, options=("--console",)) as running:
        console = OfficeConsole(running, folder / "console.toml")
        console.configuration.write_text(f'console_base_url = "{console.url}"')
        yield console


def code_of(totp: str, *, drift: int = 0) -> str:
    return str(pyotp.TOTP(totp).at(int(Clock().now().timestamp()) + drift * _STEP))


def join_by_key(page: Page, address: str) -> None:
    page.goto(address)
    plug_in(page)
    page.click("#key-button")
    expect(page.locator("h1")).to_have_text("Console")


def join_by_password(page: Page, address: str) -> str:
    """Gives the secret of the authenticator."""
    page.goto(address)
    totp = page.locator("#totp").inner_text().replace(" ", "")
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=again]", PASSWORD)
    page.fill("[name=code]", code_of(totp))
    page.click("text=Enregistrer le mot de passe et entrer")
    expect(page.locator("h1")).to_have_text("Console")
    return totp


def test_the_start_up_secret_opens_the_console_of_a_simulation(
    console: OfficeConsole, open_browser: Open
) -> None:
    """Decision 2."""
    page, onlooker = open_browser()
    page.goto(console.url)
    expect(page.locator("h1")).to_have_text("Entrer dans la console")
    onlooker.check("console-entrance")
    console.give_secret(page, "guessed")
    expect(page.locator("[name=secret]")).to_have_attribute("aria-invalid", "true")
    onlooker.check("console-entrance-error")
    console.give_secret(page, console.provider.dev_secret)
    expect(page.locator("#operator")).to_have_text("development")
    onlooker.check("console-home")
    page.goto(console.url + "/?lang=en")
    onlooker.check("console-home-english")


def test_a_simulation_invites_operators_at_once(console: OfficeConsole, open_browser: Open) -> None:
    """Decision 2: there is no second person; whole without scripts."""
    page, onlooker = open_browser(java_script_enabled=False)
    console.enter(page)
    page.click(".side a:has-text('Opérateurs')")
    page.click("text=Inviter un opérateur")
    page.fill("[name=name]", "Mal Formé")
    page.click("button.primary")
    expect(page.locator("[name=name]")).to_have_attribute("aria-invalid", "true")
    page.fill("[name=name]", "paul.durand")
    page.check("#role-reader")
    page.click("button.primary")
    address = page.locator("#result-1").inner_text()
    page.click("text=Continuer")
    expect(page.locator("tbody th")).to_contain_text(["paul.durand"])
    onlooker.check_silence()
    invited, watcher = open_browser(java_script_enabled=False)
    join_by_password(invited, address)
    expect(invited.locator("#operator")).to_have_text("paul.durand")
    watcher.check_silence()


def test_a_security_key_opens_the_console(console: OfficeConsole, open_browser: Open) -> None:
    page, onlooker = open_browser()
    page.goto(console.invite("claire.martin", "administrator"))
    onlooker.check("console-invitation")
    join_by_key(page, page.url)
    page.click("#sign-out")
    page.click("summary")
    onlooker.check("console-entrance-operator")
    page.click("#key-button")
    expect(page.locator("#operator")).to_have_text("claire.martin")
    page.click("text=Mon accès")
    onlooker.check("console-access")
    page.click("a.primary")
    onlooker.check("console-key-adding")
    page.fill("[name=name]", "Clé du coffre")
    plug_in(page, transport="usb")
    page.click("#key-button")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.click("tbody tr:nth-child(2) a")
    onlooker.check("console-key-removal")
    page.click("button.danger")
    expect(page.locator("tbody tr")).to_have_count(1)
    onlooker.check_silence()


def test_an_act_of_weight_takes_two_people(console: OfficeConsole, open_browser: Open) -> None:
    """The result is shown once, to who asked for it."""
    asking, onlooker = open_browser()
    totp = join_by_password(asking, console.invite("anne.leroy", "administrator"))
    asking.goto(console.url + "/operateurs/nouveau")
    asking.click("button.primary")
    expect(asking.locator("[name=name]")).to_have_attribute("aria-invalid", "true")
    onlooker.check("console-operator-new")
    asking.fill("[name=name]", "luc.bernard")
    asking.check("#role-support")
    asking.fill("[name=reason]", "Il rejoint l’assistance lundi.")
    asking.click("button.primary")
    expect(asking.locator(".badge")).to_have_text("En attente")
    onlooker.check("console-act-own")
    waiting = asking.url

    agreeing, watcher = open_browser()
    join_by_key(agreeing, console.invite("marc.petit", "administrator"))
    agreeing.click("text=1 demande attend une décision")
    watcher.check("console-approvals")
    agreeing.click("tbody a")
    watcher.check("console-act-to-decide")
    agreeing.click("text=Donner mon accord")
    expect(agreeing.locator(".badge")).to_have_text("Faite")
    watcher.check("console-act-done")

    asking.goto(waiting)
    onlooker.check("console-act-result-ready")
    asking.click("text=Afficher le résultat")
    expect(asking.locator("#result-1")).to_contain_text("/invitation/")
    onlooker.check("console-act-result")
    asking.goto(waiting)
    expect(asking.locator("text=Afficher le résultat")).to_have_count(0)
    asking.goto(console.url + "/operateurs")
    onlooker.check("console-operators")
    asking.goto(console.url + "/operateurs/luc.bernard")
    onlooker.check("console-operator")
    asking.goto(console.url + "/operateurs/luc.bernard/desactivation")
    onlooker.check("console-operator-disable")
    asking.goto(console.url + "/operateurs/luc.bernard/roles?lang=en")
    onlooker.check("console-operator-roles-english")
    asking.goto(console.url + "/?lang=fr")
    asking.click("#sign-out")
    asking.click("summary")
    asking.fill("[name=name]", "anne.leroy")
    asking.fill("[name=password]", PASSWORD)
    asking.fill("[name=code]", code_of(totp, drift=1))
    asking.click("text=Entrer avec le mot de passe")
    expect(asking.locator("#operator")).to_have_text("anne.leroy")


def test_who_only_reads_is_told_so(console: OfficeConsole, open_browser: Open) -> None:
    page, onlooker = open_browser()
    join_by_key(page, console.invite("zoe.faure", "reader"))
    page.goto(console.url + "/operateurs")
    expect(page.locator("h1")).to_have_text("Accès refusé")
    onlooker.check("console-role-too-low")


def test_an_invitation_opens_once(console: OfficeConsole, open_browser: Open) -> None:
    address = console.invite("theo.garnier", "reader")
    page, _onlooker = open_browser()
    join_by_password(page, address)
    late, onlooker = open_browser()
    late.goto(address)
    expect(late.locator("h1")).to_have_text("Cette page n’est plus valable")
    onlooker.check("console-invitation-gone")


def test_whoever_changes_something_proves_again_who_they_are(
    console: OfficeConsole, open_browser: Open
) -> None:
    page, onlooker = open_browser()
    join_by_key(page, console.invite("ines.moreau", "administrator"))
    console.provider.move_clock(601)
    page.goto(console.url + "/operateurs/nouveau")
    expect(page.locator("h1")).to_have_text("Confirmez que c’est vous")
    onlooker.check("console-confirmation")
    page.click("#key-button")
    page.wait_for_url("**/operateurs/nouveau")
    onlooker.check_silence()
