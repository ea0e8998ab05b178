"""What every grant asks before it issues."""

from authlib.oauth2.rfc6749 import InvalidGrantError

from idp.directory.people import Person, person_of
from idp.provider import Provider
from idp.store.grants import GrantInUse


def is_live(provider: Provider, granted: GrantInUse) -> bool:
    """Whether a grant still stands: not revoked, its session neither over nor idle."""
    now = provider.clock.now()
    return granted.is_live(now, now - provider.settings.session_idle)


def live_person(provider: Provider, granted: GrantInUse) -> Person:
    """The person of a grant that still stands.

    Raises:
        InvalidGrantError: it does not, or the person was struck off since.
    """
    if not is_live(provider, granted):
        raise InvalidGrantError("The grant or its session is over.")
    person = person_of(granted.person)
    if person is None or person.closed:
        raise InvalidGrantError("The person may no longer sign in.")
    return person
