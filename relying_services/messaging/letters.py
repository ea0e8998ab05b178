"""What may be sent, and the address that a professional gets. Pure: no Flask request, no SQL."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from relying_services.folded import folded
from relying_services.service.forms import FormWrong

LONGEST_SUBJECT = 150
LONGEST_TEXT = 10_000
"""Characters."""


@dataclass(frozen=True)
class Letter:
    """A letter that can be sent, if its address is somebody's."""

    address: str
    subject: str
    text: str


def letter_of(form: Mapping[str, str]) -> Letter:
    """The letter of a posted form.

    Raises:
        FormWrong: a field is missing or too long.
    """
    address = form.get("adresse", "").strip().lower()
    subject = " ".join(form.get("objet", "").split())
    text = form.get("message", "").replace("\r\n", "\n").strip()
    errors: dict[str, str] = {}
    if not address:
        errors["adresse"] = _("Écrivez une adresse, ou cherchez-la dans l’annuaire.")
    if not subject:
        errors["objet"] = _("Écrivez un objet, sans nommer le patient.")
    elif len(subject) > LONGEST_SUBJECT:
        errors["objet"] = _("Raccourcissez l’objet à %(count)s caractères.", count=LONGEST_SUBJECT)
    if not text:
        errors["message"] = _("Écrivez votre message.")
    elif len(text) > LONGEST_TEXT:
        errors["message"] = _(
            "Raccourcissez votre message à %(count)s caractères.", count=LONGEST_TEXT
        )
    if errors:
        raise FormWrong(errors)
    return Letter(address, subject, text)


def local_part(name: str, rank: int) -> str:
    """What stands before the @: the name, and a number from the second of this name on."""
    stem = folded(name).replace(" ", ".") or "professionnel"
    return stem if rank == 1 else f"{stem}.{rank}"
