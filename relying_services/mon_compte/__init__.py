"""The account of a practitioner at the health insurance: "Mon compte", in five tabs (MA-02)."""

from dataclasses import replace

from flask import Flask
from flask_babel import lazy_gettext as _l

from relying_services.clock import Clock
from relying_services.mon_compte import (
    delegated,
    formats,
    tabs,
    views,
    views_access,
    views_contact,
    views_delegated,
    views_forms,
    views_invitation,
    views_invoices,
    views_payments,
)
from relying_services.mon_compte.entries import on_entry
from relying_services.mon_compte.espacepro_api import EXTENSION as ESPACEPRO
from relying_services.mon_compte.espacepro_api import EspacePro
from relying_services.mon_compte.passwords import EXTENSION as PASSWORDS
from relying_services.mon_compte.passwords import Passwords
from relying_services.mon_compte.retention import forget_drafts
from relying_services.mon_compte.search import Sealer
from relying_services.mon_compte.settings import MonCompteSettings
from relying_services.mon_compte.store.tables import TABLES
from relying_services.service.app import make_app, service_of
from relying_services.service.service import Kind

__all__ = ["KIND", "MonCompteSettings", "create_app"]

KIND = Kind(
    "mon_compte",
    _l("Mon compte"),
    "mon_compte.home",
    (
        views.bp,
        views_payments.bp,
        views_invoices.bp,
        views_forms.bp,
        views_contact.bp,
        views_delegated.bp,
    ),
    TABLES,
    port_offset=10,
    on_entry=on_entry,
    on_purge=forget_drafts,
)
_WITH_PASSWORDS = replace(
    KIND,
    blueprints=(*KIND.blueprints, views_access.bp, views_invitation.bp),
    entrance=views_access.ENTRANCE,
    is_entrance_a_choice=True,
)


def create_app(settings: MonCompteSettings, clock: Clock | None = None) -> Flask:
    """The account as an application, its database brought up to date."""
    kind = _WITH_PASSWORDS if settings.password_access else KIND
    app = make_app(kind, settings, clock)
    more = service_of(app).more
    more[views_invoices.SEALER] = Sealer(settings.client_secret)
    more[ESPACEPRO] = EspacePro(settings.espacepro_url, settings.espacepro_secret, settings.timeout)
    if settings.password_access:
        more[PASSWORDS] = Passwords(settings.password_cost, settings.password_shortest)
    formats.init_app(app)
    tabs.init_app(app)
    delegated.init_app(app)
    return app
