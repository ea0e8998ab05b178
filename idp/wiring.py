"""What every issuer's application is built on, whatever it serves."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from idp.oauth.clients import published
from idp.provider import EXTENSION, Provider
from idp.resources import TEMPLATES
from idp.serving.certificate_proxy import CertificateProxy
from idp.web import cookies, csrf, errors, headers, health, i18n, logs, metrics, pages, requests


def new_app(provider: Provider) -> Flask:
    """An application of one issuer (decision 5), with no address but those of its health."""
    settings = provider.settings
    app = Flask("idp", template_folder=str(TEMPLATES))
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.max_body
    app.extensions[EXTENSION] = provider
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0, x_host=0, x_port=0
        )
    app.wsgi_app = CertificateProxy(app.wsgi_app, settings)  # type: ignore[method-assign]
    for part in (logs, metrics, requests, headers, cookies, csrf, i18n, pages, errors, health):
        part.init_app(app)
    published.init_app(app)
    return app
