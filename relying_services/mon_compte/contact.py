"""What is asked of the fund by the contact form."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from relying_services.service.forms import FormWrong

SUBJECTS = {
    "paiements": _l("Mes paiements"),
    "tiers_payant": _l("Le tiers payant"),
    "teletransmission": _l("La télétransmission"),
    "imprimes": _l("Mes commandes d’imprimés"),
    "informations": _l("Mes informations personnelles"),
    "autre": _l("Autre sujet"),
}
LONGEST = 2000
"""Characters of a message."""


@dataclass(frozen=True)
class Asked:
    """A message that can be sent."""

    subject: str
    text: str


def asked_of(form: Mapping[str, str]) -> Asked:
    """The message of a posted form.

    Raises:
        FormWrong: a field is missing or too long.
    """
    subject, text = form.get("sujet", ""), form.get("message", "").replace("\r\n", "\n").strip()
    errors: dict[str, str] = {}
    if subject not in SUBJECTS:
        errors["sujet"] = _("Choisissez un sujet de la liste.")
    if not text:
        errors["message"] = _("Écrivez votre message, exemple : « Le lot 042 n’est pas payé. »")
    elif len(text) > LONGEST:
        errors["message"] = _("Raccourcissez votre message à %(count)s caractères.", count=LONGEST)
    if errors:
        raise FormWrong(errors)
    return Asked(subject, text)
