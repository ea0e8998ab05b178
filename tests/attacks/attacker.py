"""What an attacker has in hand: an opened phone, a tapped wire, a copy of the database."""

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from joserfc.jwk import ECKey
from sqlalchemy import inspect, text
from werkzeug.test import TestResponse

from idp.provider import Provider
from tests.devices.helpers import Bench
from tests.devices.phone_driver import Driver, cose_key, payload_of
from tests.wallet.helpers import PIN, ask_signin
from wallet_sim.encoding import b64url, from_b64url
from wallet_sim.errors import PhoneError
from wallet_sim.file import State
from wallet_sim.keys import Kdf, derive_pin_key, pin_bytes
from wallet_sim.phone import Phone

Act = Callable[[], object]


@dataclass
class OpenedPhone(Driver):
    """The keys of a real phone, in hands that send what its application would not."""

    kdf: Kdf = field(default_factory=lambda: Kdf(10, 8, 1))
    document: str | None = None
    """While it enrols: the document that a new PIN key signs."""
    ticket_id: str = ""

    def pin_key(self, pin: str | None = None) -> ec.EllipticCurvePrivateKey:
        return derive_pin_key(pin_bytes(pin or self.pin), self.salt, self.kdf)

    def sign_enrolling(self, path: str, members: dict[str, Any]) -> str:
        """A request that carries its key: the phone has no name yet."""
        header = {"alg": "ES256", "typ": "ecps-request+jws", "jwk": self.jwk}
        return self.sign(path, members, header=header)


def open_phone(phone: Phone | Path, pin: str = PIN) -> OpenedPhone:
    """Take a phone's file apart."""
    path = phone if isinstance(phone, Path) else phone.file.path
    state = State.model_validate_json(path.read_text())
    opened = OpenedPhone(
        issuer=state.configuration.issuer,
        now=phone.clock.timestamp() if isinstance(phone, Phone) else 0,
        roll=state.roll,
        counter=state.counter,
        pin=pin,
        key=ECKey.import_key(state.device_key),
    )
    if state.identity is not None:
        opened.device_id = state.identity.device_id
    if state.enrolment is not None:
        opened.document, opened.ticket_id = state.enrolment.document, state.enrolment.ticket_id
    if state.credential is not None:
        kept = state.credential
        opened.salt, opened.credential_id = from_b64url(kept.salt), from_b64url(kept.credential_id)
        opened.kdf = Kdf(kept.log2_n, kept.r, kept.p)
    return opened


def code_of(response: TestResponse) -> str:
    """The code of a refusal, or the outcome."""
    body = response.get_json()
    return str(body.get("code") or body["outcome"])


def costs_nothing(bench: Bench, phone: Phone) -> None:
    """No try was taken, no alarm was raised: the owner signs in as if nothing had been."""
    device = bench.device(open_phone(phone))
    assert (device.state, device.failures, device.lifetime_failures) == ("active", 0, 0)
    assert phone.approve(PIN, ask_signin(bench.app).number).failures_since_success == 0


def traces_of(key: ec.EllipticCurvePrivateKey) -> set[bytes]:
    """Every form in which a PIN key, or a test for it, might have been left behind."""
    numbers = key.private_numbers()
    point = numbers.public_numbers
    integers = (numbers.private_value, point.x, point.y)
    x, y = point.x.to_bytes(32), point.y.to_bytes(32)
    jwk: dict[str, Any] = {"kty": "EC", "crv": "P-256", "x": b64url(x), "y": b64url(y)}
    hashed = [hashlib.sha256(form).digest() for form in (x, b"\x04" + x + y, cose_key(key))]
    thumbprint = from_b64url(ECKey.import_key(jwk).thumbprint())
    raw = [each.to_bytes(32) for each in integers] + [*hashed, thumbprint]
    traces = {str(each).encode() for each in integers}
    for each in raw:
        traces |= {each, each.hex().encode(), base64.b64encode(each), b64url(each).encode()}
    return traces


def everything_in(folder: Path) -> bytes:
    """All that is kept below a folder, names included."""
    return b"\n".join(
        str(each).encode() + b"\n" + each.read_bytes()
        for each in sorted(folder.rglob("*"))
        if each.is_file()
    )


def dump_of(provider: Provider) -> list[Any]:
    """Each value of each row of the whole database, as a copy of it would show them."""
    engine = provider.store.engine
    with engine.connect() as connection:
        return [
            bytes(value) if isinstance(value, memoryview) else value
            for table in sorted(inspect(engine).get_table_names())
            for row in connection.execute(text(f'SELECT * FROM "{table}"'))
            for value in row
        ]


def as_bytes(value: Any) -> bytes:
    """A value of a row, to be searched."""
    if isinstance(value, bytes):
        return value
    return json.dumps(value).encode() if isinstance(value, dict | list) else str(value).encode()


class Tap(httpx.BaseTransport):
    """A wire that keeps what goes over it."""

    def __init__(self, app: Flask) -> None:
        self._inner = httpx.WSGITransport(app=app)
        self.requests: list[tuple[str, bytes]] = []
        self.answers: list[bytes] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.requests.append((request.url.path, request.content))
        response = self._inner.handle_request(request)
        self.answers.append(response.read())
        return response

    def sent(self, ending: str) -> list[dict[str, Any]]:
        """The payloads of the requests whose path ends so."""
        return [payload_of(body.decode()) for path, body in self.requests if path.endswith(ending)]

    def shown(self) -> bytes:
        """What the provider told, its signed documents opened."""
        told = b"\n".join(self.answers)
        segments = told.replace(b'"', b".").split(b".")
        return told + b"\n".join(_decoded(segments))


def _decoded(segments: list[bytes]) -> Iterator[bytes]:
    for segment in segments:
        if segment.startswith(b"eyJ"):
            yield from_b64url(segment.decode())


class Together(httpx.BaseTransport):
    """A network on which the answers of several phones arrive at one moment."""

    def __init__(self, app: Flask, barrier: threading.Barrier) -> None:
        self._inner = httpx.WSGITransport(app=app)
        self._barrier = barrier

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(("/answer", "/pin-change/begin")):
            self._barrier.wait(timeout=60)
        return self._inner.handle_request(request)


def at_once(acts: list[Act]) -> list[str]:
    """Do all of it at one moment, each in its own thread; gives the codes of the refusals."""

    def code_of(act: Act) -> str:
        try:
            act()
        except PhoneError as refusal:
            return refusal.code
        return "approved"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(code_of, acts))
