"""A phone's side of an activation, written from docs/phone-protocol.md alone."""

import base64
import hashlib
import io
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import cbor2
import rfc8785
import zxingcpp
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jws
from joserfc.jwk import ECKey
from PIL import Image
from werkzeug.test import TestResponse

from idp.provider import Provider
from tests.conftest import DEV_SECRET
from tests.statements import Statements

KNOWN = "899700990015"
KNOWN_MAIL = "solene.margelle@exemple.test"
KNOWN_MOBILE = "+33639980001"
OTHER = "899700990023"
OTHER_MOBILE = "+33639980002"
NO_MOBILE = "899700990080"
NO_MAIL = "899700990098"
STRUCK_OFF = "899700990155"
ADELI = "0992800276"
UNKNOWN = "899700990304"
AAGUID = bytes.fromhex("656370732d73696d756c61746f720001")
DEV = {"Ecps-Dev-Secret": DEV_SECRET}


@dataclass
class Handset:
    """A device key, and the requests it signs."""

    client: FlaskClient
    issuer: str
    provider: Provider
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    ticket: str = ""

    def sign(self, path: str, **members: Any) -> bytes:
        payload = {
            "v": 1,
            "aud": self.issuer,
            "path": path,
            "iat": self.provider.clock.timestamp(),
            "request_id": base64.urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode(),
        } | members
        public = {n: self.key.as_dict(private=False)[n] for n in ("kty", "crv", "x", "y")}
        header = {"alg": "ES256", "typ": "ecps-request+jws", "jwk": public}
        return jws.serialize_compact(
            header, json.dumps(payload).encode(), self.key, ["ES256"]
        ).encode()

    def send(self, path: str, body: bytes, **options: Any) -> TestResponse:
        return self.client.post(path, data=body, content_type="application/jose", **options)

    def post(self, path: str, **members: Any) -> TestResponse:
        return self.send(path, self.sign(path, **members))

    def start(self, national_id: str = KNOWN) -> TestResponse:
        answer = self.post("/wallet/v1/enrolments", national_id=national_id, name="Téléphone")
        if answer.status_code == 202:
            self.ticket = answer.get_json()["ticket_id"]
        return answer

    def step(self, name: str, **members: Any) -> TestResponse:
        return self.post(f"/wallet/v1/enrolments/{self.ticket}/{name}", **members)

    def redeemed(self) -> dict[str, Any]:
        self.start()
        answer = self.step("redeem", token=last_token(self.client))
        assert answer.status_code == 200, answer.get_json()
        sms: dict[str, Any] = answer.get_json()["sms"]
        return sms

    def verified(self) -> dict[str, Any]:
        """The registration document."""
        self.redeemed()
        answer = self.step("verify", code=last_code(self.client))
        assert answer.status_code == 200, answer.get_json()
        document: dict[str, Any] = json.loads(
            jws.extract_compact(answer.get_json()["document"].encode()).payload
        )
        return document

    def activate(self, document: dict[str, Any]) -> TestResponse:
        return self.step(
            "activate", registration=registration(document), policy_version=1, push=None
        )


def handset(app: Flask) -> Handset:
    provider: Provider = app.extensions["ecps"]
    return Handset(app.test_client(), provider.settings.issuer, provider)


def outbox(client: FlaskClient, to: str = "", after: int = 0) -> list[dict[str, Any]]:
    answer = client.get("/dev/v1/outbox", query_string={"to": to, "after": after}, headers=DEV)
    assert answer.status_code == 200
    messages: list[dict[str, Any]] = answer.get_json()["messages"]
    return messages


def last_token(client: FlaskClient, to: str = KNOWN_MAIL) -> str:
    """What the phone's camera reads from the newest mail."""
    png = base64.b64decode(outbox(client, to)[-1]["payload"]["png"])
    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))
    return parse_qs(urlsplit(read.text).query)["t"][0]


def last_code(client: FlaskClient, to: str = KNOWN_MOBILE) -> str:
    code: str = outbox(client, to)[-1]["payload"]["code"]
    return code


def wrong(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 10**6:06}"


def registration(document: dict[str, Any]) -> dict[str, Any]:
    """`packed` self attestation of a new PIN key over a registration document."""
    key = ec.generate_private_key(ec.SECP256R1())
    numbers = key.public_key().public_numbers()
    statement = {
        "v": 1,
        "purpose": document["purpose"],
        "document": document,
        "decision": "register",
        "number": None,
    }
    client_data = json.dumps(
        {
            "type": "webauthn.create",
            "challenge": b64(hashlib.sha256(rfc8785.dumps(statement)).digest()),
            "origin": "ecps:ecps.simulation",
            "crossOrigin": False,
        }
    ).encode()
    cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
    credential_id = secrets.token_bytes(32)
    data = (
        hashlib.sha256(b"ecps.simulation").digest()
        + bytes([0x45])
        + bytes(4)
        + AAGUID
        + (32).to_bytes(2)
        + credential_id
        + cose
    )
    signature = key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
    attestation = cbor2.dumps(
        {"fmt": "packed", "attStmt": {"alg": -7, "sig": signature}, "authData": data}
    )
    return {
        "id": b64(credential_id),
        "rawId": b64(credential_id),
        "type": "public-key",
        "response": {
            "clientDataJSON": b64(client_data),
            "attestationObject": b64(attestation),
        },
        "clientExtensionResults": {},
    }


def b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def statements(provider: Provider, act: Any) -> list[str]:
    """The SQL that an act runs, without its values."""
    with Statements(provider) as seen:
        act()
    return seen
