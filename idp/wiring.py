"""What every issuer's application is built on, whatever it serves."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from idp.oauth.clients import published
from idp.provider import EXTENSION, Provider
from idp.resources import TEMPLATES
from idp.serving.certificate_proxy import CertificateProxy
from idp.web import (
    assets,
    cookies,
    csrf,
    dates,
    errors,
    headers,
    health,
    i18n,
    logs,
    metrics,
    pages,
    requests,
    site,
)


def new_app(provider: Provider, stands: site.Site | None = None) -> Flask:
    """An application of one issuer (decision 5), with no address but those of its health.

    It stands where people sign in, unless told otherwise.
    """
    settings = provider.settings
    stands = stands or site.public_site(settings)
    app = Flask("idp", template_folder=str(TEMPLATES))
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.max_body
    app.extensions[EXTENSION] = provider
    if stands.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=stands.proxies, x_proto=0, x_host=0, x_port=0
        )
    app.wsgi_app = CertificateProxy(app.wsgi_app, settings)  # type: ignore[method-assign]
    site.init_app(app, stands)
    shared = (logs, metrics, requests, headers, cookies, csrf, i18n, dates, assets, pages)
    for part in (*shared, errors, health):
        part.init_app(app)
    published.init_app(app)
    return app
