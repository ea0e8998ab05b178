"""What every page's template may ask."""

from urllib.parse import urlencode

from flask import Flask, request

from idp.provider import current_provider


def init_app(app: Flask) -> None:
    """Offer the names to every template."""
    app.add_template_global(_is_simulation, "is_simulation")
    app.add_template_global(_service_name, "service_name")
    app.add_template_global(_language_link, "language_link")


def _is_simulation() -> bool:
    return current_provider().is_simulation


def _service_name() -> str:
    return current_provider().settings.service_name


def _language_link(code: str) -> str:
    """This same page in another language."""
    arguments = {**request.args.to_dict(flat=False), "lang": [code]}
    return "?" + urlencode(arguments, doseq=True)
