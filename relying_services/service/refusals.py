"""A refusal that is in the trace: written in a transaction of its own, then raised."""

from typing import NoReturn

from relying_services.service.errors import ServiceError
from relying_services.service.service import actor, this_service


def refuse(action: str, obj: str, error: type[ServiceError]) -> NoReturn:
    """Write down who was refused what, then raise the error.

    Args:
        action: what was attempted, `subject:verb`.
        obj: `kind:identifier` of what it was attempted on.
        error: why not.

    Raises:
        ServiceError: this one.
        NotSignedIn: nobody is.
    """
    service = this_service()
    with service.store.begin() as db:
        service.note(db, actor(), action, object=obj, refused=error.code)
    raise error
