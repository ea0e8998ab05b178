"""What every service must know to trust the provider and to keep its sessions."""

from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

MEANS = frozenset({"CARD", "MOBILE", "WEBAUTHN"})
"""Values of `authMode`: every means of the provider."""
PASSWORD = "PASSWORD"  # noqa: S105 - the name of a means
"""Who came by a password of the service's own, where it takes any (EC-09)."""


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


class WrongSetting(ValueError):
    """A setting that a service does not start with; the message says what to change."""


class SensitiveTakesNoPassword(WrongSetting):
    """Settings with which a sensitive service would take a password (EC-09)."""


@dataclass(frozen=True)
class ServiceSettings:
    """What a service must know; a service with more to know extends it."""

    issuer: str
    """Address of the provider, as its tokens name it."""
    client_id: str
    """What the provider knows this service by."""
    client_secret: str = field(repr=False)
    """By which this service proves itself there; its cookies are signed with a key made of it."""
    base_url: str
    """Public address of this service, without a slash at its end."""
    database_url: str = field(repr=False)
    """SQLAlchemy address of this service's own database."""
    means: frozenset[str] = MEANS
    """By which a person may sign in here."""
    limits: SessionLimits = field(default_factory=lambda: LIMITS["recent"])
    """When a sign-in here is cut: `2007` or `recent` (MA-07)."""
    sensitive: bool = True
    """A sensitive service takes no password (EC-09)."""
    password_access: bool = False
    """Whether who has a password of the service's own may sign in with it."""
    timeout: float = 10.0
    """Seconds that the provider may take to answer."""
    smtp_url: str = ""
    """`smtp://host:port`: where mails are handed over; kept in the database alone without it."""
    sender: str = "ne-pas-repondre@simulation.test"
    """From whom mails come."""
    trusted_proxies: int = 0
    """Proxies before it that add to X-Forwarded-For; without any the header is not looked at."""

    def check(self) -> None:
        """Hold the settings to what binds every service; done when one is made.

        Raises:
            SensitiveTakesNoPassword: a password would open a sensitive service.
            WrongSetting: there cannot be fewer proxies than none.
        """
        if self.trusted_proxies < 0:
            raise WrongSetting("trusted_proxies must be 0 or more")
        if self.sensitive and self.password_access:
            raise SensitiveTakesNoPassword(
                f"{self.client_id} is sensitive and takes no password (EC-09): leave out "
                "password_access, or say sensitive=False where the service is not"
            )

    def cookie(self, name: str) -> str:
        """Name of a cookie of this service."""
        return cookie_name(name, self.base_url)


def cookie_name(name: str, base_url: str) -> str:
    """Name of a cookie: browsers do not tell the ports of a host apart (decision 4)."""
    return f"{name}_{urlsplit(base_url).port or 'default'}"


def at_least_one(settings: ServiceSettings, *names: str) -> None:
    """Hold settings to numbers from 1 on.

    Raises:
        WrongSetting: the first that is less.
    """
    for name in names:
        if getattr(settings, name) < 1:
            raise WrongSetting(f"{name} must be 1 or more")
