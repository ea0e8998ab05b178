"""Services registered at a real provider, as `relying_services.registrations` tells them."""

from typing import Any

from relying_services.registrations import REGISTRATIONS
from wallet_sim.harness.psc import Psc

PORT_BASE = 8000


def registered(psc: Psc, client_id: str, **changes: Any) -> dict[str, Any]:
    """Register a service; gives the settings by which it trusts the provider."""
    [found] = [each for each in REGISTRATIONS if each.client_id == client_id]
    metadata = found.at(PORT_BASE) | changes
    client = psc.client(metadata.pop("client_id"), metadata.pop("redirect_uris"), **metadata)
    return {
        "issuer": psc.issuer,
        "client_id": client_id,
        "client_secret": client.client_secret,
        "base_url": f"http://localhost:{PORT_BASE + found.offset}",
    }
