"""The page that asks who wants to sign in, by each means that the service accepts."""

from http import HTTPStatus
from urllib.parse import urlencode

from flask import render_template, request
from flask.typing import ResponseReturnValue

from idp.challenges.wording import neutralise
from idp.oauth.rules.redirect_uris import origin_of
from idp.provider import current_provider
from idp.psc.means import CARD, MOBILE, WEBAUTHN
from idp.settings import Settings
from idp.signin.about import about
from idp.signin.interactions import OpenInteraction
from idp.signin.memory import remembered_identifier
from idp.signin.tabs import tabs_of
from idp.signin.wording import identifier_or_nothing
from idp.signin.workstation import is_public, may_be_public
from idp.web.headers import allow_form_target


def identifier_page(opened: OpenInteraction) -> ResponseReturnValue:
    """The page as it is first seen, with the identifier that is known."""
    remembered = remembered_identifier()
    value = identifier_or_nothing(opened.request.login_hint) or remembered
    return _page(opened, value=value, remember=bool(remembered))


def identifier_refused_page(
    opened: OpenInteraction, *, value: str, remember: bool, error: str
) -> ResponseReturnValue:
    """The page with what was typed, and how to mend it (RGAA 11.11)."""
    body = _page(opened, value=value, remember=remember, error=error, means=MOBILE)
    return body, HTTPStatus.BAD_REQUEST


def key_refused_page(opened: OpenInteraction, error: str) -> ResponseReturnValue:
    """The page with why a security key was refused, and what to do."""
    remembered = remembered_identifier()
    body = _page(opened, value=remembered, remember=bool(remembered), error=error, means=WEBAUTHN)
    return body, HTTPStatus.FORBIDDEN


def card_address(settings: Settings, handle: str) -> str:
    """Where the listener asks for the card."""
    return f"{settings.card_base_url.rstrip('/')}/card/{handle}"


def reader_address(settings: Settings, handle: str) -> str:
    """The simulated reader's page, where there is one (docs/cards.md 4)."""
    reader = settings.card_reader_url
    return f"{reader}?{urlencode({'h': handle})}" if reader else ""


def _page(
    opened: OpenInteraction, *, value: str, remember: bool, error: str = "", means: str = ""
) -> str:
    provider = current_provider()
    settings = provider.settings
    tabs = tabs_of(provider, opened, means)
    if tabs.current == CARD:
        # The card's form leads to its listener (decision 14).
        for address in filter(None, (settings.card_base_url, settings.card_reader_url)):
            allow_form_target(origin_of(address))
    return render_template(
        "signin/identifier.html",
        handle=opened.handle,
        service=neutralise(opened.client.name),
        about=about(opened.client),
        tabs=tabs.links,
        by_phone=tabs.current == MOBILE,
        by_card=tabs.current == CARD,
        by_key=tabs.current == WEBAUTHN,
        value=value,
        remember=remember,
        is_remembered=bool(remembered_identifier()),
        is_forgotten="oubli" in request.args and not remembered_identifier(),
        error=error,
        has_reader=bool(settings.card_reader_url),
        offers_public=may_be_public(opened.client),
        is_public=is_public(opened),
        stays_public=opened.public_workstation,
        for_device=bool(opened.request.device),
    )
