"""What the oncology network can be told."""

from dataclasses import dataclass

from relying_services.service.settings import ServiceSettings, at_least_one


@dataclass(frozen=True)
class OncologySettings(ServiceSettings):
    """Settings of the network, besides those of every service.

    Raises:
        WrongSetting: a number is less than 1.
    """

    quorum: int = 3
    """Specialties that must have given an opinion before a case is concluded."""
    most_participants: int = 12
    """Of one case, besides who presents it."""
    page_rows: int = 50
    """Rows of one list."""

    def __post_init__(self) -> None:
        at_least_one(self, "quorum", "most_participants", "page_rows")
