"""The means that a person may choose among, a tab each: links, so that no script is needed.

Only what the service accepts and what can be carried out here; the one last used in this browser
comes first.
"""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import lazy_gettext

from idp.provider import Provider
from idp.psc.means import CARD, MOBILE, WEBAUTHN, available_means
from idp.signin.interactions import OpenInteraction
from idp.signin.memory import remembered_means

ARGUMENT = "moyen"
"""Names the tab in the page's address, by one of `TAB_OF`."""
TAB_OF = {MOBILE: "telephone", CARD: "carte", WEBAUTHN: "cle"}
_MEANS_OF = {tab: means for means, tab in TAB_OF.items()}
_WORDS = {
    MOBILE: lazy_gettext("Application e-CPS"),
    CARD: lazy_gettext("Carte CPS"),
    WEBAUTHN: lazy_gettext("Clé de sécurité"),
}


@dataclass(frozen=True)
class Tabs:
    """What the page offers, and which of it is open."""

    means: tuple[str, ...]
    """In the order shown; empty where nothing that the service accepts can be carried out."""
    current: str
    links: list[tuple[str, str, bool]]
    """Text, address, whether it is open: for the macro `tabs`; one means alone needs none."""


def offered_means(provider: Provider, opened: OpenInteraction) -> tuple[str, ...]:
    """The means a person may use for this service here, the last used first."""
    usable = available_means(provider) & frozenset(opened.request.means)
    last = remembered_means()
    return tuple(sorted((one for one in _WORDS if one in usable), key=lambda one: one != last))


def tabs_of(provider: Provider, opened: OpenInteraction, current: str = "") -> Tabs:
    """The tabs, with the one open that a form or the address names, else the first."""
    means = offered_means(provider, opened)
    wanted = current or _MEANS_OF.get(request.args.get(ARGUMENT, ""), "")
    chosen = wanted if wanted in means else next(iter(means), "")
    return Tabs(means, chosen, _links(opened, means, chosen))


def _links(
    opened: OpenInteraction, means: tuple[str, ...], chosen: str
) -> list[tuple[str, str, bool]]:
    if len(means) <= 1:
        return []
    return [(str(_WORDS[one]), tab_address(opened.handle, one), one == chosen) for one in means]


def tab_address(handle: str, means: str) -> str:
    """The page of an interaction with this tab open."""
    named: dict[str, Any] = {ARGUMENT: TAB_OF[means]}
    return url_for("signin.show", handle=handle, **named)
