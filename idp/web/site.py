"""An application as browsers know it: where it stands, and what its cookies are called.

Cookies do not know ports: two applications of one host need names of their own.
"""

from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import urlsplit

from flask import Flask, current_app
from flask_babel import LazyString

from idp.settings import Settings

EXTENSION = "ecps-site"


@dataclass(frozen=True)
class Site:
    """Where pages are served, and who may post their forms."""

    base_url: str
    """Scheme, host, port and mount path, no slash."""
    home: str
    """Endpoint that the name at the top of each page leads to."""
    accessibility: str
    """Endpoint of the accessibility statement."""
    base_urls: tuple[str, ...]
    """Every public address of these pages."""
    proxies: int
    """How many proxies stand before them, whose word on who calls counts."""
    name: str | LazyString = ""
    """What tells its pages from others of the service: in their titles, and at their top."""
    own_cookies: str = ""
    """Stands in the name of each cookie, where the host has another application."""
    same_site: Literal["Lax", "Strict"] = "Lax"

    @property
    def cookie_path(self) -> str:
        """The application's root below the host."""
        return urlsplit(self.base_url).path or "/"

    @property
    def has_secure_cookies(self) -> bool:
        """Cookies are `Secure` wherever the public address is https."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def origins(self) -> set[str]:
        """Of the pages that may post forms here."""
        addresses = map(urlsplit, self.base_urls)
        return {f"{address.scheme}://{address.netloc}" for address in addresses}


def public_site(settings: Settings) -> Site:
    """Where people sign in."""
    return Site(
        base_url=settings.base_url,
        home="signin.home",
        accessibility="signin.accessibility",
        base_urls=(settings.base_url, settings.wallet_base_url),
        proxies=settings.trusted_proxies,
    )


def init_app(app: Flask, site: Site) -> None:
    """Say where this application stands."""
    app.extensions[EXTENSION] = site


def current_site() -> Site:
    """Where the running application stands."""
    return cast("Site", current_app.extensions[EXTENSION])
