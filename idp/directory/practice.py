"""Activities put into, taken out of and changed in a professional's exercises.

Pure: it knows neither Flask nor SQL. Each function gives a new list and leaves the given one as
it is.
"""

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from idp.directory.activities import activities_of, activity_id_of
from idp.directory.exercices import Activity, Exercice, add_activity, compact, key_of

_CODE_LENGTH = 2
"""Of a profession (TRE_G15); the category follows it in the key of an exercise."""


def holds(national_id: str, exercices: Iterable[Exercice], activity_id: str) -> bool:
    """Whether a person exercises this activity."""
    return any(one.activity_id == activity_id for one in activities_of(national_id, exercices))


def exercice_of(profession: str, exercices: Iterable[Exercice]) -> Exercice:
    """The exercise with this key, without its activities; what the key says where there is none."""
    for exercice in exercices:
        if key_of(exercice) == profession:
            return {name: value for name, value in exercice.items() if name != "activities"}
    return {
        "codeProfession": profession[:_CODE_LENGTH],
        "codeCategorieProfessionnelle": profession[_CODE_LENGTH:],
    }


def with_activity(
    exercices: Iterable[Exercice], profession: str, activity: Mapping[str, str]
) -> list[Exercice]:
    """The exercises with one more activity, the last of its exercise."""
    changed = copy.deepcopy(list(exercices))
    add_activity(changed, exercice_of(profession, changed), dict(activity))
    return compact(changed)


def without_activity(
    national_id: str, exercices: Iterable[Exercice], activity_id: str
) -> list[Exercice]:
    """The exercises without this activity; an exercise stays when its last activity goes."""
    return [
        exercice
        | {
            "activities": [
                a for a in _activities(exercice) if not _is(national_id, exercice, a, activity_id)
            ]
        }
        for exercice in exercices
    ]


def with_details(
    national_id: str,
    exercices: Iterable[Exercice],
    activity_id: str,
    details: Mapping[str, str],
) -> list[Exercice]:
    """The exercises with other details of this activity, in its place."""
    return [
        exercice
        | {
            "activities": [
                dict(details) if _is(national_id, exercice, activity, activity_id) else activity
                for activity in _activities(exercice)
            ]
        }
        for exercice in exercices
    ]


def _activities(exercice: Exercice) -> list[Activity]:
    activities: list[Activity] = exercice.get("activities", [])
    return activities


def _is(
    national_id: str, exercice: Exercice, activity: Mapping[str, Any], activity_id: str
) -> bool:
    return activity_id_of(national_id, key_of(exercice), activity) == activity_id
