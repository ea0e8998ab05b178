"""The fields of an activity, on the pages that add one, change one, or make a test identity."""

from flask_babel import gettext as _

from idp.console.forms import Form
from idp.directory.labels import KINDS, MODES, ROLES, SECTORS
from idp.registration.details import check_details, check_members
from idp.registration.steps import DetailsInvalid

MADE_OF = {
    "mode": "codeModeExercice",
    "sector": "codeSecteurDactivite",
    "role": "codeRole",
    "kind": "codeGenreActivite",
}
"""Fields that make the activity what it is: another value is another activity."""
PLACE = {
    "name": "raisonSocialeSite",
    "number": "numeroVoie",
    "street": "libelleVoie",
    "postal_code": "codePostal",
    "town": "bureauCedex",
    "telephone": "telephone",
    "email": "adresseEMail",
}
"""Fields of where it takes place, which may change."""
DEPARTMENT = "department"
_POSTAL_CODE_LENGTH = 5


def read_activity(form: Form, suffix: str = "") -> dict[str, str]:
    """A new activity; what is wrong is noted on the form.

    ``suffix`` tells several activities of one page apart.
    """
    details = {
        MADE_OF["mode"]: form.choice(f"mode{suffix}", MODES, _("Choisissez le mode d’exercice.")),
        MADE_OF["sector"]: form.choice(
            f"sector{suffix}", SECTORS, _("Choisissez le secteur d’activité.")
        ),
        MADE_OF["role"]: form.choice(f"role{suffix}", ROLES, _("Choisissez le rôle.")),
        MADE_OF["kind"]: form.choice(f"kind{suffix}", KINDS, _("Choisissez le genre d’activité.")),
        "codeDepartement": form[f"{DEPARTMENT}{suffix}"].upper(),
    }
    form.text(f"name{suffix}", _("Donnez la raison sociale du lieu, par exemple CABINET DE TEST."))
    details |= {member: form[f"{field}{suffix}"] for field, member in PLACE.items()}
    if form.is_refused:
        return details
    try:
        return check_details(details)
    except DetailsInvalid:
        form.refuse(
            f"{DEPARTMENT}{suffix}",
            _(
                "Donnez le département du lieu, par exemple 75, 2A ou 971 : le numéro de "
                "facturation d’une activité libérale commence par lui."
            ),
        )
        return details


def read_place(form: Form) -> dict[str, str]:
    """Where an activity takes place from now on; an empty member is removed."""
    form.text("name", _("Donnez la raison sociale du lieu, par exemple CABINET DE TEST."))
    postal_code = form["postal_code"]
    if postal_code and (len(postal_code) != _POSTAL_CODE_LENGTH or not postal_code.isalnum()):
        form.refuse("postal_code", _("Un code postal a cinq chiffres, par exemple 75012."))
    place = {member: form[field] for field, member in PLACE.items()}
    try:
        check_members(place)
    except DetailsInvalid:
        form.refuse("name", _("Ce texte est trop long, ou contient un caractère interdit."))
    return place
