"""What every service must know to trust the provider and to keep its sessions."""

from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

MEANS = frozenset({"CARD", "MOBILE", "WEBAUTHN"})
"""Values of `authMode`: every means of the provider."""


@dataclass(frozen=True)
class SessionLimits:
    """When a sign-in here is cut (domain, 0.3)."""

    idle: timedelta | None
    """Since it was used last; none where only the absolute limit counts."""
    absolute: timedelta
    """Since it began."""
    warning: timedelta = timedelta(minutes=5)
    """Before the cut, the page warns and offers to go on (RGAA 13.1)."""


LIMITS = {
    "2007": SessionLimits(idle=None, absolute=timedelta(hours=2)),
    "recent": SessionLimits(idle=timedelta(hours=1), absolute=timedelta(hours=4)),
}
"""By the name of the setting (MA-07): as in 2007, and as the portal of today does."""


@dataclass(frozen=True)
class ServiceSettings:
    """What a service must know; a service with more to know extends it."""

    issuer: str
    client_id: str
    client_secret: str
    base_url: str
    """Public address of this service, without a slash at its end."""
    database_url: str
    """SQLAlchemy address of this service's own database."""
    means: frozenset[str] = MEANS
    """By which a person may sign in here."""
    limits: SessionLimits = field(default_factory=lambda: LIMITS["recent"])
    sensitive: bool = True
    """A sensitive service takes no password (EC-09)."""
    timeout: float = 10.0
    """Seconds that the provider may take to answer."""
    smtp_url: str = ""
    """`smtp://host:port`: where mails are handed over; kept in the database alone without it."""
    sender: str = "ne-pas-repondre@simulation.test"

    def cookie(self, name: str) -> str:
        """Name of a cookie: browsers do not tell the ports of a host apart (decision 4)."""
        return f"{name}_{urlsplit(self.base_url).port or 'default'}"
