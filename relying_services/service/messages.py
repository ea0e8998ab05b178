"""Handing over the mails of a service, beside its requests (decision 40)."""

import smtplib
import ssl
import threading
from collections.abc import Callable
from email.message import EmailMessage
from urllib.parse import urlsplit

from relying_services.clock import Clock
from relying_services.service.service import Service
from relying_services.service.store.database import Store
from relying_services.service.store.messages import note_sent, take_due
from relying_services.service.store.models import MessageRow

_LOOK_EVERY = 2.0
"""Seconds between two looks for what is to be sent."""
_AT_ONCE = 20


def deliver(store: Store, clock: Clock, smtp_url: str, sender: str) -> int:
    """Hand over the mails that are due; what fails is tried again later. Gives how many went."""
    with store.begin() as db:
        due = take_due(db, clock.now(), _AT_ONCE)
    sent = 0
    for each in due:
        try:
            _send(each, smtp_url, sender)
        except (OSError, smtplib.SMTPException, ValueError):
            # A mail that cannot even be written as one holds no other up.
            continue
        with store.begin() as db:
            note_sent(db, each, clock.now())
        sent += 1
    return sent


class Postman(threading.Thread):
    """Delivers what a service writes, beside its requests."""

    def __init__(self, store: Store, clock: Clock, smtp_url: str, sender: str) -> None:
        super().__init__(name="postman", daemon=True)
        self._given = (store, clock, smtp_url, sender)
        self._ended = threading.Event()

    def run(self) -> None:
        """Until it is told to stop."""
        while not self._ended.wait(_LOOK_EVERY):
            deliver(*self._given)

    def stop(self) -> None:
        """End after what is being sent."""
        self._ended.set()


def start_postman(service: Service) -> Callable[[], None]:
    """Let a postman deliver for a service, where its settings say to whom; gives what ends him."""
    settings = service.settings
    if not settings.smtp_url:
        return _nothing
    postman = Postman(service.store, service.clock, settings.smtp_url, settings.sender)
    postman.start()
    return postman.stop


def _nothing() -> None:
    """Nobody was sent out."""


def _send(message: MessageRow, smtp_url: str, sender: str) -> None:
    address = urlsplit(smtp_url)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, message.recipient, message.subject
    mail.set_content(message.text)
    with smtplib.SMTP(address.hostname or "", address.port or 25, timeout=10) as server:
        if address.scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        server.send_message(mail)
