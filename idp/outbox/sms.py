"""SMS by a documented HTTP adapter (`docs/sms-adapter.md`)."""

import httpx

from idp.outbox.delivery import Delivery, NoCarrier, NotDeliverable, TryLater
from idp.provider import Provider

_TOO_MANY_REQUESTS = 429


def deliver_sms(provider: Provider, delivery: Delivery) -> None:
    """POST `{to, text, id}` to the adapter, with its bearer token.

    Raises:
        NoCarrier: no adapter is configured.
        NotDeliverable: the adapter answered 3xx or 4xx.
        TryLater: it is away, or answered 5xx or 429.
    """
    settings = provider.settings
    if not settings.sms_url:
        raise NoCarrier("no sms_url is configured")
    body = {
        "to": delivery.recipient,
        "text": delivery.payload["text"],
        "id": str(delivery.message_id),
    }
    token = settings.sms_token.get_secret_value()
    try:
        answer = httpx.post(
            settings.sms_url,
            json=body,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=settings.carrier_timeout.total_seconds(),
            follow_redirects=False,
        )
    except httpx.HTTPError as error:
        raise TryLater(f"sms adapter: {type(error).__name__}") from error
    if answer.is_success:
        return
    if answer.is_server_error or answer.status_code == _TOO_MANY_REQUESTS:
        raise TryLater(f"sms adapter: http {answer.status_code}")
    raise NotDeliverable(f"sms adapter: http {answer.status_code}")
