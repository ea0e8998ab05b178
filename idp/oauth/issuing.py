"""What every grant asks before it issues."""

from authlib.oauth2.rfc6749 import InvalidGrantError
from sqlalchemy.orm import Session

from idp.directory.people import Person, find_person
from idp.provider import Provider
from idp.store.grants import GrantInUse


def is_live(provider: Provider, granted: GrantInUse) -> bool:
    """Whether a grant still stands: not revoked, its session neither over nor idle."""
    now = provider.clock.now()
    return granted.is_live(now, now - provider.settings.session_idle)


def find_live_person(provider: Provider, db: Session, granted: GrantInUse) -> Person:
    """The person of a grant that still stands.

    Raises:
        InvalidGrantError: it does not, or the person was struck off since.
    """
    if not is_live(provider, granted):
        raise InvalidGrantError("The grant or its session is over.")
    person = find_person(db, granted.grant.national_id)
    if person is None or person.closed:
        raise InvalidGrantError("The person may no longer sign in.")
    return person
