"""The language of a page: French first, English complete.

What the person chose on a page wins (`?lang=`, kept in a cookie), then what the relying service
asked for (`ui_locales`, OpenID Connect Core 3.1.2.1), then the browser, then the setting.
"""

from collections.abc import Iterable
from pathlib import Path

from flask import Flask, Response, g, request
from flask_babel import Babel, get_locale, refresh

from idp.provider import current_provider
from idp.web.cookies import cookie_name, set_cookie

LANGUAGES = ("fr", "en")
"""French texts are the msgids; English comes from the catalogue."""
LANGUAGE_COOKIE = "ecps_lang"
_CATALOGUES = Path(__file__).parent.parent / "translations"


def init_app(app: Flask) -> None:
    """Choose a language for every request, and remember an explicit choice."""
    Babel(
        app,
        default_locale="fr",
        default_translation_directories=str(_CATALOGUES),
        locale_selector=_select,
    )
    app.after_request(_remember)
    app.add_template_global(_language, "language")


def prefer_languages(ui_locales: str) -> None:
    """Take over the languages a relying service asked for, best first."""
    g.ui_language = _first_known(ui_locales.split())
    refresh()


def _select() -> str:
    asked = _asked() or request.cookies.get(cookie_name(LANGUAGE_COOKIE))
    if asked in LANGUAGES:
        return str(asked)
    wanted: str | None = g.get("ui_language")
    accepted = _first_known(request.accept_languages.values())
    return wanted or accepted or current_provider().settings.default_locale


def _first_known(tags: Iterable[str]) -> str | None:
    """The first language that we speak, whatever its region."""
    languages = (tag.replace("_", "-").split("-")[0].lower() for tag in tags)
    return next((language for language in languages if language in LANGUAGES), None)


def _asked() -> str | None:
    lang = request.args.get("lang")
    return lang if lang in LANGUAGES else None


def _remember(response: Response) -> Response:
    lang = _asked()
    if lang is not None:
        set_cookie(response, LANGUAGE_COOKIE, lang)
    return response


def _language() -> str:
    return str(get_locale())
