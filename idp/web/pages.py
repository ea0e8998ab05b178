"""What every page's template may ask."""

from urllib.parse import urlencode, urlsplit

from flask import Flask, request

from idp.provider import current_provider
from idp.web.client_certificate import came_by_certificate_listener


def init_app(app: Flask) -> None:
    """Offer the names to every template."""
    app.add_template_global(_is_simulation, "is_simulation")
    app.add_template_global(_service_name, "service_name")
    app.add_template_global(_language_link, "language_link")
    app.add_template_global(_pages_origin, "pages_origin")


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


def _language_link(code: str) -> str:
    """This same page in another language."""
    arguments = {**request.args.to_dict(flat=False), "lang": [code]}
    return "?" + urlencode(arguments, doseq=True)
