"""A client that is sent its tokens, and what it is sent."""

import json
from typing import Any

from idp.provider import Provider
from idp.store.models import OutboxMessage
from tests.ciba.helpers import (
    NOTIFICATION_TOKEN,
    CibaService,
    queued,
)
from tests.outbox.servers import HttpServer


def push_metadata(url: str) -> dict[str, Any]:
    return {
        "development": True,
        "backchannel_token_delivery_mode": "push",
        "backchannel_client_notification_endpoint": url,
    }


def begin(client: CibaService, **changes: Any) -> str:
    begun = client.begin(client_notification_token=NOTIFICATION_TOKEN, **changes)
    assert "interval" not in begun  # 7.3: of no meaning in push
    return str(begun["auth_req_id"])


def sent(receiver: HttpServer) -> dict[str, Any]:
    """The one answer that was sent."""
    (request,) = receiver.requests
    assert request["headers"]["Content-Type"] == "application/json"
    assert request["headers"]["Authorization"] == f"Bearer {NOTIFICATION_TOKEN}"
    return dict(json.loads(request["body"]))


def first_message(provider: Provider) -> OutboxMessage:
    """What an end queued; the other waits for the request to lapse."""
    told = [message for message in queued(provider, "ciba") if message.due_at is not None]
    return max(told, key=lambda message: message.id)
