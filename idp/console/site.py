"""Where the console stands, and the door that no foreign page comes through."""

from urllib.parse import urlsplit

from flask import request
from flask_babel import lazy_gettext
from werkzeug.exceptions import Forbidden

from idp.provider import current_provider
from idp.settings import Settings
from idp.web.site import Site, current_site


def console_site(settings: Settings) -> Site:
    """Where operators come in: cookies of its own names, sent by its own pages alone."""
    address = settings.console_base_url
    return Site(
        base_url=address,
        home="console.home",
        accessibility="entrance.accessibility",
        base_urls=(address,),
        proxies=settings.trusted_proxies if settings.console_behind_proxy else 0,
        name=lazy_gettext("Console"),
        own_cookies="_console",
        same_site="Strict",
    )


def refuse_foreign() -> None:
    """Answer to the console's own host alone, and to no page of another origin.

    A web page must not be able to come here by DNS rebinding or forgery (decision 2), nor use up
    the tries of the network that its visitor stands in. A link that is followed may come from
    anywhere.
    """
    settings, site = current_provider().settings, current_site()
    hosts = {urlsplit(site.base_url).netloc}
    if settings.dev:
        port = urlsplit(site.base_url).port
        hosts |= {f"{host}:{port}" for host in settings.allowed_hosts}
    if request.host not in hosts and request.blueprint != "health":
        raise Forbidden
    # Under `Referrer-Policy: no-referrer` a browser writes "null" as the origin of our own forms.
    if request.headers.get("Origin", "null") not in {"null", *site.origins}:
        raise Forbidden
    if not _is_own_or_typed() and not _is_followed_link():
        raise Forbidden


def _is_own_or_typed() -> bool:
    return request.headers.get("Sec-Fetch-Site", "none") in {"same-origin", "none"}


def _is_followed_link() -> bool:
    """Whether it fills a tab, and no frame or image of another page."""
    given = request.headers
    return given.get("Sec-Fetch-Mode") == "navigate" and given.get("Sec-Fetch-Dest") == "document"
