"""Who came by a means that the service does not take goes no further (EP-16)."""

from relying_services.service import trace
from relying_services.service.errors import MeansRefused
from relying_services.service.service import this_service, who


def means_first() -> None:
    """Hold a session to the means of the settings, at every request and not only when it began.

    Raises:
        MeansRefused: the person signed in by another.
    """
    row, service = who(), this_service()
    if row is None or row.means in service.settings.means:
        return
    with service.store.begin() as db:
        service.note(db, trace.Actor.of(row), "page:opened", refused=MeansRefused.code)
    raise MeansRefused
