"""What a client learns of a person: PSC's userinfo, and the standard claims.

Source: pro-sante-connect section 4, domain 3.1, decisions 10 and 11.
"""

from collections.abc import Collection
from typing import Any

from idp.directory.exercices import Activity, expand
from idp.directory.people import Person
from idp.directory.phones import e164
from idp.psc.codes import (
    ACCES_REGULATION_MEDICALE,
    PALIER_AUTHENTIFICATION,
    PAYS_FRANCE,
    PSI_LOCALE,
    SECTEUR_ACTIVITE,
    SUBJECT_ROLE,
    UIT_VERSION,
    coded,
)
from idp.psc.vintages import VINTAGES

_IDENTIFYING = ("SubjectNameID", "preferred_username", "otherIds")
_SHORTEST_NUMBER = 8
"""Digits of the shortest number that names a person: an ADELI one without its type has 9."""


def userinfo(person: Person, *, sub: str, auth_mode: str, vintage: str) -> dict[str, Any]:
    """PSC's userinfo, members in its order; unknown values are empty strings, never null.

    Top-level members about a structure repeat the first activity. A person without any exercise
    (an employee with a CPE) has the short shape that PSC sends then. ``auth_mode`` is CARD,
    MOBILE or WEBAUTHN.

    Raises:
        KeyError: ``vintage`` is none of `idp.psc.vintages.VINTAGES`.
    """
    shape = VINTAGES[vintage]
    if not person.exercices:
        return _without_professional_data(person, sub=sub)
    first = _first_activity(person)
    ref_pro: dict[str, Any] = {} if shape.civilite_on_top else {"codeCivilite": person.civilite}
    members: dict[str, Any] = {
        "Secteur_Activite": coded(first.get("codeSecteurDactivite", ""), SECTEUR_ACTIVITE),
        "sub": sub,
        "email_verified": False,
        "codeGenreActivite": first.get("codeGenreActivite", ""),
        "SubjectOrganization": first.get("raisonSocialeSite", ""),
        "Mode_Acces_Raison": "",
        "preferred_username": person.national_id,
        "codeCivilite": person.civilite,
        "given_name": person.given_name,
        "Acces_Regulation_Medicale": ACCES_REGULATION_MEDICALE,
        "UITVersion": UIT_VERSION,
        "authMode": auth_mode,
        "Palier_Authentification": PALIER_AUTHENTIFICATION,
        "SubjectRefPro": ref_pro | {"exercices": expand(person.exercices)},
        "SubjectOrganizationID": first.get("identifiantTechniqueDeLaStructure", ""),
        "SubjectRole": _roles(person),
        "PSI_Locale": PSI_LOCALE,
        "otherIds": person.other_ids,
        "SubjectNameID": person.national_id,
        "family_name": person.family_name,
    }
    absent = {
        "email_verified": not shape.email_verified,
        "codeGenreActivite": not shape.genre_activite,
        "codeCivilite": not shape.civilite_on_top,
        "authMode": not shape.auth_mode,
    }
    return {name: value for name, value in members.items() if not absent.get(name)}


def without_identifiers(claims: dict[str, Any], person: Person) -> dict[str, Any]:
    """The claims of a client with a pairwise `sub`, which is granted no identifier.

    A text that contains one is blank: a practice of one's own is numbered after its practitioner
    (`ancienIdentifiantDeLaStructure` is `4`, the RPPS number and a rank).
    """
    numbers = _numbers_of(person)
    return {
        name: _blanked(value, numbers) if name != "sub" else value
        for name, value in claims.items()
        if name not in _IDENTIFYING
    }


def _numbers_of(person: Person) -> set[str]:
    """The person's identifiers, with and without the digit that tells their type."""
    identifiers = [person.national_id, *(other["identifiant"] for other in person.other_ids)]
    return {
        number
        for identifier in identifiers
        for number in (identifier, identifier[1:])
        if len(number) >= _SHORTEST_NUMBER
    }


def _blanked(value: Any, numbers: set[str]) -> Any:
    if isinstance(value, dict):
        return {name: _blanked(inner, numbers) for name, inner in value.items()}
    if isinstance(value, list):
        return [_blanked(inner, numbers) for inner in value]
    if isinstance(value, str) and any(number in value for number in numbers):
        return ""
    return value


def standard_claims(person: Person, scopes: Collection[str]) -> dict[str, Any]:
    """OpenID Connect Core 5.1 and 5.4: names, and the professional contacts of the first activity.

    What is unknown is omitted. Private correspondence contacts are never among them
    (decision 10).
    """
    claims: dict[str, Any] = {}
    activity = _first_activity(person)
    if "profile" in scopes:
        claims |= {
            "name": person.display_name,
            "family_name": person.family_name,
            "given_name": person.given_name,
            "preferred_username": person.national_id,
        }
    if "email" in scopes and activity.get("adresseEMail"):
        claims |= {"email": activity["adresseEMail"], "email_verified": False}
    if "phone" in scopes and activity.get("telephone"):
        claims |= {
            "phone_number": e164(activity["telephone"]) or activity["telephone"],
            "phone_number_verified": False,
        }
    if "address" in scopes and (address := address_of(activity)):
        claims["address"] = address
    return {name: value for name, value in claims.items() if value != ""}


def address_of(activity: Activity) -> dict[str, str]:
    """The standard `address` of an activity (Core 5.1.1), without the members that are unknown."""
    street = " ".join(
        filter(
            None,
            (
                activity.get("numeroVoie"),
                activity.get("indiceRepetitionVoie"),
                activity.get("codeTypeDeVoie"),
                activity.get("libelleVoie"),
            ),
        )
    )
    postal_code = activity.get("codePostal", "")
    locality = activity.get("bureauCedex", "").removeprefix(postal_code).strip()
    formatted = "\n".join(filter(None, (street, f"{postal_code} {locality}".strip())))
    address = {
        "formatted": formatted,
        "street_address": street,
        "postal_code": postal_code,
        "locality": locality,
        "country": "FR" if formatted and activity.get("codePays") == PAYS_FRANCE else "",
    }
    return {name: value for name, value in address.items() if value}


def _without_professional_data(person: Person, *, sub: str) -> dict[str, Any]:
    return {
        "sub": sub,
        "preferred_username": person.national_id,
        "codeCivilite": person.civilite,
        "given_name": person.given_name,
        "SubjectNameID": person.national_id,
        "family_name": person.family_name,
    }


def _first_activity(person: Person) -> Activity:
    activities: list[Activity] = person.exercices[0]["activities"] if person.exercices else []
    return activities[0] if activities else {}


def _roles(person: Person) -> list[str]:
    """One role a profession: an array, since a person may exercise two (domain 3.1)."""
    professions = dict.fromkeys(e["codeProfession"] for e in person.exercices)
    return [coded(profession, SUBJECT_ROLE) for profession in professions if profession]
