"""A phone activated as a person does it: identifier, QR of the mail, code of the SMS, PIN."""

from typing import Any

from wallet_sim.dev_provider import DevProvider
from wallet_sim.enrolment import Activated
from wallet_sim.phone import DEFAULT_NAME, Phone

_PATIENCE = 15.0  # seconds to wait for a message of the outbox


class CannotActivate(Exception):
    """The provider lets this person activate no e-CPS: `reason` is what it told nobody else."""

    def __init__(self, national_id: str, reason: str) -> None:
        super().__init__(f"{national_id} cannot activate an e-CPS: {reason}")
        self.reason = reason


def activate(
    phone: Phone,
    provider: DevProvider,
    national_id: str,
    pin: str,
    *,
    name: str = DEFAULT_NAME,
    push: dict[str, Any] | None = None,
) -> Activated:
    """Activate an e-CPS on an empty phone; mail and SMS are read in the provider's outbox.

    Args:
        phone: an empty one.
        provider: the development addresses of the provider.
        national_id: whose e-CPS; their mail and mobile are declared.
        pin: digits that the provider's policy allows.
        name: of this phone, as its holder will see it.
        push: a PushSubscription, or None for a phone that asks by itself.

    Raises:
        CannotActivate: with the true reason.
        NothingSent: a message did not come in time.
        PhoneError: as the steps.
    """
    sent_before = provider.cursor(national_id)
    ticket = phone.start_enrolment(provider.base_url, national_id, name)
    refusal = provider.refusal(ticket.ticket_id)
    if refusal is not None:
        raise CannotActivate(national_id, refusal)
    mail = provider.wait_for(ticket.national_id, "mail", after=sent_before, seconds=_PATIENCE)
    phone.scan(mail.picture)
    sms = provider.wait_for(ticket.national_id, "sms", after=mail.id, seconds=_PATIENCE)
    phone.enter_sms_code(sms.code)
    return phone.choose_pin(pin, push)
