"""The `claims` parameter, answered: standard claims asked one by one (Core 5.5)."""

from typing import Any

from idp.directory.people import Person
from idp.provider import Provider
from idp.psc.claims import standard_claims, without_identifiers
from idp.psc.subject import releases_national_id
from idp.store.models import Client

STANDARD_SCOPES = ("profile", "email", "phone", "address")


def requested_claims(
    provider: Provider,
    client: Client,
    person: Person,
    requested: dict[str, Any],
    *,
    present: dict[str, Any],
) -> dict[str, Any]:
    """The standard claims that are asked for beyond those present; unknown ones are omitted.

    A client gets by name only what it could get by scope.
    """
    asked = [name for name in requested if name not in present]
    if not asked:
        return {}
    registered = client.scope.split()
    known = standard_claims(person, [s for s in STANDARD_SCOPES if s in registered])
    if not releases_national_id(provider, client):
        known = without_identifiers(known, person)
    return {name: known[name] for name in asked if name in known}
