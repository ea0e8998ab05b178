"""The activities of a person as userinfo tells them, and the choice of one (CP-08)."""

from typing import Any


def activities_of(userinfo: dict[str, Any]) -> list[dict[str, Any]]:
    """All activities, each with the profession and the know-how of its exercise beside.

    The provider tells every activity; the choice is made at the relying service.
    """
    exercices = (userinfo.get("SubjectRefPro") or {}).get("exercices") or []
    return [
        {
            "codeProfession": exercice.get("codeProfession", ""),
            "codeCategorieProfessionnelle": exercice.get("codeCategorieProfessionnelle", ""),
            "codeSavoirFaire": exercice.get("codeSavoirFaire", ""),
            **activity,
        }
        for exercice in exercices
        for activity in exercice.get("activities") or []
    ]


def chosen_at_provider(userinfo: dict[str, Any]) -> dict[str, Any] | None:
    """The activity that the person chose on the provider's page, where the service asks for it."""
    chosen = userinfo.get("selected_activity")
    return chosen if isinstance(chosen, dict) else None


def only_one(userinfo: dict[str, Any]) -> dict[str, Any] | None:
    """The activity under which the person acts without a choice: the single one, or none at all."""
    found = activities_of(userinfo)
    if len(found) > 1:
        return None
    return found[0] if found else {}
