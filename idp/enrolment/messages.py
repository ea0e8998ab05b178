"""What people are written while they activate an e-CPS.

The reader is the registered person, not whoever types the identifier (`idp/outbox/texts.py`).
"""

from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from idp.enrolment.eligibility import Refusal
from idp.enrolment.tokens import for_reading
from idp.outbox.queue import enqueue_mail, enqueue_sms, withhold_message
from idp.outbox.texts import compose_text
from idp.provider import Provider
from idp.store.models import Contact, Ticket


def write_activation(
    provider: Provider, db: Session, *, to: str, text: str, qr: str, ticket: Ticket
) -> None:
    """Mail the QR code of an activation."""
    subject = f"{provider.settings.service_name} : activer votre e-CPS"
    enqueue_mail(
        provider, db, to=to, subject=subject, text=text, qr=qr, expires_at=ticket.mail_expires_at
    )


def activation_text(provider: Provider, token: str) -> str:
    """The mail that brings the QR code and its typed alternative."""
    return compose_text(
        provider.settings,
        "activation",
        token=for_reading(token),
        minutes=int(provider.settings.mail_qr_lifetime.total_seconds() // 60),
    )


def write_refusal(
    provider: Provider, db: Session, refusal: Refusal, contact: Contact | None, *, size: int
) -> None:
    """Tell the registered contact why an activation cannot go on (decision 17).

    While a changed contact is on hold, the one before it is told. Without any contact a row of
    like ``size`` is written and never sent.
    """
    mail, mobile = _registered(contact, refusal)
    text = compose_text(provider.settings, "refusal", refusal=refusal.value)
    if mail:
        subject = f"{provider.settings.service_name} : activation impossible"
        enqueue_mail(provider, db, to=mail, subject=subject, text=text)
    elif mobile:
        short = compose_text(provider.settings, "refusal-sms", refusal=refusal.value)
        enqueue_sms(provider, db, to=mobile, text=short)
    else:
        withhold_message(provider, db, size=size)


def write_code(provider: Provider, db: Session, *, ticket: Ticket, to: str, code: str) -> None:
    """Send the SMS code; its last line binds it to our host (origin-bound codes)."""
    text = compose_text(
        provider.settings,
        "code-sms",
        code=code,
        host=urlsplit(provider.settings.base_url).hostname,
    )
    enqueue_sms(provider, db, to=to, text=text, expires_at=ticket.sms_expires_at)


def _registered(contact: Contact | None, refusal: Refusal) -> tuple[str, str]:
    if contact is None:
        return "", ""
    if refusal is Refusal.CONTACT_HELD:
        return contact.previous_email or contact.email, contact.previous_mobile or contact.mobile
    return contact.email, contact.mobile
