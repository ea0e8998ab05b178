"""The last step: the phone's new PIN key is registered and the e-CPS is active."""

from typing import Any

from sqlalchemy.orm import Session

from idp.devices.errors import numeric_date
from idp.devices.registration import activate
from idp.devices.requests import EnrolmentRequest
from idp.enrolment.applicants import find_applicant
from idp.enrolment.errors import ActivationRefused
from idp.enrolment.sms_step import document_of
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
        device, roll = activate(
            provider,
            db,
            national_id=person.national_id,
            device_jwk=completed.device_jwk,
            device_thumbprint=completed.device_thumbprint,
            document=document_of(provider, completed),
            registration=request.payload.get("registration"),
            policy_version=request.payload.get("policy_version"),
            push=request.payload.get("push"),
            name=completed.device_name,
            posture=request.payload.get("posture"),
        )
    return {
        "device_id": device.device_id,
        "national_id": person.national_id,
        "display_name": person.display_name,
        "roll": roll,
        "expires_at": numeric_date(device.expires_at),
    }
