"""What every grant asks before it issues."""

from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError

from idp.directory.activities import find_activity
from idp.directory.people import Person, person_of
from idp.provider import Provider
from idp.store.grants import GrantInUse
from idp.store.models import Grant


def is_live(provider: Provider, granted: GrantInUse) -> bool:
    """Whether a grant still stands: not revoked, its session neither over nor idle.

    And its activity is still exercised: no answer may let a service bill under one that is gone.
    """
    now = provider.clock.now()
    return granted.is_live(now, now - provider.settings.session_idle) and _exercises(granted)


def activity_trace(grant: Grant) -> dict[str, Any]:
    """What the journal tells of a grant's activity, where one was chosen (CP-08)."""
    return {"activity": grant.selected_activity} if grant.selected_activity else {}


def live_person(provider: Provider, granted: GrantInUse) -> Person:
    """The person of a grant that still stands.

    Raises:
        InvalidGrantError: it does not, or the person was struck off or left the activity since.
    """
    if not is_live(provider, granted):
        raise InvalidGrantError("The grant, its session or its activity is over.")
    person = person_of(granted.person)
    if person is None or person.closed:
        raise InvalidGrantError("The person may no longer sign in.")
    return person


def _exercises(granted: GrantInUse) -> bool:
    chosen = granted.grant.selected_activity
    if chosen is None:
        return True
    person = person_of(granted.person)
    return person is not None and (
        find_activity(person.national_id, person.exercices, chosen) is not None
    )
