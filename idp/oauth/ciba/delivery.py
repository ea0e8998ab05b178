"""Calling a client whose request ended: ping and push (OpenID Connect CIBA Core 1.0, 10.2, 10.3).

Its notification endpoint gets the bearer token that the client chose. An answer of the 2xx class
is one, whatever stands in it; any other, a redirect among them, is never followed or asked again.
A client that is away or busy is called again by the outbox.
"""

import json
from dataclasses import dataclass
from typing import Any

from idp.keys.sealing import SealBroken
from idp.oauth.ciba.pushed_tokens import answer_of_push
from idp.oauth.ciba.start import CALLBACK_SEAL
from idp.oauth.clients.registered import CIBA, RegisteredClient
from idp.outbox.client_calls import address_of, call
from idp.outbox.delivery import Delivery, NotDeliverable
from idp.provider import Provider
from idp.store.backchannel import AskedSignIn, find_asked

_SUCCESS = range(200, 300)


@dataclass(frozen=True)
class Callback:
    """What a client is called with."""

    auth_req_id: str
    notification_token: str


def deliver_backchannel(provider: Provider, delivery: Delivery) -> None:
    """POST a ping, or the outcome itself, to the address that the client has registered now.

    Raises:
        NotDeliverable: the client is called no more, its address is not allowed, or it refused.
        TryLater: the client is away or busy.
    """
    asked = _asked(provider, delivery)
    callback = _callback(provider, asked)
    endpoint = _endpoint(asked)
    address = address_of(provider, asked.client, endpoint)
    content: dict[str, Any] | None = {"auth_req_id": callback.auth_req_id}
    if asked.request.delivery == "push":
        content = answer_of_push(provider, delivery, callback.auth_req_id)
    if content is None:
        return
    status = call(
        provider,
        address,
        client=asked.client,
        content=json.dumps(content).encode(),
        headers={
            "Content-Type": "application/json",
            "Authorization": f"Bearer {callback.notification_token}",
        },
    )
    if status not in _SUCCESS:
        raise NotDeliverable(f"http {status}")


def _asked(provider: Provider, delivery: Delivery) -> AskedSignIn:
    with provider.store.read() as db:
        asked = find_asked(db, bytes.fromhex(delivery.payload["auth_req_id_hash"]))
    if asked is None:
        raise NotDeliverable("the request is gone")
    return asked


def _endpoint(asked: AskedSignIn) -> str:
    client = RegisteredClient(asked.client)
    endpoint = client.backchannel_client_notification_endpoint
    is_told = client.backchannel_token_delivery_mode == asked.request.delivery
    may_ask = asked.client.disabled_at is None and client.check_grant_type(CIBA)
    if endpoint is None or not is_told or not may_ask:
        raise NotDeliverable("the client is not called any more")
    return endpoint


def _callback(provider: Provider, asked: AskedSignIn) -> Callback:
    try:
        opened = provider.sealer.open(asked.request.callback_sealed or b"", purpose=CALLBACK_SEAL)
    except SealBroken as error:
        raise NotDeliverable("sealed under another master key") from error
    told = json.loads(opened)
    return Callback(told["auth_req_id"], told["client_notification_token"])
