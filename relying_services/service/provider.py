"""The provider as pages ask it, and the addresses of this service that it is told."""

from typing import Any

from flask import current_app, url_for

from relying_services.service.service import this_service


def psc() -> Any:
    """Authlib's client of the provider."""
    return current_app.extensions["authlib.integrations.flask_client"].create_client("psc")


def here(endpoint: str, **values: Any) -> str:
    """Absolute address of a page of this service, from its settings and never from Host."""
    return this_service().settings.base_url + url_for(endpoint, **values)
