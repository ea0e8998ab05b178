"""Enrolment (decisions 17, 24, 26)."""

from pydantic import BaseModel, Field, SecretStr

from idp.settings.durations import Seconds, seconds


class EnrolmentSettings(BaseModel):
    """Enrolment (decisions 17, 24, 26)."""

    mail_qr_lifetime: Seconds = seconds(900, "Life of the QR sent by e-mail.")
    ticket_lifetime: Seconds = seconds(1800, "Life of an enrolment ticket.")
    sms_code_lifetime: Seconds = seconds(300, "Life of an SMS code.")
    sms_tries: int = Field(3, description="Tries of an SMS code; then the ticket is dead.")
    sms_per_ticket: int = Field(3, description="SMS sent for one ticket.")
    sms_per_day: int = Field(5, description="SMS sent to one number per day.")
    sms_resend_waits: list[int] = Field(
        default_factory=lambda: [30, 60, 120],
        description="Seconds to wait before each new sending of an SMS code.",
    )
    mails_per_day: int = Field(10, description="Enrolment mails sent to one person per day.")
    mails_per_origin: int = Field(
        3,
        description="Enrolment mails to one person per day and network of origin, sent even when "
        "strangers used up the daily ones (decision 24).",
    )
    adeli_contact_enrolment: bool = Field(
        default=False, description="Let ADELI people activate without a card (EC-26)."
    )
    sms_only_enrolment: bool = Field(
        default=False, description="Activate by SMS alone; a simulation database only."
    )
    contact_change_hold: Seconds = seconds(
        72 * 3600, "A changed contact carries no enrolment before this, in a real database."
    )
    service_name: str = Field(
        "e-CPS de simulation", description="Name of the service in mails and SMS."
    )
    support_contact: str = Field(
        "votre établissement ou votre Ordre",
        description="Whom a mail tells people to ask, as a French phrase: name, phone or address.",
    )
    ticket_retention: Seconds = seconds(
        86400, "How long a lapsed enrolment ticket stays readable for support."
    )
    smtp_url: SecretStr = Field(
        SecretStr(""),
        description="`smtp`, `smtps` or `smtp+starttls`://user:password@host:port; empty keeps "
        "mail in the outbox.",
    )
    mail_from: str = Field("ne-pas-repondre@simulation.test", description="Sender of mails.")
    sms_url: str = Field("", description="HTTP address of the SMS adapter; empty keeps SMS.")
    sms_token: SecretStr = Field(SecretStr(""), description="Bearer token of the SMS adapter.")
