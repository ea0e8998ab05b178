"""What stands in the console's side navigation."""

from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for
from flask_babel import lazy_gettext

from idp.console.entry.roles import ADMINISTRATOR, READER
from idp.console.entry.visitors import Visitor


@dataclass(frozen=True)
class Entry:
    """One part of the console."""

    text: Any
    address: str
    is_current: bool


_ENTRIES = (
    (lazy_gettext("Personnes"), "people", READER),
    (lazy_gettext("Cartes et téléphones"), "holdings", READER),
    (lazy_gettext("Services"), "services", READER),
    (lazy_gettext("Intégration"), "checklists", READER),
    (lazy_gettext("Sessions ouvertes"), "sessions", READER),
    (lazy_gettext("Messages envoyés"), "outbox", READER),
    (lazy_gettext("Événements"), "events", READER),
    (lazy_gettext("Journal"), "journal", READER),
    (lazy_gettext("Clés de signature"), "keys", READER),
    (lazy_gettext("Paramètres"), "settings", READER),
    (lazy_gettext("Horloge"), "clock", READER),
    (lazy_gettext("Approbations"), "approvals", READER),
    (lazy_gettext("Opérateurs"), "operators", ADMINISTRATOR),
)
"""Each part is a blueprint of this name, whose view `index` is its first page, for this role."""


def navigation(visitor: Visitor) -> list[Entry]:
    """The parts that this console has, and that this operator may read."""
    return [
        Entry(text, url_for(f"{part}.index"), request.blueprint == part)
        for text, part, role in _ENTRIES
        if f"{part}.index" in current_app.view_functions and visitor.holds(role)
    ]
