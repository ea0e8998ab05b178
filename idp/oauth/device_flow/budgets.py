"""How many devices may wait: whoever knows a public client can let devices wait in its name."""

from flask import request
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.networks import factor_of, site_of
from idp.oauth.clients.registered import RegisteredClient
from idp.oauth.throttled import TooManyRequests
from idp.provider import Provider
from idp.store.throttle import count_event


def count_device(provider: Provider, db: Session, client: RegisteredClient) -> None:
    """Count a device that is to wait, for the public client and the network it comes from.

    Each code that waits makes guessing easier (RFC 8628, 5.1), and each is a row. A client that
    proves who it is answers for its own.

    Raises:
        TooManyRequests: the limit of this network is reached.
    """
    if not client.is_public:
        return
    settings, now, address = provider.settings, provider.clock.now(), request.remote_addr
    limit = settings.device_requests_per_address * factor_of(settings.address_limits, address)
    key = f"device:{client.client_id}:{site_of(address)}"
    counted = count_event(db, key, window=settings.device_codes_window, now=now)
    if counted == limit + 1:
        record(db, Event.DEVICE_THROTTLED, now=now, success=False, client_id=client.client_id)
    if counted > limit:
        raise TooManyRequests(
            "Too many devices of this client wait: try again later.", settings.device_codes_window
        )
