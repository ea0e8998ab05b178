"""What the account of a practitioner can be told."""

from dataclasses import dataclass, field

from relying_services.service.settings import ServiceSettings, WrongSetting, at_least_one

LONGEST_WINDOW = 18
"""Months of payments that can be shown (MA-03)."""
_AT_LEAST_ONE = (
    "page_rows",
    "export_rows",
    "draft_hours",
    "questions_a_day",
    "password_shortest",
    "password_days",
    "unused_days",
    "tries_login",
    "tries_address",
    "tries_browser",
    "tries_minutes",
)


@dataclass(frozen=True)
class MonCompteSettings(ServiceSettings):
    """Settings of the account, besides those of every service.

    Raises:
        WrongSetting: a value is outside what the service can do.
    """

    sensitive: bool = False
    """The account is older than the obligation of EC-09."""
    months: int = 10
    """How far back payments and activity are shown: ten months, up to 18 (MA-03)."""
    page_rows: int = 50
    """Rows of one page of a list."""
    export_rows: int = 10_000
    """Rows of one export; whoever has more narrows the dates."""
    draft_hours: int = 24
    """How long an order that was drawn up can be confirmed (MA-06)."""
    questions_a_day: int = 10
    """Messages that one person may send to the fund within 24 hours."""
    espacepro_url: str = "http://localhost:8009"
    """Where EspacePro tells who may act for whom; without a slash at its end."""
    espacepro_secret: str = field(default="", repr=False)
    """What this service is known by there; nobody acts for another without it."""
    password_cost: str = "scrypt:32768:8:1"  # noqa: S105 - the method and its cost, no password
    """How passwords are hashed, as `werkzeug.security.generate_password_hash` names it."""
    password_shortest: int = 12
    """Characters of a password, at least."""
    password_days: int = 182
    """After these it must be changed, to one never used before (domain, 6)."""
    unused_days: int = 182
    """An access that was not used for so long is blocked (domain, 6)."""
    tries_login: int = 10
    """Wrong passwords or codes for one login, from browsers that are not known, in a window."""
    tries_address: int = 40
    """Wrong passwords or codes from one network address, for any login, in a window."""
    tries_browser: int = 10
    """Wrong passwords from a browser in which this login was signed in before, in a window."""
    tries_minutes: int = 15
    """The window in which wrong tries are counted."""

    def __post_init__(self) -> None:
        if not 1 <= self.months <= LONGEST_WINDOW:
            raise WrongSetting(f"months must be 1 to {LONGEST_WINDOW}")
        at_least_one(self, *_AT_LEAST_ONE)
