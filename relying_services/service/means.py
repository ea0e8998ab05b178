"""Who came by a means that the service does not take goes no further (EP-16)."""

from relying_services.service.errors import MeansRefused
from relying_services.service.places import keep_place
from relying_services.service.refusals import refuse
from relying_services.service.service import this_service, who
from relying_services.service.settings import PASSWORD


def means_first() -> None:
    """Hold a session to the means of the settings, at every request and not only when it began.

    A password of the service's own is held to the setting `password_access` before: without it,
    nobody is signed in by one (EC-09). Who signs in by another means is back at this place.

    Raises:
        MeansRefused: the person signed in by another.
    """
    row = who()
    if row is not None and row.means not in {*this_service().settings.means, PASSWORD}:
        keep_place()
        refuse("page:opened", "", MeansRefused)
