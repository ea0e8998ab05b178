"""What every page's template may ask."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask, before_render_template, request, url_for
from jinja2 import Template

from idp.provider import current_provider
from idp.web.client_certificate import came_by_certificate_listener
from idp.web.site import current_site


def init_app(app: Flask) -> None:
    """Offer the names to every template."""
    app.add_template_global(_is_simulation, "is_simulation")
    app.add_template_global(_service_name, "service_name")
    app.add_template_global(_site_name, "site_name")
    app.add_template_global(_language_link, "language_link")
    app.add_template_global(_pages_origin, "pages_origin")
    app.add_template_global(_home_address, "home_address")
    app.add_template_global(_accessibility_address, "accessibility_address")
    app.add_template_global(_accessibility_contact, "accessibility_contact")
    before_render_template.connect(_name_page, app)


def _name_page(_app: Flask, *, template: Template, context: dict[str, Any], **_more: Any) -> None:
    """A page tells its template, whichever base it extends: tests know where they stand."""
    context["page"] = f"idp/{template.name}"


def _is_simulation() -> bool:
    return current_provider().is_simulation


def _service_name() -> str:
    return current_provider().settings.service_name


def _pages_origin() -> str:
    """What stands before the path of a page: nothing, but where a card's listener shows one."""
    if not came_by_certificate_listener():
        return ""
    address = urlsplit(current_provider().settings.wallet_base_url)
    return f"{address.scheme}://{address.netloc}"


def _home_address() -> str:
    """What the name at the top of each page leads to."""
    return _pages_origin() + url_for(current_site().home)


def _accessibility_address() -> str:
    return _pages_origin() + url_for(current_site().accessibility)


def _accessibility_contact() -> str:
    return current_provider().settings.accessibility_contact


def _site_name() -> str:
    return str(current_site().name)


def _language_link(code: str) -> str:
    """This same page in another language."""
    arguments = {**request.args.to_dict(flat=False), "lang": [code]}
    return "?" + urlencode(arguments, doseq=True)
