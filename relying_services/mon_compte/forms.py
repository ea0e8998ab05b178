"""The paper forms that can be ordered, and how many at once (MA-06)."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from relying_services.service.forms import FormWrong


@dataclass(frozen=True)
class Form:
    """One form."""

    title: LazyString
    most: int
    """Of one order, in pads of fifty."""


FORMS = {
    "feuilles_soins": Form(_l("Feuilles de soins"), 20),
    "arret_travail": Form(_l("Avis d’arrêt de travail"), 10),
    "accident_travail": Form(_l("Certificats médicaux AT/MP"), 5),
    "protocole_soins": Form(_l("Protocoles de soins"), 5),
    "transport": Form(_l("Prescriptions médicales de transport"), 10),
    "medecin_traitant": Form(_l("Déclarations de choix du médecin traitant"), 5),
    "enveloppes": Form(_l("Enveloppes de transmission"), 4),
}


def quantities_of(form: Mapping[str, str]) -> dict[str, int]:
    """How many of each form a posted order asks for; those of which it wants none are left out.

    Raises:
        FormWrong: a quantity is no number, out of bounds, or nothing is ordered.
    """
    errors: dict[str, str] = {}
    wanted: dict[str, int] = {}
    for name, each in FORMS.items():
        typed = form.get(name, "").strip() or "0"
        is_number = typed.isascii() and typed.isdigit() and len(typed) <= len(str(each.most))
        if not is_number or int(typed) > each.most:
            errors[name] = _("Écrivez un nombre entier de 0 à %(most)s.", most=each.most)
        elif int(typed):
            wanted[name] = int(typed)
    if not errors and not wanted:
        errors[next(iter(FORMS))] = _("Commandez au moins un imprimé, exemple 1.")
    if errors:
        raise FormWrong(errors)
    return wanted
