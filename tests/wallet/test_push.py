"""Receiving Web Push: RFC 8030, 8291, 8292 (decision 27)."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from py_vapid import Vapid02
from pywebpush import WebPusher

from idp.outbox.reading import read_outbox
from idp.provider import Provider
from tests.wallet.helpers import Network, ask_signin, new_phone
from wallet_sim.encoding import b64url
from wallet_sim.errors import PushRefused
from wallet_sim.phone import Phone
from wallet_sim.push import PushSubscription
from wallet_sim.receiver import Receiver

ORIGIN = "http://localhost:8002"
NOW = 1_800_000_000


class StoppedClock:
    def timestamp(self) -> int:
        return NOW


class Sender:
    """A push sender with its VAPID key."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())

    @property
    def vapid(self) -> str:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return b64url(point)

    def headers(self, aud: str = ORIGIN, exp: int = NOW + 3600) -> dict[str, str]:
        claims = {"aud": aud, "exp": exp, "sub": "mailto:a@b.test"}
        signed = Vapid02(self.key).sign(claims)["Authorization"]
        return {"content-encoding": "aes128gcm", "authorization": signed}


def encrypt(subscription: PushSubscription, data: Any) -> bytes:
    content = WebPusher(subscription.as_json()).encode(json.dumps(data).encode())["body"]
    assert isinstance(content, bytes)
    return content


@pytest.fixture
def subscription() -> PushSubscription:
    return PushSubscription(ORIGIN, StoppedClock())


def test_genuine_push_gives_its_handle(subscription: PushSubscription) -> None:
    sender = Sender()
    body = encrypt(subscription, {"h": "handle"})
    assert subscription.open(body, sender.headers(), sender.vapid) == "handle"


def test_push_of_another_sender_is_refused(subscription: PushSubscription) -> None:
    sender, stranger = Sender(), Sender()
    body = encrypt(subscription, {"h": "handle"})
    with pytest.raises(PushRefused):
        subscription.open(body, stranger.headers(), sender.vapid)
    forged = stranger.headers()
    forged["authorization"] = forged["authorization"].replace(stranger.vapid, sender.vapid)
    with pytest.raises(PushRefused):
        subscription.open(body, forged, sender.vapid)


@pytest.mark.parametrize(
    "changes", [{"aud": "http://localhost:9999"}, {"exp": NOW}, {"exp": NOW - 1}]
)
def test_push_for_another_receiver_or_time_is_refused(
    subscription: PushSubscription, changes: dict[str, Any]
) -> None:
    sender = Sender()
    body = encrypt(subscription, {"h": "handle"})
    with pytest.raises(PushRefused):
        subscription.open(body, sender.headers(**changes), sender.vapid)


@pytest.mark.parametrize("authorization", ["", "Bearer x", "vapid", "vapid t=,k=", "vapid t=a.b.c"])
def test_push_without_a_sender_is_refused(
    subscription: PushSubscription, authorization: str
) -> None:
    headers = {"content-encoding": "aes128gcm", "authorization": authorization}
    with pytest.raises(PushRefused):
        subscription.open(encrypt(subscription, {"h": "x"}), headers, Sender().vapid)


def test_push_that_cannot_be_opened_is_refused(subscription: PushSubscription) -> None:
    sender, other = Sender(), PushSubscription(ORIGIN, StoppedClock())
    good = encrypt(subscription, {"h": "handle"})
    flipped = good[:-1] + bytes([good[-1] ^ 1])
    for body in (
        b"",
        b"short",
        good[:40],
        flipped,
        bytes(5000),
        encrypt(other, {"h": "handle"}),
        encrypt(subscription, {"other": 1}),
        encrypt(subscription, ["h"]),
    ):
        with pytest.raises(PushRefused):
            subscription.open(body, sender.headers(), sender.vapid)
    with pytest.raises(PushRefused):
        subscription.open(good, sender.headers() | {"content-encoding": "aesgcm"}, sender.vapid)


def test_phone_hears_what_its_provider_sends(app: Flask, phone: Phone, provider: Provider) -> None:
    """The provider's own queue, its own key; the payload is a handle and nothing else."""
    receiver = Receiver(phone, ORIGIN)
    receiver.subscribe()
    ask_signin(app)
    identity = phone.status().identity
    queued = read_outbox(provider, recipients=[identity.device_id])[-1]
    assert queued["payload"]["subscription"] == receiver.subscription.as_json()
    body = encrypt(receiver.subscription, {"h": queued["payload"]["handle"]})
    key = provider.keyring.active("vapid").key.private_key
    claims = {"aud": ORIGIN, "exp": provider.clock.timestamp() + 60, "sub": "mailto:a@b.test"}
    headers = {
        "content-encoding": "aes128gcm",
        "authorization": str(Vapid02(key).sign(claims)["Authorization"]),
    }
    receiver.receive(body, headers)
    assert receiver.count == 1
    assert receiver.wait(0, after=0) == 1
    assert phone.pending()


def test_phone_without_provider_hears_nothing(phone: Phone) -> None:
    receiver = Receiver(phone, ORIGIN)
    with pytest.raises(PushRefused):
        receiver.receive(b"", {})
    assert receiver.count == 0


def test_phone_enrolled_by_another_process_is_subscribed_once(
    phone: Phone, network: Network
) -> None:
    receiver = Receiver(phone, ORIGIN)
    network.paths.clear()
    receiver.keep_subscribed()
    receiver.keep_subscribed()
    assert network.paths.count("/wallet/v1/push") == 1


def test_empty_phone_subscribes_nothing(app: Flask, tmp_path: Path) -> None:
    receiver = Receiver(new_phone(app, tmp_path), ORIGIN)
    receiver.keep_subscribed()
    assert receiver.count == 0
