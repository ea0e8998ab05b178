"""All services in one process, for the demonstration: what each is told of the others.

Each keeps its own database, its own cookie, its own registration at the provider. What two of them
share beside (the secret by which Mon compte asks EspacePro) is drawn at each start.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask

from relying_services import (
    billing,
    catalogue,
    espacepro,
    messaging,
    mon_compte,
    oncology,
    regulation,
)
from relying_services.clock import Clock
from relying_services.sample import database_in
from relying_services.secrets_file import READER, SecretOf
from relying_services.service.app import service_of
from relying_services.service.messages import start_postman
from relying_services.service.service import Kind
from relying_services.service.settings import SessionLimits


@dataclass(frozen=True)
class Ground:
    """Where the services stand."""

    issuer: str
    port_base: int
    folder: Path
    """Of the databases, one a service."""
    secret_of: SecretOf
    card_authority: Path
    """Certificate of the authority of the cards."""
    limits: SessionLimits
    cpam_agents: frozenset[str] = frozenset()
    """National identifiers of those who may open the back office of the CPAM (EP-13)."""
    smtp_url: str = ""
    clock: Clock = field(default_factory=Clock)
    """The one time of all of them."""
    api_secret: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    """By which Mon compte asks EspacePro."""

    def address(self, offset: int) -> str:
        """What stands at an offset from the base (decision 4)."""
        return f"http://localhost:{self.port_base + offset}"

    def common(self, kind: Kind) -> dict[str, Any]:
        """The settings that every service has."""
        return {
            "issuer": self.issuer,
            "client_id": kind.name,
            "client_secret": self.secret_of(kind.name),
            "base_url": self.address(kind.port_offset),
            "database_url": database_in(self.folder, kind),
            "limits": self.limits,
            "smtp_url": self.smtp_url,
        }


Make = Callable[[Ground], Flask]
_READER_OFFSET = 2


def _espacepro(ground: Ground) -> Flask:
    settings = espacepro.EspaceProSettings(
        **ground.common(espacepro.KIND),
        cpam_agents=ground.cpam_agents,
        api_secret=ground.api_secret,
        mon_compte_url=ground.address(mon_compte.KIND.port_offset),
    )
    return espacepro.create_app(settings, ground.clock)


def _mon_compte(ground: Ground) -> Flask:
    settings = mon_compte.MonCompteSettings(
        **ground.common(mon_compte.KIND),
        espacepro_url=ground.address(espacepro.KIND.port_offset),
        espacepro_secret=ground.api_secret,
        password_access=True,
    )
    return mon_compte.create_app(settings, ground.clock)


def _billing(ground: Ground) -> Flask:
    provider = urlsplit(ground.issuer)
    settings = billing.BillingSettings(
        **ground.common(billing.KIND),
        reader_url=ground.address(_READER_OFFSET),
        reader_secret=ground.secret_of(READER),
        authority_file=str(ground.card_authority),
        list_url=f"{provider.scheme}://{provider.netloc}/pki/persons.crl",
    )
    return billing.create_app(settings, ground.clock)


def _catalogue(ground: Ground) -> Flask:
    settings = catalogue.CatalogueSettings(**ground.common(catalogue.KIND))
    return catalogue.create_app(settings, ground.clock)


def _messaging(ground: Ground) -> Flask:
    settings = messaging.MessagingSettings(**ground.common(messaging.KIND))
    return messaging.create_app(settings, ground.clock)


def _regulation(ground: Ground) -> Flask:
    settings = regulation.RegulationSettings(**ground.common(regulation.KIND))
    return regulation.create_app(settings, ground.clock)


def _oncology(ground: Ground) -> Flask:
    settings = oncology.OncologySettings(**ground.common(oncology.KIND))
    return oncology.create_app(settings, ground.clock)


SERVICES: tuple[Make, ...] = (
    _catalogue,
    _espacepro,
    _mon_compte,
    _billing,
    _messaging,
    _regulation,
    _oncology,
)


@contextmanager
def together(ground: Ground) -> Iterator[dict[int, Flask]]:
    """Every service, by its port; their databases are closed when the block ends.

    Raises:
        SecretMissing: a service has no secret.
    """
    with ExitStack() as stack:
        apps: dict[int, Flask] = {}
        for make in SERVICES:
            app = make(ground)
            service = service_of(app)
            stack.callback(service.store.close)
            stack.callback(start_postman(service))
            apps[ground.port_base + service.kind.port_offset] = app
        yield apps
