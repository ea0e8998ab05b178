"""A screen with several phones, as `ecps-wallet screen` shows it, and what a person does on it."""

import base64
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import FilePayload, Page, expect

from idp.cli.demo_processes import start
from tests.e2e.callback import Callback, running_callback
from tests.e2e.demonstration import PERSON, Demonstration, RunningPhone, wait_for
from tests.serving.running import running_provider

FIRST, SECOND = "camille", "dominique"
OTHER_PERSON = "899700990023"
WRONG_PIN = "975310"
REQUEST_LIFETIME = 600  # seconds
BY_ITSELF = 20_000  # milliseconds, for what the provider is asked now and then

_SCREEN = 2


@dataclass
class Screen:
    """A provider, a service that asks it, and two phones; the first holds an e-CPS."""

    demonstration: Demonstration
    callback: Callback
    url: str
    folder: Path

    @property
    def phone(self) -> RunningPhone:
        """The first phone, held by its control address."""
        return self.demonstration.phone

    def outbox(self, person: str) -> list[dict[str, Any]]:
        """What was sent to a person, oldest first."""
        provider = self.demonstration.provider
        told = httpx.get(
            f"{provider.base_url}/dev/v1/outbox",
            params={"person": person},
            headers=provider.dev_headers,
            trust_env=False,
        )
        messages: list[dict[str, Any]] = told.raise_for_status().json()["messages"]
        return messages

    def wait_for_message(self, person: str, part: str, after: int = 0) -> dict[str, Any]:
        """The newest message that holds a `png` or a `code`, above a number."""
        found: list[dict[str, Any]] = []

        def is_there() -> bool:
            sent = [each for each in self.outbox(person) if each["id"] > after]
            found[:] = [each for each in sent if each["payload"].get(part)]
            return bool(found)

        wait_for(f"a message with a {part}", is_there)
        return found[-1]

    def newest(self, person: str) -> int:
        """The number of the newest message to a person."""
        return max((each["id"] for each in self.outbox(person)), default=0)

    def path(self, name: str = FIRST) -> str:
        return f"{self.url}/phones/{name}/"

    def enter(self, page: Page, name: str = FIRST) -> None:
        """Open a phone alone, typing the secret once."""
        page.goto(self.path(name))
        self.unlock(page)

    def unlock(self, page: Page) -> None:
        page.get_by_label("Secret de démarrage").fill(self.phone.secret)
        page.get_by_role("button", name="Ouvrir").click()

    def ask(self, page: Page, person: str = PERSON, button: str = "button.primary") -> str:
        """A browser asks for a sign-in; gives the number that its page shows."""
        page.goto(self.callback.request(self.demonstration))
        page.fill("[name=national_id]", person)
        page.click(button)
        return page.locator("#challenge-number").inner_text()


@contextlib.contextmanager
def running_screen(folder: Path) -> Iterator[Screen]:
    """The screen, with no budget of pushes to be spent."""
    given: dict[str, Any] = {
        "pushes_per_window": 500,
        "pushes_per_day": 500,
        "starts_per_address": 500,
        "page_poll_interval": 0.3,
        # What is looked at waits until that is done, however many tests share the machine.
        "web_challenge_lifetime": REQUEST_LIFETIME,
    }
    with contextlib.ExitStack() as stack:
        alone = ("--single-process",)
        provider = stack.enter_context(running_provider(folder, options=alone, **given))
        port = provider.port_base + _SCREEN
        url = f"http://localhost:{port}"
        phone = RunningPhone(f"{url}/phones/{FIRST}")
        phones = [f"--phone={name}={folder / name}" for name in (FIRST, SECOND)]
        command = ["screen", "--port", str(port), "--idp", provider.base_url, *phones]
        program = start(
            "screen",
            ["wallet_sim.cli", "--home", str(folder / "screen"), *command],
            folder=folder,
            environment={"ECPS_CONTROL_SECRET": phone.secret},
        )
        stack.callback(program.stop)
        program.wait_until(url)
        demonstration = Demonstration(provider, phone)
        demonstration.enrol()
        callback = stack.enter_context(running_callback(demonstration))
        yield Screen(demonstration, callback, url, folder)


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def answer(page: Page, number: str, pin: str) -> None:
    """Pick the number, type the PIN, approve."""
    fill_in(page, number, pin)
    page.get_by_role("button", name="Approuver").click()


def fill_in(page: Page, number: str, pin: str) -> None:
    """Pick the number and type the PIN."""
    page.get_by_role("radio", name=number).check()
    page.get_by_label("Code e-CPS", exact=True).fill(pin)


def approve_by_control(screen: Screen, browser: Page) -> None:
    """A success, after which no wrong PIN is told at the next sign-in."""
    screen.phone.approve(screen.ask(browser))


def press(page: Page, digits: str) -> None:
    """Press keys of the keypad with the mouse."""
    for digit in digits:
        page.locator(f".keys [data-digit='{digit}']").click()


def choose(page: Page, pin: str) -> None:
    page.get_by_label("Nouveau code e-CPS").fill(pin)
    page.get_by_label("Le même code").fill(pin)
    page.get_by_role("button", name="Activer ma e-CPS").click()


def activate_by_mail(page: Page, screen: Screen, person: str, pin: str) -> str:
    """From an empty phone to an e-CPS, as a person does it; gives its revocation code."""
    page.get_by_role("link", name="Par courriel et SMS").click()
    before = screen.newest(person)
    page.get_by_label("Identifiant national").fill(person)
    page.get_by_role("button", name="Continuer").click()
    mail = screen.wait_for_message(person, "png", after=before)
    show_picture(page, mail)
    sms = screen.wait_for_message(person, "code", after=mail["id"])
    page.get_by_label("Code reçu par SMS").fill(sms["payload"]["code"])
    page.get_by_role("button", name="Continuer").click()
    choose(page, pin)
    code = page.locator("#revocation-code").inner_text()
    page.get_by_role("button", name="Le code est noté").click()
    heading(page, "Ma e-CPS")
    return code


def show_picture(page: Page, mail: dict[str, Any]) -> None:
    """Choose the picture of a mail in the form that reads it."""
    picture = base64.b64decode(mail["payload"]["png"])
    file = FilePayload(name="qr.png", mimeType="image/png", buffer=picture)
    page.locator("[name=picture]").set_input_files(files=[file])
    send = page.get_by_role("button", name="Lire l’image")
    if send.is_visible():
        send.click()
