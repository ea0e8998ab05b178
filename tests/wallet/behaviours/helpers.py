"""One sign-in as the service, the provider and the phone see it."""

from dataclasses import dataclass
from typing import Any

from flask import Flask

from idp.provider import Provider
from idp.store.models import Challenge, Device
from tests.ciba.helpers import CibaService, service
from tests.conftest import provider_of
from tests.signin.helpers import all_of, events, newest_challenge
from tests.wallet.helpers import PERSON, advance, outbox
from wallet_sim.behaviours import Acted, ActingPhone
from wallet_sim.behaviours.script import Given
from wallet_sim.dev_provider import DevProvider


@dataclass
class Scene:
    """A service that asks by CIBA, so that it sees each outcome by name."""

    app: Flask
    phone: ActingPhone
    dev: DevProvider

    @property
    def provider(self) -> Provider:
        return provider_of(self.app)

    @property
    def service(self) -> CibaService:
        return service(self.app)

    def ask(self) -> str:
        asked: str = self.service.begin()["auth_req_id"]
        return asked

    def answer_to(self, asked: str) -> str:
        """What the service is told: `tokens`, or the error."""
        return str(self.service.poll(asked).json.get("error", "tokens"))

    def meet(self, *behaviours: Given) -> tuple[Acted, str]:
        """A sign-in met with a behaviour, to its end; gives its handle at the service too."""
        self.phone.on_challenge(*behaviours)
        asked = self.ask()
        (acted,) = self.phone.react() or self.react_when_due()
        return acted, asked

    def react_when_due(self) -> list[Acted]:
        """Move the provider's clock, and nothing else, to the answer that is due next."""
        due = self.phone.next_due()
        assert due is not None
        advance(self.provider, due - self.provider.clock.now().timestamp())
        return self.phone.react()

    @property
    def challenge(self) -> Challenge:
        return newest_challenge(self.provider)

    @property
    def device(self) -> Device:
        device: Device
        (device,) = [each for each in all_of(self.provider, Device) if each.national_id == PERSON]
        return device

    @property
    def told(self) -> dict[str, Any]:
        """What `/dev/v1` tells of the phone."""
        (device,) = self.dev.ask("GET", f"people/{PERSON}/devices")["devices"]
        found: dict[str, Any] = device
        return found

    def journal(self) -> list[str]:
        return events(self.provider)

    def mails(self) -> list[str]:
        """What the declared contacts were sent, by subject."""
        sent = outbox(self.app, PERSON)
        return [str(each["payload"].get("subject")) for each in sent if each["kind"] == "mail"]
