"""Provider, services and phone as they are run: each a process of its own, on free ports."""

import contextlib
import functools
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from idp.cli.demo_processes import start
from idp.cli.demo_stage import Hand, Walk
from idp.cli.demo_walk import scan_mail, type_identifier, type_sms_code
from idp.clock import monotonic
from tests.serving.running import DEV_SECRET, RunningProvider, running_provider

PERSON = "899700990015"
PIN = "482613"
PATIENCE = 30.0
# Among the provider's own; the last one of ours is past them all.
_SERVICE, _PHONE, _SECOND_SERVICE = 1, 2, 8
_CONTROL_SECRET = "start-up-secret-of-a-running-phone"
_LOOK_AGAIN = 0.1


@dataclass
class RunningPhone:
    """`ecps-wallet serve`, held in the hand by its control address."""

    url: str
    secret: str = _CONTROL_SECRET

    def look(self, what: str) -> dict[str, Any]:
        told: dict[str, Any] = self._ask("GET", what, None).raise_for_status().json()
        return told

    def do(self, action: str, **members: str) -> dict[str, Any]:
        told: dict[str, Any] = self._ask("POST", action, members).raise_for_status().json()
        return told

    def refusal(self, action: str, **members: str) -> str:
        """The code of the refusal that an action must meet."""
        answer = self._ask("POST", action, members)
        assert answer.is_client_error, answer.text
        return str(answer.json()["code"])

    def pushes(self) -> int:
        return int(self.look("status")["pushes"])

    def request(self) -> dict[str, Any]:
        """The one request that waits, as the phone shows it."""
        (waiting,) = self.look("pending")["challenges"]
        shown: dict[str, Any] = waiting
        return shown

    def refuse_all(self) -> None:
        """End every request that waits."""
        for waiting in self.look("pending")["challenges"]:
            self.do("refuse", reason="cancelled", challenge_id=waiting["challenge_id"])

    def approve(self, number: str) -> None:
        assert self.do("approve", pin=PIN, number=number)["outcome"] == "approved"

    def _ask(self, method: str, what: str, members: dict[str, str] | None) -> httpx.Response:
        return httpx.request(
            method,
            f"{self.url}/control/v1/{what}",
            json=members,
            headers={"Ecps-Control-Secret": self.secret},
            trust_env=False,
            timeout=PATIENCE,
        )


@dataclass
class Demonstration:
    """What a practitioner has before them: a service, a provider, a phone."""

    provider: RunningProvider
    phone: RunningPhone
    services: list[str] = field(default_factory=list)

    @property
    def service(self) -> str:
        return self.services[0]

    def add_client(self, client_id: str, *options: str) -> str:
        """Register a service; gives its secret."""
        secret = secrets.token_urlsafe(16)
        self.provider.command("client", "add", client_id, "--secret", secret, *options)
        return secret

    def enrol(self) -> None:
        """Activate the e-CPS: identifier, mailed QR, SMS code, PIN."""
        hand = Hand(self.phone.url, self.phone.secret)
        walk = Walk(
            provider=self.provider.base_url,
            service="",
            console="",
            phone=hand,
            new_phone=hand,
            reader=hand,
            dev_secret=self.provider.dev_secret,
            client=("", ""),
            make_card=lambda _number: None,
            tell=lambda _line: None,
            pause=_pause,
        )
        try:
            for step in (type_identifier, scan_mail, type_sms_code):
                step(walk)
        finally:
            walk.browser.close()
        self.phone.do("pin", pin=PIN)


@contextlib.contextmanager
def running_demonstration(
    folder: Path,
    *,
    services: int = 1,
    options: tuple[str, ...] = ("--single-process",),
    port_base: int = 0,
    **settings: object,
) -> Iterator[Demonstration]:
    """A provider, so many services, and a phone that holds an e-CPS.

    The provider is one process, which starts at a third of the cost of all of them: ``options``
    of the console or of TLS start these.
    """
    # Pages look often, and no budget of pushes is spent: what is tested here is the path.
    quick = {"page_poll_interval": 0.3, "page_refresh_interval": 1, "pushes_per_window": 500}
    given: dict[str, Any] = {"pushes_per_day": 500, "starts_per_address": 500} | quick | settings
    with contextlib.ExitStack() as stack:
        provider = stack.enter_context(
            running_provider(folder, options=options, port_base=port_base, **given)
        )
        base = provider.port_base
        phone = RunningPhone(f"http://localhost:{base + _PHONE}")
        demonstration = Demonstration(provider, phone)
        home = ["wallet_sim.cli", "--home", str(folder / "phone")]
        program = start(
            "phone",
            [*home, "serve", "--port", str(base + _PHONE)],
            folder=folder,
            environment={"ECPS_CONTROL_SECRET": phone.secret, "ECPS_DEV_SECRET": DEV_SECRET},
        )
        stack.callback(program.stop)
        for port in (base + _SERVICE, base + _SECOND_SERVICE)[:services]:
            stack.callback(_start_service(demonstration, folder, port))
        program.wait_until(phone.url)
        for url in demonstration.services:
            wait_for("the service", functools.partial(_answers, url))
        demonstration.enrol()
        yield demonstration


def wait_for(what: str, found: Callable[[], object]) -> None:
    """Look again until it is so."""
    deadline = monotonic() + PATIENCE
    while not found():
        assert monotonic() < deadline, f"waited {PATIENCE:g} s for {what}"
        _never.wait(_LOOK_AGAIN)


def _start_service(demonstration: Demonstration, folder: Path, port: int) -> Callable[[], None]:
    url = f"http://localhost:{port}"
    name = f"service-{len(demonstration.services) + 1}"
    secret = demonstration.add_client(
        name,
        *("--name", f"Logiciel de cabinet {len(demonstration.services) + 1}"),
        *("--redirect-uri", f"{url}/callback", "--post-logout-redirect-uri", f"{url}/signed-out"),
        *("--backchannel-logout-uri", f"{url}/backchannel-logout", "--ciba", "--development"),
    )
    issuer = ["--issuer", demonstration.provider.issuer]
    program = start(
        name,
        ["relying_services.demo", *issuer, "--client-id", name, "--port", str(port)],
        folder=folder,
        environment={"DEMO_CLIENT_SECRET": secret},
    )
    demonstration.services.append(url)
    return program.stop


def _answers(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(url, trust_env=False).is_success
    return False


def _pause(seconds: float) -> None:
    _never.wait(seconds)


_never = threading.Event()
