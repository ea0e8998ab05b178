"""Telling a service that a session ended (OpenID Connect Back-Channel Logout 1.0).

The logout token is made at each sending, never stored: a retry is as fresh as the first try, and
its `jti` is its own, so that a service which acted and whose answer was lost is not told of a
replay.
"""

import uuid
from typing import Any
from urllib.parse import urlencode

from idp.oauth.tokens.signing import Use, sign_for
from idp.outbox.client_calls import address_of, call
from idp.outbox.delivery import Delivery, NotDeliverable
from idp.provider import Provider
from idp.store.clients import find_client
from idp.store.models import Client

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TYP = "logout+jwt"
BACKCHANNEL_LOGOUT_URI = "backchannel_logout_uri"
"""Client option: where it is told that a session ended (2.2)."""
_SUCCESS = (200, 204)


def deliver_logout(provider: Provider, delivery: Delivery) -> None:
    """POST a logout token to the address that the client has registered now (2.5).

    Raises:
        NotDeliverable: the client is told no more, its address is not allowed, or it refused:
            any answer but 200 and 204 says that nothing was ended (2.8).
        TryLater: the client is away or busy.
    """
    client, uri = _registered(provider, delivery.recipient)
    status = call(
        provider,
        address_of(provider, client, uri),
        client=client,
        content=urlencode({"logout_token": logout_token(provider, client, delivery)}).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    if status not in _SUCCESS:
        raise NotDeliverable(f"http {status}")


def logout_token(provider: Provider, client: Client, delivery: Delivery) -> str:
    """Compose and sign a logout token (2.4): never a `nonce`, so that it is no ID token.

    It is signed as the client's ID tokens are, and not encrypted: it names no person but by `sub`.
    """
    now = provider.clock.timestamp()
    claims: dict[str, Any] = {
        "iss": provider.settings.issuer,
        "sub": delivery.payload["sub"],
        "aud": delivery.recipient,
        "iat": now,
        "exp": now + int(provider.settings.logout_token_lifetime.total_seconds()),
        "jti": str(uuid.uuid4()),
        "sid": delivery.payload["sid"],
        "events": {EVENT: {}},
    }
    return sign_for(provider, client, claims, Use.ID_TOKEN, typ=TYP)


def _registered(provider: Provider, client_id: str) -> tuple[Client, str]:
    with provider.store.read() as db:
        client = find_client(db, client_id)
    uri = client.options.get(BACKCHANNEL_LOGOUT_URI) if client is not None else None
    if client is None or not isinstance(uri, str):
        raise NotDeliverable("the client registers no address any more")
    return client, uri
