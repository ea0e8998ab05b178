"""The oncology network (eRCP): business software that signs people in by CIBA."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from relying_services.clock import Clock
from relying_services.oncology import views, views_sign_in
from relying_services.oncology.settings import OncologySettings
from relying_services.oncology.store.tables import TABLES
from relying_services.service.app import make_app
from relying_services.service.service import Kind

__all__ = ["KIND", "OncologySettings", "create_app"]

KIND = Kind(
    "oncology",
    _l("Réseau d’oncologie (eRCP)"),
    "oncology.home",
    (views_sign_in.bp, views.bp),
    TABLES,
    port_offset=14,
    entrance="software.ask",
)


def create_app(settings: OncologySettings, clock: Clock | None = None) -> Flask:
    """The network as an application, its database brought up to date."""
    return make_app(KIND, settings, clock)
