"""What people are written while they activate an e-CPS.

The reader is the registered person, not whoever types the identifier: the language is not that
of the request. French first, English after it (`templates/idp/mail/`).
"""

from urllib.parse import urlsplit

from flask import render_template
from sqlalchemy.orm import Session

from idp.enrolment.eligibility import Refusal
from idp.enrolment.tokens import for_reading
from idp.outbox.queue import enqueue_mail, enqueue_sms, withhold_message
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
    return render_template(
        "mail/activation.txt",
        service=provider.settings.service_name,
        support=provider.settings.support_contact,
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
    service = provider.settings.service_name
    text = render_template(
        "mail/refusal.txt",
        service=service,
        support=provider.settings.support_contact,
        refusal=refusal.value,
    )
    if mail:
        subject = f"{service} : activation impossible"
        enqueue_mail(provider, db, to=mail, subject=subject, text=text)
    elif mobile:
        short = render_template("mail/refusal-sms.txt", service=service, refusal=refusal.value)
        enqueue_sms(provider, db, to=mobile, text=short)
    else:
        withhold_message(provider, db, size=size)


def write_code(provider: Provider, db: Session, *, ticket: Ticket, to: str, code: str) -> None:
    """Send the SMS code; its last line binds it to our host (origin-bound codes)."""
    text = render_template(
        "mail/code-sms.txt",
        service=provider.settings.service_name,
        code=code,
        host=urlsplit(provider.settings.base_url).hostname,
    )
    enqueue_sms(provider, db, to=to, text=text, expires_at=ticket.sms_expires_at)


def masked(mobile: str) -> str:
    """A number as it may be shown: its last two digits (EC-02)."""
    return f"** ** ** {mobile[-2:]}"


def _registered(contact: Contact | None, refusal: Refusal) -> tuple[str, str]:
    if contact is None:
        return "", ""
    if refusal is Refusal.CONTACT_HELD:
        return contact.previous_email or contact.email, contact.previous_mobile or contact.mobile
    return contact.email, contact.mobile
