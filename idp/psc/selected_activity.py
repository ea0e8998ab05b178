"""The activity a professional acts under, for clients that ask for it (CP-08, decision 15).

An extra of this provider: Pro Santé Connect gives every activity and leaves the choice to each
service. It stands beside PSC's claims, which stay as they are.
"""

from typing import Any

from idp.directory.activities import find_activity
from idp.directory.people import Person
from idp.provider import Provider
from idp.psc.claims import without_identifiers
from idp.psc.subject import releases_national_id
from idp.store.grants import GrantInUse
from idp.store.models import Client

SELECTED_ACTIVITY = "selected_activity"
"""Name of the claim, and of the client's option that asks for it."""
_OF_THE_EXERCISE = ("codeProfession", "codeCategorieProfessionnelle", "codeSavoirFaire")


def is_told_activity(client: Client, scope: str) -> bool:
    """Whether a client learns the activity: it registered for it, and the scope gives exercises."""
    return bool(client.options.get(SELECTED_ACTIVITY)) and "scope_all" in scope.split()


def selected_activity(
    provider: Provider, granted: GrantInUse, person: Person, scope: str
) -> dict[str, Any]:
    """The claim, or nothing: profession, category and savoir-faire, then PSC's activity members."""
    client, chosen = granted.client, granted.grant.selected_activity
    if chosen is None or not is_told_activity(client, scope):
        return {}
    found = find_activity(person.national_id, person.exercices, chosen)
    if found is None:
        return {}
    of_the_exercise = {name: found.exercice.get(name, "") for name in _OF_THE_EXERCISE}
    claim = {SELECTED_ACTIVITY: of_the_exercise | found.activity}
    return claim if releases_national_id(provider, client) else without_identifiers(claim, person)
