"""Where a browser was, kept while the person signs in (MA-07)."""

from urllib.parse import unquote, urlsplit

from flask import current_app, request, session
from werkzeug.urls import iri_to_uri

from relying_services.service.service import this_service

_PLACE = "place"
_LONGEST = 500
"""Characters of an address that is kept."""


def keep_place() -> None:
    """Remember where the browser was, so that it is back there after a sign-in (MA-07)."""
    wanted = _address(iri_to_uri(request.url))
    if request.method != "GET":
        came_from = urlsplit(request.referrer or "")
        own = urlsplit(this_service().settings.base_url)
        is_ours = (came_from.scheme, came_from.netloc) == (own.scheme, own.netloc)
        wanted = _address(request.referrer or "") if is_ours else ""
    if len(wanted) <= _LONGEST and _is_page(wanted):
        session[_PLACE] = wanted


def kept_place() -> str | None:
    """Where the browser was."""
    place: str | None = session.get(_PLACE)
    return place


def leave_place() -> str | None:
    """Where the browser was, to be led there once."""
    place: str | None = session.pop(_PLACE, None)
    return place


def _address(url: str) -> str:
    """Path and query of an address, as they stand in it: nothing is unquoted on the way."""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _is_page(address: str) -> bool:
    """Whether a browser can be led to an address: it is a page of this service, and of nobody's.

    A path with two slashes or a backslash is another host to a browser.
    """
    if not address.startswith("/") or address.startswith("//") or "\\" in address:
        return False
    return current_app.url_map.bind("").test(unquote(urlsplit(address).path), "GET")
