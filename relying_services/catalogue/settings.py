"""What the catalogue can be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from relying_services.registrations import Registration
from relying_services.service.settings import ServiceSettings


@dataclass(frozen=True)
class CatalogueSettings(ServiceSettings):
    """Settings of the catalogue, besides those of every service."""

    addresses: Mapping[str, str] = field(default_factory=dict)
    """Public address of a service, by its `client_id`; beside the catalogue's own port by default
    (decision 4)."""

    def address_of(self, registration: Registration, own_offset: int) -> str | None:
        """Where a service is; None where neither a setting nor a port tells it.

        Args:
            registration: of the service.
            own_offset: of the catalogue's port from the base.
        """
        told = self.addresses.get(registration.client_id)
        own = urlsplit(self.base_url)
        if told or own.port is None:
            return told
        return f"{own.scheme}://{own.hostname}:{own.port - own_offset + registration.offset}"
