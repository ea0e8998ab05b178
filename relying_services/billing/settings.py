"""What the workstation can be told."""

from dataclasses import dataclass, field
from datetime import timedelta

from relying_services.billing.authority import Authority
from relying_services.service.settings import ServiceSettings, WrongSetting, at_least_one


@dataclass(frozen=True)
class BillingSettings(ServiceSettings):
    """Settings of the workstation, besides those of every service.

    Raises:
        WrongSetting: a value would open the workstation to something else than a card.
    """

    means: frozenset[str] = frozenset({"CARD"})
    """The card alone: it is also what signs (SV-02)."""
    reader_url: str = "http://localhost:8002"
    """Where the reader beside this workstation is controlled, without a slash at its end."""
    reader_secret: str = field(default="", repr=False)
    """The reader's start-up secret (decision 2)."""
    authority_file: str = ""
    """Certificate of the authority of the cards, PEM or DER: the only one that is trusted."""
    list_url: str = "http://localhost:8000/pki/persons.crl"
    """Where the authority publishes its list of revoked certificates."""
    list_kept: timedelta = timedelta(minutes=1)
    """How long a verified list is used before it is fetched again."""
    list_hold_kept: timedelta = timedelta(seconds=5)
    """How long where it has the card on hold, or is not in force; `list_kept` at most."""
    fresh: timedelta = timedelta(minutes=5)
    """How long ago the card may have authenticated who prepares, activates or closes."""
    workstation: str = "POSTE-1"
    """Which workstation this is: its invoices and batches are numbered by themselves."""
    batch_most: int = 200
    """Invoices of one batch."""
    mailbox_email: str = "boites-aux-lettres@operateur.exemple.test"
    """Who provides the mailboxes: asked to open one to a substitute, and to close it (SV-05)."""
    dam_email: str = "dam@cpam.exemple.test"
    """The delegate of the health insurance: questions about the convention (SV-14)."""
    cis_email: str = "cis@cpam.exemple.test"
    """The adviser on software: on-line services (SV-14)."""
    help_phone: str = "0 811 70 10 64"
    """For all other questions (SV-14)."""

    def __post_init__(self) -> None:
        if self.means != {"CARD"}:
            raise WrongSetting("the workstation is signed in to by card alone: leave means out")
        if not self.reader_secret:
            raise WrongSetting("reader_secret is missing: the reader printed it at its start")
        if not self.authority_file:
            raise WrongSetting("authority_file is missing: GET /pki/persons.crt of the provider")
        if "@" not in self.mailbox_email:
            raise WrongSetting("mailbox_email is no mail address: that of who provides mailboxes")
        if self.list_hold_kept < timedelta(seconds=1):
            raise WrongSetting(
                "list_hold_kept is at least a second: the list is not asked in a row"
            )
        at_least_one(self, "batch_most")

    def check(self) -> None:
        """Hold the settings to what binds every service, and the authority to be one.

        Raises:
            WrongSetting: `authority_file` holds no authority's certificate.
        """
        super().check()
        Authority.load(self.authority_file)
