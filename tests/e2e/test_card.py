"""The card in a real Chromium, with the real listener: its own certificate, and the portal."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from idp.cli.demo_processes import start
from tests.e2e.commands import wallet
from tests.e2e.conftest import Open
from tests.e2e.demonstration import Demonstration, RunningPhone, running_demonstration, wait_for
from tests.serving.running import DEV_SECRET
from wallet_sim.qr import read_image

HOLDER = "899700990023"
CARD = "9700000002"
LOST_CARD = "9700000001"
PAIRED_PIN = "7305"
_NEW_PHONE = 8

pytestmark = pytest.mark.slow


@dataclass
class Place:
    """Everything runs; cards are made by their own command, and exported by it."""

    demonstration: Demonstration
    new_phone: RunningPhone
    folder: Path

    @property
    def provider(self) -> str:
        return self.demonstration.provider.base_url

    @property
    def card_address(self) -> str:
        return f"https://localhost:{self.demonstration.provider.port_base + 5}"

    def certificate(self, number: str) -> dict[str, Any]:
        """What a browser needs of a card: `ecps-wallet card make`, its letter, `export-pem`."""
        pem = self.folder / f"{number}.pem"
        if not pem.exists():
            home = self.folder / "cards"
            made = ["card", "make", "--idp", self.provider, "--number", number]
            secret = {"ECPS_DEV_SECRET": DEV_SECRET}
            assert wallet(home, *made, **secret).returncode == 0
            exported = ["card", "export-pem", str(pem), "--card", number, "--code-stdin"]
            done = wallet(home, *exported, typed=self.code_of(number) + "\n")
            assert done.returncode == 0, done.stderr
        return {"origin": self.card_address, "certPath": pem, "keyPath": pem}

    def code_of(self, number: str) -> str:
        """The code in the card's letter (CP-06)."""
        told = self.dev("GET", "outbox")
        letters = [m["payload"] for m in told["messages"] if m["kind"] == "letter"]
        return next(str(each["code"]) for each in letters if each.get("card_number") == number)

    def dev(self, method: str, what: str, **members: str) -> dict[str, Any]:
        headers = self.demonstration.provider.dev_headers
        address = f"{self.provider}/dev/v1/{what}"
        told = httpx.request(
            method, address, json=members or None, headers=headers, trust_env=False
        )
        assert told.is_success, told.text
        answer: dict[str, Any] = told.json()
        return answer


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("card")
    with running_demonstration(folder) as running:
        port = running.provider.port_base + _NEW_PHONE
        phone = RunningPhone(f"http://localhost:{port}")
        program = start(
            "new-phone",
            ["wallet_sim.cli", "--home", str(folder / "new-phone"), "serve", "--port", str(port)],
            folder=folder,
            environment={"ECPS_CONTROL_SECRET": phone.secret},
        )
        try:
            program.wait_until(phone.url)
            yield Place(running, phone, folder)
        finally:
            program.stop()


def reader_of(place: Place, open_browser: Open, *cards: str, **options: Any) -> Any:
    """A browser on a computer whose reader holds a card."""
    certificates = [place.certificate(number) for number in cards]
    return open_browser(client_certificates=certificates, ignore_https_errors=True, **options)


def use_card(page: Page) -> None:
    """Open the card's tab where it is not the only one, and go where the card is asked for."""
    button = page.get_by_role("button", name="Utiliser ma carte CPS")
    if not button.is_visible():
        page.get_by_role("link", name="Carte CPS").click()
    button.click()


def enter_portal(page: Page, place: Place) -> None:
    page.goto(f"{place.provider}/portail/e-cps")
    use_card(page)
    page.wait_for_url("**/portail/e-cps")


def scan(page: Page, place: Place) -> str:
    """Scan the picture as the screen shows it; gives the code that the phone shows."""
    picture = page.locator("img.qr").screenshot()
    assert read_image(picture).startswith("ecps://pair?")
    shown = place.new_phone.do("pair", idp=place.provider, png=base64.b64encode(picture).decode())
    return str(shown["code"])


# -- sign-in -------------------------------------------------------------------------------------


