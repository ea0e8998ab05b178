"""The shape of professional exercises: members and order as PSC's (pro-sante-connect 4.2).

Stored sparsely, without the members that are empty: a national directory is then a third of the
size. ``expand`` gives back the whole shape.
"""

from collections.abc import Iterable, Mapping
from typing import Any

EXERCICE_MEMBERS = (
    "codeProfession",
    "codeCategorieProfessionnelle",
    "codeCiviliteDexercice",
    "nomDexercice",
    "prenomDexercice",
    "codeTypeSavoirFaire",
    "codeSavoirFaire",
)
ACTIVITY_MEMBERS = (
    "codeModeExercice",
    "codeSecteurDactivite",
    "codeSectionPharmacien",
    "codeRole",
    "codeGenreActivite",
    "numeroSiretSite",
    "numeroSirenSite",
    "numeroFinessSite",
    "numeroFinessetablissementJuridique",
    "identifiantTechniqueDeLaStructure",
    "raisonSocialeSite",
    "enseigneCommercialeSite",
    "complementDestinataire",
    "complementPointGeographique",
    "numeroVoie",
    "indiceRepetitionVoie",
    "codeTypeDeVoie",
    "libelleVoie",
    "mentionDistribution",
    "bureauCedex",
    "codePostal",
    "codeCommune",
    "codePays",
    "telephone",
    "telephone2",
    "telecopie",
    "adresseEMail",
    "codeDepartement",
    "ancienIdentifiantDeLaStructure",
    "autoriteDenregistrement",
)

Exercice = dict[str, Any]
Activity = dict[str, str]


def expand(exercices: Iterable[Mapping[str, Any]]) -> list[Exercice]:
    """Every member in order, empty strings for what is unknown; nothing else passes."""
    return [
        {name: exercice.get(name) or "" for name in EXERCICE_MEMBERS}
        | {
            "activities": [
                {name: activity.get(name) or "" for name in ACTIVITY_MEMBERS}
                for activity in exercice.get("activities", ())
            ]
        }
        for exercice in exercices
    ]


def compact(exercices: Iterable[Mapping[str, Any]]) -> list[Exercice]:
    """What is stored: the known members that are not empty."""
    return [
        {name: exercice[name] for name in EXERCICE_MEMBERS if exercice.get(name)}
        | {
            "activities": [
                {name: activity[name] for name in ACTIVITY_MEMBERS if activity.get(name)}
                for activity in exercice.get("activities", ())
            ]
        }
        for exercice in exercices
    ]


def add_activity(exercices: list[Exercice], exercice: Exercice, activity: Activity) -> None:
    """Fold one row of an extract into a person's exercises.

    The key of an exercise is profession and category; the same key again is a further activity
    (domain 4.2). A row that repeats an activity only to name another savoir-faire adds nothing.
    """
    known = next((e for e in exercices if key_of(e) == key_of(exercice)), None)
    if known is None:
        known = exercice | {"activities": []}
        exercices.append(known)
    if activity and activity not in known["activities"]:
        known["activities"].append(activity)


def key_of(exercice: Mapping[str, Any]) -> str:
    """Profession and category, as in `10C` (domain 3.1)."""
    return f"{exercice.get('codeProfession', '')}{exercice.get('codeCategorieProfessionnelle', '')}"
