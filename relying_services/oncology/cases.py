"""What a case, an opinion and a conclusion must hold. Pure: no Flask request, no SQL."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from relying_services.service.forms import FormWrong

OPEN, CLOSED = "open", "closed"
"""A case is open until it is concluded, and closed for good."""

POSITIONS = {
    "favorable": _l("Favorable"),
    "defavorable": _l("Défavorable"),
    "complement": _l("Demande un complément"),
}
LONGEST_TITLE = 150
LONGEST_TEXT = 4000
"""Characters."""

_IDENTIFIER = re.compile(r"[A-Za-z0-9/]{8,64}")
_RPPS = re.compile(r"[0-9]{11}")


@dataclass(frozen=True)
class Presented:
    """A case that can be presented."""

    title: str
    question: str
    participants: tuple[str, ...]
    """National identifiers, besides that of who presents it."""


def identifier_of(text: str) -> str:
    """A national identifier as it was typed.

    Raises:
        FormWrong: it is none; the message says what to mend.
    """
    given = text.strip()
    if _RPPS.fullmatch(given):
        told = _("Ajoutez 8 devant le numéro RPPS, exemple 8%(number)s.", number=given)
        raise FormWrong({"identifiant": told})
    if not _IDENTIFIER.fullmatch(given):
        told = _("Écrivez un identifiant national, exemple 899700990015.")
        raise FormWrong({"identifiant": told})
    return given


def presented_of(form: Mapping[str, str], presenter: str, most: int) -> Presented:
    """The case of a posted form.

    Raises:
        FormWrong: a field is missing, too long, or no list of identifiers.
    """
    errors: dict[str, str] = {}
    title = _text(form, "titre", LONGEST_TITLE, errors)
    question = _text(form, "question", LONGEST_TEXT, errors)
    participants: list[str] = []
    for line in form.get("participants", "").split():
        try:
            participants.append(identifier_of(line))
        except FormWrong as error:
            errors["participants"] = error.errors["identifiant"]
    others = tuple(dict.fromkeys(one for one in participants if one != presenter))
    if len(others) > most:
        errors["participants"] = _("Invitez %(count)s participants au plus.", count=most)
    if not others and "participants" not in errors:
        errors["participants"] = _("Invitez au moins un confrère par son identifiant national.")
    if errors:
        raise FormWrong(errors)
    return Presented(title, question, others)


def opinion_of(form: Mapping[str, str]) -> tuple[str, str]:
    """Position and text of a posted opinion.

    Raises:
        FormWrong: a field is missing or too long.
    """
    errors: dict[str, str] = {}
    position = form.get("position", "")
    if position not in POSITIONS:
        errors["position"] = _("Choisissez une position de la liste.")
    text = _text(form, "avis", LONGEST_TEXT, errors)
    if errors:
        raise FormWrong(errors)
    return position, text


def conclusion_of(form: Mapping[str, str]) -> str:
    """The conclusion of a posted form.

    Raises:
        FormWrong: it is missing or too long.
    """
    errors: dict[str, str] = {}
    text = _text(form, "conclusion", LONGEST_TEXT, errors)
    if errors:
        raise FormWrong(errors)
    return text


def _text(form: Mapping[str, str], name: str, longest: int, errors: dict[str, str]) -> str:
    text = form.get(name, "").replace("\r\n", "\n").strip()
    if not text:
        errors[name] = _("Remplissez ce champ, sans nommer le patient.")
    elif len(text) > longest:
        errors[name] = _("Raccourcissez ce texte à %(count)s caractères.", count=longest)
    return text
