"""What is invented of somebody whom a test needs: names, a practice, contacts; nobody real.

Mailboxes stand under a name that no domain has (RFC 2606), numbers under a country code that the
ITU keeps free: nothing that is sent to them can reach anybody.
"""

import secrets

from idp.registration.details import Registrant

_MAIL_DOMAIN = "exemple.test"
_COUNTRY_CODE = "+999"
_NUMBER_LENGTH = 12
"""Digits behind the country code: the last of the identifier, which no two people share."""
_FAMILY_NAMES = (
    "ALAMBIC",
    "BÉCHER",
    "CORNUE",
    "ÉPROUVETTE",
    "FIOLE",
    "GRADUÉE",
    "MORTIER",
    "PILULIER",
    "SPATULE",
    "STÉTHOSCOPE",
    "THERMOMÈTRE",
    "VERRERIE",
)
_GIVEN_NAMES = {
    "MME": ("Ada", "Bérénice", "Clarisse", "Élise", "Fanny", "Inès", "Maud", "Zoé"),
    "M": ("Aimé", "Blaise", "Côme", "Edgar", "Gaspard", "Hugo", "Nils", "Théo"),
}
_DOCTORS_TITLE = {"10", "21", "40"}
"""Professions (TRE_G15) whose members are called doctor."""
_GENERAL_PRACTICE = {"10": "SM54"}
"""The specialty of somebody whose profession has one (TRE_R38)."""


def invented_registrant(
    *,
    family_name: str | None = None,
    given_name: str | None = None,
    civilite: str | None = None,
    birth_date: str | None = None,
    profession: str | None = None,
    category: str | None = None,
    savoir_faire: str | None = None,
    savoir_faire_type: str | None = None,
) -> Registrant:
    """Somebody to register: what is given, and the rest invented to fit it."""
    known_as = civilite or secrets.choice(sorted(_GIVEN_NAMES))
    of = profession or "10"
    skill = _GENERAL_PRACTICE.get(of, "") if savoir_faire is None else savoir_faire
    skill_type = ("S" if skill else "") if savoir_faire_type is None else savoir_faire_type
    names = _GIVEN_NAMES.get(known_as, ("Camille",))
    return Registrant(
        family_name=secrets.choice(_FAMILY_NAMES) if family_name is None else family_name,
        given_name=secrets.choice(names) if given_name is None else given_name,
        civilite=known_as,
        birth_date="12/04/1980" if birth_date is None else birth_date,
        profession=of,
        category=category or "C",
        title="DR" if of in _DOCTORS_TITLE else "",
        savoir_faire_type=skill_type,
        savoir_faire=skill,
    )


def invented_practice() -> dict[str, str]:
    """An activity as the claims have it: of an employee, whom somebody else bills for."""
    return {
        "codeModeExercice": "S",
        "codeSecteurDactivite": "SA01",
        "codeRole": "FON-01",
        "codeGenreActivite": "GENR01",
        "codeDepartement": "99",
        "raisonSocialeSite": "HOPITAL DE DEMONSTRATION",
        "codePostal": "99001",
    }


def invented_mobile(national_id: str) -> str:
    """A number in E.164 form that is this person's alone."""
    return f"{_COUNTRY_CODE}{national_id[-_NUMBER_LENGTH:]}"


def invented_email(national_id: str) -> str:
    """A mailbox that is this person's alone."""
    return f"{national_id.lower()}@{_MAIL_DOMAIN}"
