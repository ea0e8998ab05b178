"""What every grant does: asks before it issues, tells the journal, and answers."""

from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.directory.activities import find_activity
from idp.directory.people import Person, person_of
from idp.provider import Provider
from idp.psc.tokens import Issue
from idp.store.grants import GrantInUse
from idp.store.models import Grant

TokenResponse = tuple[int, dict[str, Any], list[tuple[str, str]]]
"""Status, members and headers, as Authlib takes an answer."""


def is_live(provider: Provider, granted: GrantInUse) -> bool:
    """Whether a grant still stands: not revoked, its session neither over nor idle.

    And its activity is still exercised: no answer may let a service bill under one that is gone.
    """
    now = provider.clock.now()
    return granted.is_live(now, now - provider.settings.session_idle) and _exercises(granted)


def note(
    db: Session, event: Event, grant: Grant, *, now: datetime, success: bool = True, **data: Any
) -> None:
    """Tell the journal of a grant, and of its activity where one was chosen (CP-08)."""
    if grant.selected_activity:
        data["activity"] = grant.selected_activity
    record(
        db,
        event,
        now=now,
        success=success,
        person=grant.national_id,
        client_id=grant.client_id,
        sid=grant.sid,
        **data,
    )


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


def answer(grant: Any, issue: Issue) -> TokenResponse:
    """Let a grant of Authlib's answer with the tokens of an issue, and run what follows it."""
    grant.request.user = issue
    response = (200, grant.generate_token(issue), grant.TOKEN_RESPONSE_HEADER)
    grant.execute_hook("after_create_token_response", response)
    return response


def _exercises(granted: GrantInUse) -> bool:
    chosen = granted.grant.selected_activity
    if chosen is None:
        return True
    person = person_of(granted.person)
    return person is not None and (
        find_activity(person.national_id, person.exercices, chosen) is not None
    )
