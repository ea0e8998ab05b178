"""Who may activate an e-CPS by identifier, mail and SMS (EC-01, EC-02, EC-26)."""

from datetime import datetime
from enum import StrEnum

from idp.directory.identifiers import ADELI, type_of
from idp.directory.people import Person
from idp.settings import Settings
from idp.store.models import Contact


class Refusal(StrEnum):
    """Why a ticket can never succeed; never told to whom has not proved possession."""

    UNKNOWN = "unknown"
    STRUCK_OFF = "struck_off"
    ADELI_NEEDS_CARD = "adeli_needs_card"
    NO_MOBILE = "no_mobile"
    NO_EMAIL = "no_email"
    CONTACT_HELD = "contact_held"


def refusal_of(
    settings: Settings,
    national_id: str,
    person: Person | None,
    contact: Contact | None,
    now: datetime,
) -> Refusal | None:
    """The first reason that stands against an activation, or nothing.

    Args:
        settings: of this provider.
        national_id: as typed, in canonical form.
        person: whom the directory knows by it.
        contact: the contacts they declared.
        now: for a contact on hold (decision 26).
    """
    if person is None:
        return Refusal.UNKNOWN
    if person.closed:
        return Refusal.STRUCK_OFF
    if type_of(national_id) == ADELI and not settings.adeli_contact_enrolment:
        return Refusal.ADELI_NEEDS_CARD
    return _refusal_of_contact(settings, contact, now)


def _refusal_of_contact(
    settings: Settings, contact: Contact | None, now: datetime
) -> Refusal | None:
    if contact is None or not contact.mobile:
        return Refusal.NO_MOBILE
    if not contact.email and not settings.sms_only_enrolment:
        return Refusal.NO_EMAIL
    if contact.held_until is not None and contact.held_until > now:
        return Refusal.CONTACT_HELD
    return None
