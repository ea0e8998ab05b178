"""Telling a person's registered contacts what happened to their e-CPS (decisions 16 and 26)."""

from sqlalchemy.orm import Session

from idp.directory.contacts import write_to_contact
from idp.directory.people import find_contact
from idp.outbox.texts import compose_notice
from idp.provider import Provider


def tell_contacts(
    provider: Provider, db: Session, national_id: str, notice: str, **values: str
) -> None:
    """Mail and SMS to every contact; ``notice`` is a text of `templates/idp/mail/notices/`."""
    contact = find_contact(db, national_id)
    if contact is not None:
        composed = compose_notice(provider.settings, notice, **values)
        write_to_contact(provider, db, contact, composed)
