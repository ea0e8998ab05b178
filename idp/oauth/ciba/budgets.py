"""How much a client may ask, without ever locking a person out (decisions 24 and 29).

Too many requests of one client are refused to that client. Too many about one person still make
their challenges, which the person finds by opening the phone: only the push is left out.
"""

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.challenges.push import PushBudget
from idp.oauth.throttled import TooManyRequests
from idp.provider import Provider
from idp.store.throttle import count_events


def count_request(provider: Provider, db: Session, client_id: str, national_id: str) -> PushBudget:
    """Count a request for its client, and about its person, in one statement.

    Gives what its push is taken from: the budget of the person, which all unknown browsers share,
    until this client has used up what it may push to them.

    Raises:
        TooManyRequests: the client is over its limit.
    """
    settings, now = provider.settings, provider.clock.now()
    of_client, about_person = f"ciba:{client_id}", f"ciba:{client_id}:{national_id}"
    windows = {of_client: settings.ciba_window, about_person: settings.ciba_window}
    counted = count_events(db, windows, now=now)
    limit = settings.ciba_requests_per_client
    if counted[of_client] == limit + 1:
        record(db, Event.BACKCHANNEL_THROTTLED, now=now, success=False, client_id=client_id)
    if counted[of_client] > limit:
        raise TooManyRequests(
            "Too many authentication requests of this client: try again later.",
            settings.ciba_window,
        )
    over = counted[about_person] > settings.ciba_pushes_per_person
    return PushBudget.SPENT if over else PushBudget.PERSON
