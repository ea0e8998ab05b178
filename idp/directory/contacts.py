"""Changing registered contacts: a high-risk act (decision 26)."""

from datetime import datetime

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.directory.mailboxes import mailbox
from idp.directory.people import find_contact, find_person
from idp.directory.phones import e164
from idp.outbox.queue import enqueue_mail, enqueue_sms
from idp.outbox.texts import Notice, compose_notice
from idp.provider import Provider
from idp.store.models import Contact
from idp.store.people import replace_contact


class ContactInvalid(ValueError):
    """The number or the address is none."""


class PersonUnknown(LookupError):
    """The directory in force does not hold this person."""


def declare_contact(
    provider: Provider, db: Session, national_id: str, mobile: str | None, email: str | None
) -> Contact:
    """Declare new contacts; None keeps the one there is, the empty string removes it.

    The old contacts are told. In a real database the new ones carry no enrolment before
    ``contact_change_hold``; the first contacts of a person are not a change and are not held.

    Raises:
        PersonUnknown: nobody of this identifier.
        ContactInvalid: the number is not E.164 or French, or the address is none.
    """
    person = find_person(db, national_id)
    if person is None:
        raise PersonUnknown(national_id)
    old = find_contact(db, person.national_id)
    new_mobile = _mobile(mobile, old.mobile if old else "")
    new_email = _email(email, old.email if old else "")
    now = provider.clock.now()
    _tell_old_contacts(provider, db, old)
    replace_contact(
        db,
        national_id=old.national_id if old else person.national_id,
        mobile=new_mobile,
        email=new_email,
        now=now,
        held_until=_held_until(provider, old, now),
    )
    record(
        db,
        Event.CONTACT_CHANGED,
        now=now,
        person=person.national_id,
        mobile_changed=old is None or old.mobile != new_mobile,
        email_changed=old is None or old.email != new_email,
    )
    contact = find_contact(db, person.national_id)
    if contact is None:
        raise PersonUnknown(national_id)
    return contact


def write_to_contact(provider: Provider, db: Session, contact: Contact, notice: Notice) -> None:
    """Mail and SMS to a contact.

    While a change is held its author is not trusted: the contact before it is told as well.
    """
    held = contact.held_until is not None and contact.held_until > provider.clock.now()
    mails = {contact.email, (contact.previous_email or "") if held else ""} - {""}
    mobiles = {contact.mobile, (contact.previous_mobile or "") if held else ""} - {""}
    for email in sorted(mails):
        enqueue_mail(provider, db, to=email, subject=notice.subject, text=notice.mail)
    for mobile in sorted(mobiles):
        enqueue_sms(provider, db, to=mobile, text=notice.sms)


def _held_until(provider: Provider, old: Contact | None, now: datetime) -> datetime | None:
    if provider.is_simulation or old is None:
        return None
    return now + provider.settings.contact_change_hold


def _tell_old_contacts(provider: Provider, db: Session, old: Contact | None) -> None:
    if old is None:
        return
    write_to_contact(provider, db, old, compose_notice(provider.settings, "contact-changed"))


def _mobile(given: str | None, kept: str) -> str:
    if given is None:
        return kept
    number = e164(given)
    if given and not number:
        raise ContactInvalid("the mobile number is neither French nor international")
    return number


def _email(given: str | None, kept: str) -> str:
    if given is None:
        return kept
    if given and not mailbox(given):
        raise ContactInvalid("the e-mail address is none, or one of MSSanté")
    return given
