"""A call and what may become of it: one table, used by every act. Pure."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from relying_services.service.forms import FormWrong

WAITING, TAKEN, CLOSED = "waiting", "taken", "closed"

TRANSITIONS = {
    "take": (WAITING, TAKEN),
    "give_back": (TAKEN, WAITING),
    "close": (TAKEN, CLOSED),
}
"""act → the state it is done in, and the state it leads to. A closed call stays closed."""

URGENCIES = {
    "P0": _l("P0 : urgence vitale"),
    "P1": _l("P1 : urgence"),
    "P2": _l("P2 : consultation dans la journée"),
    "P3": _l("P3 : conseil"),
}
"""Most urgent first: the order in which calls wait."""

OUTCOMES = {
    "conseil": _l("Conseil médical"),
    "rendez_vous": _l("Rendez-vous chez un médecin"),
    "visite": _l("Visite à domicile"),
    "smur": _l("Envoi d’un SMUR"),
}
LONGEST_NOTE = 2000


def closing_of(form: Mapping[str, str]) -> tuple[str, str]:
    """Outcome and note of a posted form.

    Raises:
        FormWrong: a field is missing or too long.
    """
    outcome = form.get("orientation", "")
    note = form.get("note", "").replace("\r\n", "\n").strip()
    errors: dict[str, str] = {}
    if outcome not in OUTCOMES:
        errors["orientation"] = _("Choisissez une orientation de la liste.")
    if not note:
        errors["note"] = _(
            "Écrivez ce qui a été décidé, exemple : « Paracétamol, rappeler si fièvre. »"
        )
    elif len(note) > LONGEST_NOTE:
        errors["note"] = _("Raccourcissez la note à %(count)s caractères.", count=LONGEST_NOTE)
    if errors:
        raise FormWrong(errors)
    return outcome, note
