"""Secure messaging between professionals: it takes the card and nothing else (EP-16)."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from relying_services.clock import Clock
from relying_services.messaging.settings import MessagingSettings
from relying_services.messaging.store.tables import TABLES
from relying_services.messaging.views import bp
from relying_services.service.app import make_app
from relying_services.service.service import Kind

__all__ = ["KIND", "MessagingSettings", "create_app"]

KIND = Kind(
    "messaging",
    _l("Messagerie sécurisée de santé"),
    "messaging.home",
    (bp,),
    TABLES,
    port_offset=12,
)


def create_app(settings: MessagingSettings, clock: Clock | None = None) -> Flask:
    """The messaging as an application, its database brought up to date."""
    return make_app(KIND, settings, clock)
