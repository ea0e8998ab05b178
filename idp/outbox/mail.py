"""Mail by SMTP (RFC 5321), plain, over TLS (`smtps`) or upgraded (`smtp+starttls`)."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.errors import HeaderParseError
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from idp.outbox.delivery import Delivery, NoCarrier, NotDeliverable, TryLater
from idp.outbox.qr_image import draw_qr
from idp.provider import Provider

_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_PERMANENT = 500
_IMAGE = "code-qr.png"


def deliver_mail(provider: Provider, delivery: Delivery) -> None:
    """Hand one mail to the configured server.

    Raises:
        NoCarrier: no server is configured.
        NotDeliverable: the server refused this mail or its recipient (5yz).
        TryLater: the server is away, busy (4yz), or refused our own identification.
    """
    url = provider.settings.smtp_url.get_secret_value()
    if not url:
        raise NoCarrier("no smtp_url is configured")
    mail = _compose(provider, delivery)
    try:
        with _connect(url, provider.settings.carrier_timeout.total_seconds()) as server:
            server.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        _raise_for_code(max(code for code, _ in error.recipients.values()))
    except smtplib.SMTPAuthenticationError as error:
        raise TryLater(f"smtp {error.smtp_code}: our identification was refused") from error
    except smtplib.SMTPResponseException as error:
        _raise_for_code(error.smtp_code)
    except smtplib.SMTPNotSupportedError as error:
        raise NotDeliverable("smtp: the server lacks what this mail needs") from error
    except (smtplib.SMTPException, OSError) as error:
        raise TryLater(f"smtp: {type(error).__name__}") from error


def _raise_for_code(code: int) -> None:
    if code >= _PERMANENT:
        raise NotDeliverable(f"smtp {code}")
    raise TryLater(f"smtp {code}")


def _compose(provider: Provider, delivery: Delivery) -> EmailMessage:
    sender = provider.settings.mail_from
    mail = EmailMessage()
    try:
        mail["From"] = sender
        mail["To"] = delivery.recipient
        mail["Subject"] = delivery.payload["subject"]
    except (ValueError, HeaderParseError) as error:
        raise NotDeliverable("the address or subject cannot stand in a header") from error
    mail["Date"] = format_datetime(delivery.created_at)
    # The same at every attempt, so that a mail sent twice is recognised as one.
    serial = f"{delivery.message_id}.{delivery.created_at.timestamp():.6f}"
    mail["Message-ID"] = f"<{serial}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(delivery.payload["text"])
    if delivery.payload["qr"] is not None:
        image = draw_qr(delivery.payload["qr"])
        mail.add_attachment(image, "image", "png", disposition="inline", filename=_IMAGE)
    return mail


@contextmanager
def _connect(url: str, timeout: float) -> Iterator[smtplib.SMTP]:
    parts = urlsplit(url)
    host, port = parts.hostname or "localhost", parts.port or _PORTS[parts.scheme]
    context = ssl.create_default_context()
    with (
        smtplib.SMTP_SSL(host, port, timeout=timeout, context=context)
        if parts.scheme == "smtps"
        else smtplib.SMTP(host, port, timeout=timeout)
    ) as server:
        if parts.scheme == "smtp+starttls":
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server
