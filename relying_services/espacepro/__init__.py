"""EspacePro: teleservices, and their delegation to a substitute, an assistant, an accountant."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from relying_services.clock import Clock
from relying_services.espacepro import (
    acting,
    api,
    views,
    views_cpam,
    views_delegations,
    views_received,
    views_services,
    views_traces,
    words,
)
from relying_services.espacepro.retention import forget_drafts
from relying_services.espacepro.settings import EspaceProSettings
from relying_services.espacepro.store.tables import TABLES
from relying_services.service import csrf
from relying_services.service.app import make_app
from relying_services.service.service import Kind

__all__ = ["KIND", "EspaceProSettings", "create_app"]

KIND = Kind(
    "espacepro",
    _l("EspacePro"),
    "espacepro.home",
    (
        views.bp,
        views_delegations.bp,
        views_received.bp,
        views_services.bp,
        views_traces.bp,
        views_cpam.bp,
        api.bp,
    ),
    TABLES,
    port_offset=9,
    on_purge=forget_drafts,
)


def create_app(settings: EspaceProSettings, clock: Clock | None = None) -> Flask:
    """EspacePro as an application, its database brought up to date."""
    app = make_app(KIND, settings, clock)
    for endpoint in api.ENDPOINTS:
        csrf.exempt(app, endpoint)
    acting.init_app(app)
    words.init_app(app)
    return app
