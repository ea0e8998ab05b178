"""Telling a person's registered contacts what happened to their e-CPS (decisions 16 and 26)."""

from sqlalchemy.orm import Session

from idp.directory.people import find_contact
from idp.outbox.queue import enqueue_mail, enqueue_sms
from idp.provider import Provider


def tell_contacts(
    provider: Provider, db: Session, national_id: str, *, subject: str, text: str
) -> None:
    """Mail and SMS to every contact; while a change is on hold, to the former ones too."""
    contact = find_contact(db, national_id)
    if contact is None:
        return
    mails, mobiles = {contact.email}, {contact.mobile}
    if contact.held_until is not None and contact.held_until > provider.clock.now():
        mails.add(contact.previous_email or "")
        mobiles.add(contact.previous_mobile or "")
    for address in sorted(mails - {""}):
        enqueue_mail(provider, db, to=address, subject=subject, text=text)
    for number in sorted(mobiles - {""}):
        enqueue_sms(provider, db, to=number, text=f"{subject} {text}")
