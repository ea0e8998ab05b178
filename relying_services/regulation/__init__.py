"""The regulation platform of the Service d'accès aux soins (SAS): calls taken and closed."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from relying_services.clock import Clock
from relying_services.regulation.settings import RegulationSettings
from relying_services.regulation.store.tables import TABLES
from relying_services.regulation.views import bp
from relying_services.service.app import make_app
from relying_services.service.service import Kind

__all__ = ["KIND", "RegulationSettings", "create_app"]

KIND = Kind(
    "regulation",
    _l("Plateforme de régulation (SAS)"),
    "regulation.home",
    (bp,),
    TABLES,
    port_offset=13,
)


def create_app(settings: RegulationSettings, clock: Clock | None = None) -> Flask:
    """The platform as an application, its database brought up to date."""
    return make_app(KIND, settings, clock)
