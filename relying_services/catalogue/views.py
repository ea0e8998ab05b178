"""The page of the catalogue, open to everybody; who is signed in sees what opens for them."""

from typing import cast

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from relying_services.catalogue.entries import CATALOGUE, Entry
from relying_services.catalogue.settings import CatalogueSettings
from relying_services.service.service import signed_in, this_service

MEANS_WORDS = {
    "CARD": _l("carte CPS"),
    "MOBILE": _l("application e-CPS"),
    "WEBAUTHN": _l("clé de sécurité"),
}

bp = Blueprint("catalogue", __name__)


@bp.get("/")
def home() -> ResponseReturnValue:
    """Which services there are, and what each demands (EC-08, EC-09)."""
    return render_template(
        "catalogue/home.html", groups=CATALOGUE, words=MEANS_WORDS, address_of=_address_of
    )


@bp.get("/mon-acces")
def own_access() -> ResponseReturnValue:
    """Sign in, and see on the page what opens with the means that was used."""
    signed_in()
    return redirect(url_for("catalogue.home"))


def _address_of(entry: Entry) -> str | None:
    service = this_service()
    settings = cast("CatalogueSettings", service.settings)
    return settings.address_of(entry.registration, service.kind.port_offset)
