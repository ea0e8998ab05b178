"""How somebody leaves the directory, and how an import changes what they do."""

from typing import Any

from sqlalchemy import delete, select, update

from idp.provider import Provider
from idp.store.models import DirectoryPerson


def close_in_directory(provider: Provider, national_id: str) -> None:
    """The directory closes them."""
    with provider.store.begin() as db:
        db.execute(
            update(DirectoryPerson)
            .where(DirectoryPerson.national_id == national_id)
            .values(closed=True)
        )


def leave_directory(provider: Provider, national_id: str) -> None:
    """The next extract no longer holds them."""
    with provider.store.begin() as db:
        db.execute(delete(DirectoryPerson).where(DirectoryPerson.national_id == national_id))


def exercices_of(provider: Provider, national_id: str) -> list[dict[str, Any]]:
    with provider.store.read() as db:
        found: list[dict[str, Any]] = db.scalars(
            select(DirectoryPerson.exercices).where(DirectoryPerson.national_id == national_id)
        ).one()
    return found


def give_activities(provider: Provider, national_id: str, activities: list[dict[str, str]]) -> None:
    """The next extract gives their first exercise these activities."""
    first, *others = exercices_of(provider, national_id)
    with provider.store.begin() as db:
        db.execute(
            update(DirectoryPerson)
            .where(DirectoryPerson.national_id == national_id)
            .values(exercices=[first | {"activities": activities}, *others])
        )


def activities_given(provider: Provider, national_id: str) -> list[dict[str, str]]:
    given: list[dict[str, str]] = exercices_of(provider, national_id)[0]["activities"]
    return given