def test_the_cards_own_certificate_signs_its_holder_in(place: Place, open_browser: Open) -> None:
    """CP-14; decision 7: the tokens say CARD."""
    page, onlooker = reader_of(place, open_browser, CARD)
    page.goto(f"{place.demonstration.service}/login")
    page.get_by_role("link", name="Carte CPS").click()
    expect(page.get_by_role("button", name="Utiliser ma carte CPS")).to_be_visible()
    onlooker.check("signin-with-card")
    use_card(page)
    page.wait_for_url(f"{place.demonstration.service}/")
    expect(page.locator("#national-id")).to_have_text(HOLDER)
    expect(page.locator("#userinfo")).to_contain_text('"authMode": "CARD"')
    onlooker.check_silence()


def test_without_a_certificate_a_page_tells_the_way_back(place: Place, open_browser: Open) -> None:
    """Decision 31."""
    page, onlooker = open_browser(ignore_https_errors=True)
    page.goto(f"{place.demonstration.service}/login")
    began = page.url
    use_card(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Carte refusée")
    assert page.url.startswith(place.card_address)
    expect(page.get_by_role("alert")).to_contain_text("Aucune carte n’a été présentée")
    onlooker.check("card-missing")
    page.get_by_role("link", name="Réessayer avec une carte").click()
    page.wait_for_url(f"{began}?moyen=carte")
    expect(page.get_by_role("button", name="Utiliser ma carte CPS")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Me connecter avec ma e-CPS").click()
    expect(page.locator("[name=national_id]")).to_be_visible()


def test_an_opposed_card_is_refused_with_its_own_reason(place: Place, open_browser: Open) -> None:
    """CP-13, decision 31; attack 39."""
    page, onlooker = reader_of(place, open_browser, LOST_CARD)
    place.dev("POST", f"ans/cards/{LOST_CARD}/opposition", reason="vol")
    page.goto(f"{place.demonstration.service}/login")
    use_card(page)
    expect(page.get_by_role("alert")).to_contain_text("opposition")
    onlooker.check("card-opposed")


# -- the portal ----------------------------------------------------------------------------------


def test_pages_of_the_portal_that_need_no_sign_in(place: Place, open_browser: Open) -> None:
    """CP-13, CP-17."""
    page, onlooker = open_browser()
    for name, path in (("portal", "/portail"), ("portal-help", "/portail/aide")):
        page.goto(place.provider + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        onlooker.check(name)


def test_a_phone_is_paired_by_the_picture_on_the_screen(place: Place, open_browser: Open) -> None:
    """EC-05, EC-21, EC-23: each page follows by its script."""
    page, onlooker = reader_of(place, open_browser, CARD)
    enter_portal(page, place)
    onlooker.check("pairing-begin")
    page.get_by_role("button", name="Afficher le QR code").click()
    onlooker.check("pairing-qr")
    page.set_viewport_size({"width": 1280, "height": 900})
    code = scan(page, place)
    field = page.get_by_label("Code affiché par le téléphone")
    expect(field).to_be_focused()
    onlooker.check("pairing-code")
    field.fill("12")
    page.get_by_role("button", name="Confirmer ce téléphone").click()
    expect(page.get_by_role("alert")).to_be_visible()
    onlooker.check("pairing-code-malformed")
    page.get_by_label("Code affiché par le téléphone").fill(f"{code[:3]} {code[3:]}")
    page.get_by_role("button", name="Confirmer ce téléphone").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Choisissez votre code e-CPS")
    onlooker.check("pairing-confirmed")
    _choose_pin(place)
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre e-CPS est active")
    onlooker.check("pairing-active")
    _leave(place)


def test_a_phone_is_paired_without_javascript(place: Place, open_browser: Open) -> None:
    """Decision 14: pages reload themselves."""
    page, _ = reader_of(place, open_browser, CARD, java_script_enabled=False)
    enter_portal(page, place)
    page.get_by_role("button", name="Afficher le QR code").click()
    code = scan(page, place)
    page.get_by_label("Code affiché par le téléphone").fill(code)
    page.get_by_role("button", name="Confirmer ce téléphone").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Choisissez votre code e-CPS")
    _choose_pin(place)
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre e-CPS est active")
    _leave(place)


def test_a_lost_phone_is_revoked_by_the_code_it_showed(place: Place, open_browser: Open) -> None:
    """Attack 42: the phone's own page shows it once; another browser needs nothing else."""
    page, _ = reader_of(place, open_browser, CARD)
    enter_portal(page, place)
    page.get_by_role("button", name="Afficher le QR code").click()
    code = scan(page, place)
    screen, watcher = open_browser()
    screen.goto(place.new_phone.url)
    screen.get_by_label("Secret de démarrage").fill(place.new_phone.secret)
    screen.get_by_role("button", name="Ouvrir").click()
    expect(screen.locator("#pairing-code")).to_have_text(f"{code[:3]} {code[3:]}")
    watcher.check("phone-pairing")
    page.get_by_label("Code affiché par le téléphone").fill(code)
    page.get_by_role("button", name="Confirmer ce téléphone").click()
    expect(screen.get_by_role("heading", level=1)).to_have_text("Choisir le code e-CPS")
    screen.get_by_label("Nouveau code e-CPS").fill(PAIRED_PIN)
    screen.get_by_label("Le même code").fill(PAIRED_PIN)
    screen.get_by_role("button", name="Activer").click()
    code = screen.locator("#revocation-code").inner_text()
    watcher.check("phone-activated-by-card")
    screen.get_by_role("button", name="Le code est noté").click()
    expect(screen.locator("#revocation-code")).to_have_count(0)

    elsewhere, onlooker = open_browser()
    elsewhere.goto(f"{place.provider}/portail")
    elsewhere.get_by_role("link", name="Révoquer ma e-CPS").click()
    onlooker.check("revocation")
    elsewhere.get_by_label("Code de révocation").fill("00000 00000 00000")
    elsewhere.get_by_label("Je confirme").check()
    elsewhere.get_by_role("button", name="Révoquer ma e-CPS").click()
    expect(elsewhere.get_by_role("alert")).to_contain_text("Aucune e-CPS en service")
    onlooker.check("revocation-refused")
    elsewhere.get_by_label("Code de révocation").fill(code)
    elsewhere.get_by_label("Je confirme").check()
    elsewhere.get_by_role("button", name="Révoquer ma e-CPS").click()
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Votre e-CPS est révoquée")
    onlooker.check("revoked")
    assert place.new_phone.refusal("approve", pin=PAIRED_PIN) == "device_inactive"
    _leave(place)


def test_a_wrong_code_ends_the_pairing_and_another_qr_is_offered(
    place: Place, open_browser: Open
) -> None:
    """EC-23: one try; RGAA 13.1."""
    page, onlooker = reader_of(place, open_browser, CARD)
    enter_portal(page, place)
    page.get_by_role("button", name="Afficher le QR code").click()
    code = scan(page, place)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    page.get_by_label("Code affiché par le téléphone").fill(wrong)
    page.get_by_role("button", name="Confirmer ce téléphone").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce n’est pas le bon code")
    onlooker.check("pairing-ended")
    page.get_by_role("button", name="Nouveau QR").click()
    expect(page.locator("img.qr")).to_be_visible()
    assert place.new_phone.refusal("pairing") == "pairing_refused"


def test_a_card_is_put_in_opposition_by_its_holder(place: Place, open_browser: Open) -> None:
    """CP-05, CP-13; RGAA 11.12."""
    page, onlooker = reader_of(place, open_browser, CARD)
    page.goto(f"{place.provider}/portail/cartes")
    use_card(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes cartes")
    onlooker.check("cards")
    page.get_by_role("link", name=f"Mettre en opposition la carte n° {CARD}").click()
    onlooker.check("opposition")
    page.get_by_text("Je l’ai perdue").click()
    _without_validation(page)
    page.get_by_role("button", name="Mettre en opposition").click()
    expect(page.get_by_role("alert")).to_contain_text("Cochez la case")
    onlooker.check("opposition-error")
    page.get_by_label("Je confirme").check()
    page.get_by_role("button", name="Mettre en opposition").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Carte en opposition")
    onlooker.check("opposed")


def _without_validation(page: Page) -> None:
    """As a browser that leaves the checking to the provider."""
    page.locator("main form").evaluate("form => { form.noValidate = true }")


def _wait_for_confirmation(place: Place) -> None:
    wait_for("the confirmation", lambda: place.new_phone.do("pairing")["state"] == "confirmed")


def _choose_pin(place: Place) -> None:
    _wait_for_confirmation(place)
    identity = place.new_phone.do("pin", pin=PAIRED_PIN)
    assert identity["national_id"] == HOLDER


def _leave(place: Place) -> None:
    place.new_phone.do("delete")
