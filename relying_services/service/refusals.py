"""A refusal that is in the trace: written in a transaction of its own, then raised."""

from typing import NoReturn

from relying_services.service import trace
from relying_services.service.errors import ServiceError
from relying_services.service.service import actor, this_service


def refuse(
    action: str, obj: str, error: type[ServiceError], *, by: trace.Actor | None = None
) -> NoReturn:
    """Write down who was refused what, then raise the error.

    Args:
        action: what was attempted, `subject:verb`.
        obj: `kind:identifier` of what it was attempted on.
        error: why not.
        by: who attempted it; who is signed in, in their own name, unless it is said otherwise.

    Raises:
        ServiceError: this one.
        NotSignedIn: nobody is.
    """
    note_refusal(by or actor(), action, obj, error)
    raise error


def note_refusal(
    by: trace.Actor, action: str, obj: str, error: ServiceError | type[ServiceError]
) -> None:
    """Write a refusal down, in a transaction of its own: that of the act is rolled back."""
    service = this_service()
    with service.store.begin() as db:
        service.note(db, by, action, object=obj, refused=error.code)
