"""What EspacePro can be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from relying_services.espacepro.matrix import MEANS, STATUSES
from relying_services.service.settings import MEANS as MEANS_OF_PROVIDER
from relying_services.service.settings import ServiceSettings, WrongSetting, at_least_one

_MEANS = frozenset({*MEANS_OF_PROVIDER, "PASSWORD"})
_AT_LEAST_ONE = (
    "invitation_days",
    "draft_hours",
    "invitations_a_day",
    "substitute_months",
    "student_months",
    "consultations_a_day",
    "page_rows",
)


@dataclass(frozen=True)
class EspaceProSettings(ServiceSettings):
    """Settings of EspacePro, besides those of every service.

    Raises:
        WrongSetting: a value is outside what the service can do.
    """

    cpam_agents: frozenset[str] = frozenset()
    """National identifiers of those who may open the back office of the CPAM (EP-13)."""
    invitation_days: int = 15
    """How long an invitation can be accepted; it lapses without an answer (domain, 6)."""
    draft_hours: int = 24
    """How long a delegation that was drawn up can be confirmed; it is checked at its drawing up."""
    invitations_a_day: int = 20
    """Invitations that one author may send within 24 hours: each is a mail to any address."""
    substitute_months: int = 12
    """The longest delegation to a substitute."""
    student_months: int = 3
    """The longest delegation to a student who substitutes: as the Order's authorisation."""
    delegate_means: Mapping[str, frozenset[str]] = field(default_factory=lambda: MEANS)
    """By which means a delegate of a status acts."""
    api_secret: str = field(default="", repr=False)
    """By which Mon compte asks; nobody can ask without one."""
    consultations_a_day: int = 50
    """Patients whose reimbursements one person may look up within 24 hours."""
    page_rows: int = 50
    """Rows of one page of a list."""
    mon_compte_url: str = ""
    """Where Mon compte stands, for links; without a slash at its end."""

    def __post_init__(self) -> None:
        at_least_one(self, *_AT_LEAST_ONE)
        if set(self.delegate_means) != set(STATUSES):
            raise WrongSetting(f"delegate_means must name each of {', '.join(STATUSES)}")
        for status, means in self.delegate_means.items():
            if not means or not means <= _MEANS:
                raise WrongSetting(
                    f"delegate_means of {status} must be of {', '.join(sorted(_MEANS))}"
                )
