"""What the tab of personal information shows: what userinfo tells, and nothing that it does not."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from relying_services.service.activities import activities_of

_PROFESSIONS = {
    "10": _l("Médecin"),
    "21": _l("Pharmacien"),
    "26": _l("Audioprothésiste"),
    "28": _l("Opticien-lunetier"),
    "40": _l("Chirurgien-dentiste"),
    "50": _l("Sage-femme"),
    "60": _l("Infirmier"),
    "70": _l("Masseur-kinésithérapeute"),
    "80": _l("Pédicure-podologue"),
    "91": _l("Orthophoniste"),
    "92": _l("Orthoptiste"),
}
"""Labels of TRE_G15 (domain, 3); another profession is shown by its code."""
_RPPS_TYPE = "8"
_RPPS_LENGTH = 12


@dataclass(frozen=True)
class Place:
    """One activity, as it is shown."""

    name: str
    street: str
    town: str


@dataclass(frozen=True)
class Person:
    """Who is signed in."""

    national_id: str
    rpps: str
    """The number within the identifier; empty for identifiers of other kinds."""
    professions: list[str]
    places: list[Place]


def person_of(national_id: str, userinfo: dict[str, Any]) -> Person:
    """What userinfo tells of a person; little where they came by password."""
    exercices = (userinfo.get("SubjectRefPro") or {}).get("exercices") or []
    codes = [str(each.get("codeProfession", "")) for each in exercices]
    is_rpps = national_id.startswith(_RPPS_TYPE) and len(national_id) == _RPPS_LENGTH
    return Person(
        national_id=national_id,
        rpps=national_id[1:] if is_rpps else "",
        professions=[str(_PROFESSIONS.get(code, code)) for code in codes if code],
        places=[_place(each) for each in activities_of(userinfo)],
    )


def _place(activity: dict[str, Any]) -> Place:
    parts = (activity.get(name, "") for name in ("numeroVoie", "codeTypeDeVoie", "libelleVoie"))
    return Place(
        name=activity.get("raisonSocialeSite") or activity.get("enseigneCommercialeSite") or "",
        street=" ".join(part for part in parts if part),
        town=activity.get("bureauCedex") or activity.get("codePostal") or "",
    )
