"""The last step of either channel: the document a new PIN key signs, and the phone made active."""

from typing import Any

from sqlalchemy.orm import Session

from idp.devices.documents import registration_document
from idp.devices.errors import numeric_date
from idp.devices.registration import activate
from idp.devices.requests import EnrolmentRequest
from idp.directory.people import Person
from idp.enrolment.tokens import for_reading, new_revocation_code, token_hash
from idp.provider import Provider
from idp.store.models import Pairing, Ticket


def document_of(provider: Provider, begun: Ticket | Pairing, challenge_id: str) -> dict[str, Any]:
    """The registration document of a proved ticket or pairing, the same each time."""
    return registration_document(
        provider.settings,
        challenge_id=challenge_id,
        nonce=begun.registration_challenge or b"",
        device_thumbprint=begun.device_thumbprint or "",
        issued_at=begun.created_at,
        expires_at=begun.expires_at,
    )


def make_active(
    provider: Provider,
    db: Session,
    person: Person,
    begun: Ticket | Pairing,
    request: EnrolmentRequest,
    *,
    challenge_id: str,
    paired_card: str | None = None,
) -> dict[str, Any]:
    """Register the PIN key that the request proves; gives what the phone is told.

    The revocation code is told here and never again: the database keeps its digest.

    Raises:
        PolicyStale: the PIN policy changed meanwhile.
        RegistrationRefused: the PIN key is not proved.
        PushAddressRefused: the push endpoint is not allowed.
        PostureRefused: the phone may hold no e-CPS (EC-28).
    """
    revocation_code = new_revocation_code()
    device, roll = activate(
        provider,
        db,
        national_id=person.national_id,
        device_jwk=begun.device_jwk or {},
        device_thumbprint=begun.device_thumbprint or "",
        document=document_of(provider, begun, challenge_id),
        registration=request.payload.get("registration"),
        policy_version=request.payload.get("policy_version"),
        push=request.payload.get("push"),
        name=begun.device_name or "",
        posture=request.payload.get("posture"),
        paired_card=paired_card,
        revocation_hash=token_hash(revocation_code),
    )
    return {
        "device_id": device.device_id,
        "national_id": person.national_id,
        "display_name": person.display_name,
        "roll": roll,
        "expires_at": numeric_date(device.expires_at),
        "revocation_code": for_reading(revocation_code),
    }
