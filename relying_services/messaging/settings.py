"""What the messaging service can be told."""

from dataclasses import dataclass

from relying_services.service.settings import ServiceSettings, at_least_one


@dataclass(frozen=True)
class MessagingSettings(ServiceSettings):
    """Settings of the messaging, besides those of every service.

    Raises:
        WrongSetting: a number is less than 1.
    """

    means: frozenset[str] = frozenset({"CARD"})
    """The card alone identifies here (EP-16)."""
    domain: str = "messagerie.simulation.test"
    """Of the addresses."""
    letters_a_day: int = 200
    """That one professional may send within 24 hours."""
    page_rows: int = 50
    """Rows of one page of a list."""

    def __post_init__(self) -> None:
        at_least_one(self, "letters_a_day", "page_rows")
