"""The catalogue: which services take this identity, and the policy of each (EC-08)."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from relying_services.catalogue.settings import CatalogueSettings
from relying_services.catalogue.views import bp
from relying_services.clock import Clock
from relying_services.service.app import make_app
from relying_services.service.service import Kind

__all__ = ["KIND", "CatalogueSettings", "create_app"]

KIND = Kind("catalogue", _l("Catalogue des services"), "catalogue.home", (bp,), port_offset=8)


def create_app(settings: CatalogueSettings, clock: Clock | None = None) -> Flask:
    """The catalogue as an application, its database brought up to date."""
    return make_app(KIND, settings, clock)
