"""The billing workstation of a substitute: software on a doctor's desk, beside a card reader."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from relying_services.billing import (
    blueprint,
    views,
    views_batches,
    views_invoices,
    views_mailbox_access,
    views_preparation,
    views_replacements,
)
from relying_services.billing.desk import Desk, put
from relying_services.billing.settings import BillingSettings
from relying_services.billing.store.tables import TABLES
from relying_services.clock import Clock
from relying_services.service.app import make_app, service_of
from relying_services.service.service import Kind
from relying_services.service.store.scrubbing import scrub

__all__ = ["KIND", "BillingSettings", "create_app"]

PAGES = (
    views,
    views_preparation,
    views_replacements,
    views_mailbox_access,
    views_invoices,
    views_batches,
)
"""Where the addresses of the blueprint are defined."""

KIND = Kind(
    "billing",
    _l("Poste de facturation"),
    "billing.home",
    (blueprint.bp,),
    TABLES,
    port_offset=11,
)


def create_app(settings: BillingSettings, clock: Clock | None = None) -> Flask:
    """The workstation as an application, its database brought up to date.

    Raises:
        WrongSetting: the authority of the cards cannot be read.
    """
    desk = Desk.of(settings)
    app = make_app(KIND, settings, clock)
    put(service_of(app), desk)
    # A purge that a reader of the file held up ends here (SV-12).
    scrub(service_of(app).store)
    return app
