"""One activity of a professional, by a name that stays (CP-08, decision 15).

The directory gives activities no identifier of their own: what makes one the same from one
extract to the next is who exercises what, where and how. A new address of the same structure is
the same activity.

Pure: it knows neither Flask nor SQL.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import rfc8785

from idp.directory.exercices import Activity, Exercice, key_of

_WHAT_MAKES_IT = (
    "codeModeExercice",
    "codeSecteurDactivite",
    "codeRole",
    "codeGenreActivite",
)
_WHERE = (
    "identifiantTechniqueDeLaStructure",
    "numeroFinessSite",
    "numeroSiretSite",
    "raisonSocialeSite",
)
"""What names the structure: the first one that is known."""
_ID_LENGTH = 24


@dataclass(frozen=True)
class PersonalActivity:
    """An activity together with the exercise it belongs to."""

    activity_id: str
    exercice: Exercice
    """Its members without `activities`."""
    activity: Activity

    @property
    def profession(self) -> str:
        """Key of the exercise, `10C`."""
        return key_of(self.exercice)


def activities_of(national_id: str, exercices: Iterable[Exercice]) -> list[PersonalActivity]:
    """Every activity of a person, in the directory's order."""
    return [
        PersonalActivity(
            activity_id_of(national_id, key_of(exercice), activity),
            {name: value for name, value in exercice.items() if name != "activities"},
            activity,
        )
        for exercice in exercices
        for activity in exercice.get("activities", ())
    ]


def find_activity(
    national_id: str, exercices: Iterable[Exercice], activity_id: str
) -> PersonalActivity | None:
    """The activity of that name, unless the person exercises it no more."""
    known = activities_of(national_id, exercices)
    return next((one for one in known if one.activity_id == activity_id), None)


def activity_id_of(national_id: str, profession: str, activity: Mapping[str, Any]) -> str:
    """The name of an activity: hexadecimal, no secret, of one person."""
    where = next((name for name in _WHERE if activity.get(name)), "")
    what = [activity.get(name) or "" for name in _WHAT_MAKES_IT]
    made_of = [national_id, profession, *what, where, activity.get(where) or ""]
    return hashlib.sha256(rfc8785.dumps(made_of)).hexdigest()[:_ID_LENGTH]
