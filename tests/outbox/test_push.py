"""Web Push (RFC 8030, 8291, 8292; decision 27; measured 12)."""

import base64
import json
import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey

from idp.outbox.queue import enqueue_push
from idp.provider import Provider
from idp.store.models import Device
from idp.worker.dispatcher import drain
from tests.outbox.helpers import advance, messages
from tests.outbox.servers import HttpServer, http_server


@pytest.fixture
def service() -> Iterator[HttpServer]:
    with http_server() as server:
        yield server


class Receiver:
    def __init__(self, endpoint: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.auth = secrets.token_bytes(16)
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.subscription = {
            "endpoint": endpoint,
            "keys": {"p256dh": _b64(point), "auth": _b64(self.auth)},
        }

    def open(self, body: bytes) -> Any:
        return json.loads(
            http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth, version="aes128gcm")
        )


def _b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def queue(provider: Provider, subscription: dict[str, Any]) -> None:
    with provider.store.begin() as db:
        enqueue_push(
            provider, db, device_id="appareil", subscription=subscription, handle="poignée"
        )


def test_the_phone_receives_a_handle_and_nothing_else(both: Provider, service: HttpServer) -> None:
    receiver = Receiver(service.url)
    queue(both, receiver.subscription)
    assert drain(both, "push") == 1
    (request,) = service.requests
    assert receiver.open(request["body"]) == {"h": "poignée"}
    assert request["headers"]["Content-Encoding"] == "aes128gcm"
    assert 55 <= int(request["headers"]["TTL"]) <= 60
    assert messages(both)[0].state == "sent"


def test_the_push_is_signed_by_the_key_that_phones_subscribe_with(
    both: Provider, service: HttpServer
) -> None:
    """RFC 8292."""
    queue(both, Receiver(service.url).subscription)
    drain(both, "push")
    authorization = service.requests[0]["headers"]["Authorization"]
    token = authorization.removeprefix("vapid t=").split(",k=")[0]
    public = ECKey.import_key(both.keyring.active("vapid").row.public_jwk)
    claims = jwt.decode(token, public, ["ES256"]).claims
    assert claims["aud"] == f"http://localhost:{service.port}"
    assert claims["sub"] == both.settings.vapid_subject
    assert 0 < claims["exp"] - both.clock.timestamp() <= 86400


def test_a_push_is_not_tried_beyond_its_challenge(both: Provider, service: HttpServer) -> None:
    """Decision 27: never retried forever."""
    service.statuses = [503] * 20
    queue(both, Receiver(service.url).subscription)
    for _ in range(12):
        drain(both, "push")
        advance(both, timedelta(seconds=10))
    (message,) = messages(both)
    assert message.state == "failed"
    assert len(service.requests) <= 6


@pytest.mark.parametrize("status", [404, 410])
def test_an_address_that_is_gone_is_dropped_from_the_device(
    both: Provider, service: HttpServer, status: int
) -> None:
    receiver, now = Receiver(service.url), both.clock.now()
    with both.store.begin() as db:
        db.add(device(receiver.subscription, now))
    service.statuses = [status]
    queue(both, receiver.subscription)
    drain(both, "push")
    with both.store.read() as db:
        held = db.get(Device, "appareil")
    assert held is not None
    assert held.push is None
    assert messages(both)[0].state == "failed"


def test_an_address_the_phone_changed_meanwhile_is_kept(
    both: Provider, service: HttpServer
) -> None:
    old, new = Receiver(service.url), Receiver(service.url + "/nouveau")
    with both.store.begin() as db:
        db.add(device(new.subscription, both.clock.now()))
    service.statuses = [410]
    queue(both, old.subscription)
    drain(both, "push")
    with both.store.read() as db:
        held = db.get(Device, "appareil")
    assert held is not None
    assert held.push == new.subscription


def test_a_redirect_is_not_followed(provider: Provider, service: HttpServer) -> None:
    """Decision 27."""
    service.statuses, service.location = [307], service.url + "/ailleurs"
    queue(provider, Receiver(service.url).subscription)
    drain(provider, "push")
    assert len(service.requests) == 1
    assert messages(provider)[0].state == "failed"


@pytest.mark.parametrize(
    "endpoint", ["http://169.254.169.254/", "https://push.ailleurs.test/x", "file:///etc/passwd"]
)
def test_an_address_out_of_the_allow_list_is_never_called(
    provider: Provider, endpoint: str
) -> None:
    """Decision 27: also one that came into the database some other way."""
    queue(provider, Receiver(endpoint).subscription)
    drain(provider, "push")
    (message,) = messages(provider)
    assert message.state == "failed"
    assert endpoint not in (message.error or "")


@pytest.mark.parametrize("keys", [{"p256dh": "AA", "auth": "AA"}, {"p256dh": "é"}, {}])
def test_malformed_keys_fail_for_good(
    provider: Provider, service: HttpServer, keys: dict[str, str]
) -> None:
    queue(provider, {"endpoint": service.url, "keys": keys})
    drain(provider, "push")
    assert messages(provider)[0].state == "failed"
    assert service.requests == []


def device(push: dict[str, Any], now: Any) -> Device:
    return Device(
        device_id="appareil",
        national_id="899700990015",
        name="Téléphone",
        state="active",
        device_jwk={},
        device_thumbprint="t",
        credential_id="c",
        pin_key_sealed=b"",
        policy_version=1,
        roll_hash=b"",
        push=push,
        created_at=now,
        expires_at=now + timedelta(days=1),
    )
