"""The last step: the phone's new PIN key is registered and the e-CPS is active."""

from typing import Any

from sqlalchemy.orm import Session

from idp.devices.requests import EnrolmentRequest
from idp.enrolment.applicants import find_applicant
from idp.enrolment.errors import ActivationRefused
from idp.enrolment.first_keys import make_active
from idp.provider import Provider
from idp.store.models import Ticket
from idp.store.tickets import complete_ticket


def complete(
    provider: Provider, db: Session, ticket: Ticket, request: EnrolmentRequest
) -> dict[str, Any]:
    """Take the ticket's one activation and make the phone the person's e-CPS.

    A registration that does not hold leaves the ticket as it was, so that the phone may choose
    its PIN anew until the ticket lapses.

    Raises:
        ActivationRefused: the ticket is not verified, was used, or lapsed, or the person was
            struck off meanwhile.
        PolicyStale: the PIN policy changed meanwhile.
        RegistrationRefused: the PIN key is not proved.
        PushAddressRefused: the push endpoint is not allowed.
        PostureRefused: the phone may hold no e-CPS (EC-28).
    """
    applicant = find_applicant(provider, db, ticket.national_id)
    person = applicant.person
    with db.begin_nested():
        completed = complete_ticket(
            db, ticket.ticket_id, thumbprint=request.thumbprint, now=provider.clock.now()
        )
        if completed is None or person is None or applicant.refusal is not None:
            raise ActivationRefused
        return make_active(
            provider, db, person, completed, request, challenge_id=completed.ticket_id
        )
