"""Words that the person is shown on the phone, made safe to show (decision 29)."""

import re
import unicodedata

from flask_babel import gettext as _

from idp.networks import entry_of

LONGEST_NAME = 60
UNKNOWN = "unknown"
"""A browser whose family its header does not tell."""

_BROWSERS = (
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Version/.*Safari/"),
)
_SYSTEMS = (
    ("Android", r"Android"),
    ("iOS", r"iPhone|iPad|iPod"),
    ("Windows", r"Windows"),
    ("macOS", r"Macintosh|Mac OS X"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux|X11"),
)
_LONGEST_USER_AGENT = 512


def neutralise(text: str, longest: int = LONGEST_NAME) -> str:
    """Text on one line, without control, direction or invisible characters, cut at ``longest``.

    What is left cannot turn around, break or hide the words beside it (attack 47).
    """
    spaced = "".join(" " if unicodedata.category(c)[0] in "ZC" else c for c in _normal(text))
    plain = " ".join(spaced.split())
    return plain if len(plain) <= longest else plain[: longest - 1].rstrip() + "…"


def browser_family(user_agent: str) -> str:
    """The family of a browser and its system, in no language, as `Chrome/Linux`.

    Nothing of the header is copied; a browser of no known family is `UNKNOWN`.
    """
    header = user_agent[:_LONGEST_USER_AGENT]
    browser = _first(_BROWSERS, header)
    system = _first(_SYSTEMS, header)
    return "/".join(part for part in (browser, system) if part) if browser else UNKNOWN


def browser_words(family: str) -> str:
    """What `browser_family` gave, in words."""
    if family == UNKNOWN:
        return str(_("navigateur inconnu"))
    browser, _slash, system = family.partition("/")
    return str(
        _("%(browser)s sous %(system)s", browser=browser, system=system) if system else browser
    )


def place_name(networks: dict[str, str], address: str) -> str:
    """The place of an IP address in the operator's own table, by the narrowest network, else ""."""
    place = entry_of(networks, address)
    return neutralise(place) if place else ""


def place_words(place: str) -> str:
    """What `place_name` gave, in words."""
    return place or str(_("réseau inconnu"))


def place_shown(networks: dict[str, str], words: str) -> str:
    """The operator's name of a place that a document shows; "" where it shows none of theirs."""
    return words if words in map(neutralise, networks.values()) else ""


def describe_browser(user_agent: str) -> str:
    """The family of a browser and its system, in words."""
    return browser_words(browser_family(user_agent))


def describe_place(networks: dict[str, str], address: str) -> str:
    """The place of an IP address, in words."""
    return place_words(place_name(networks, address))


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _first(families: tuple[tuple[str, str], ...], header: str) -> str | None:
    return next((name for name, mark in families if re.search(mark, header)), None)
