"""What the regulation platform can be told."""

from dataclasses import dataclass

from relying_services.service.settings import ServiceSettings, at_least_one

DOCTOR = "10"
"""TRE_G15."""


@dataclass(frozen=True)
class RegulationSettings(ServiceSettings):
    """Settings of the platform, besides those of every service.

    Raises:
        WrongSetting: a number is less than 1.
    """

    professions: frozenset[str] = frozenset({DOCTOR})
    """Codes of TRE_G15 of who regulates; of the activity that was chosen."""
    most_taken: int = 3
    """Calls that one regulator may have in hand at a time."""
    page_rows: int = 50
    """Rows of one list."""

    def __post_init__(self) -> None:
        at_least_one(self, "most_taken", "page_rows")
