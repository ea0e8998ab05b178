"""Mails, SMS and letters that the provider sent: a test reads what a person would."""

from wallet_sim.dev_provider import DevProvider, Message
from wallet_sim.harness.people import Person


class NothingReceived(AssertionError):
    """The person got no such message."""


class Outbox:
    """The messages of one provider, by the person whom they reached."""

    def __init__(self, provider: DevProvider) -> None:
        self._provider = provider

    def messages(self, person: Person) -> list[Message]:
        """Everything that reached a person, oldest first."""
        return self._provider.messages(person.national_id)

    def last_sms(self, person: Person) -> Message:
        """The newest SMS; `.code` is the code in it, `.payload["text"]` all of it.

        Raises:
            NothingReceived: there is none.
        """
        return self._last("sms", person)

    def last_mail(self, person: Person) -> Message:
        """The newest mail; `.payload` holds subject and text, `.picture` its image.

        Raises:
            NothingReceived: there is none.
        """
        return self._last("mail", person)

    def _last(self, kind: str, person: Person) -> Message:
        messages = self.messages(person)
        for message in reversed(messages):
            if message.kind == kind:
                return message
        kinds = ", ".join(message.kind for message in messages) or "nothing"
        raise NothingReceived(f"{person.national_id} got no {kind}, but {kinds}")
